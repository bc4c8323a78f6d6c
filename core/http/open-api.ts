// Describes every route for programs, as OpenAPI 3.1. Made once, when somebody asks. Called by standard.ts.
import { z } from 'zod'
import type { Route } from './route.ts'

const faultSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'detail', 'means', 'todo'],
      properties: {
        code: { type: 'string' },
        detail: { type: 'string' },
        means: { type: 'string' },
        todo: { type: 'string' },
      },
    },
  },
}

export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operationOf(route)
    if (route.alsoForm) paths[path]['post'] = formOperationOf(route)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Plimsoll', version, license: { name: 'Apache-2.0' } },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        password: { type: 'http', scheme: 'basic', description: 'any name, and a token as the password' },
      },
      schemas: { Fault: faultSchema },
    },
    paths,
  }
}

function operationOf(route: Route): object {
  const { method, summary, body, scope } = route
  return {
    summary,
    ...(scope === 'open' ? {} : { security: [{ token: [] }, { password: [] }], 'x-scope': scope }),
    parameters: [...paramsOf(route), ...queryOf(route)],
    ...(body === undefined || method === 'GET' ? {} : { requestBody: requestOf(body) }),
    responses: responsesOf(route),
  }
}

function formOperationOf(route: Route): object {
  const schema = route.query === undefined ? { type: 'object' } : schemaOf(route.query, 'input')
  const content = { 'application/x-www-form-urlencoded': { schema } }
  return { ...operationOf(route), parameters: paramsOf(route), requestBody: { content } }
}

function responsesOf({ answer, failure }: Route): object {
  const schema = failure === undefined ? { $ref: '#/components/schemas/Fault' } : { type: 'object' }
  const good = answer === undefined ? {} : { content: jsonContent(schemaOf(answer, 'output')) }
  return {
    '2XX': { description: 'done', ...good },
    default: { description: 'refused', content: jsonContent(schema) },
  }
}

const requestOf = (body: Exclude<Route['body'], undefined>): object =>
  body === 'bytes'
    ? { content: { 'application/octet-stream': {} } }
    : { required: true, content: jsonContent(schemaOf(body, 'input')) }

const jsonContent = (schema: object): object => ({ 'application/json': { schema } })

const paramsOf = ({ path }: Route): object[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

function queryOf({ query }: Route): object[] {
  if (query === undefined) return []
  const schema = askedOf(query)
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    ...(property.description === undefined ? {} : { description: property.description }),
    schema: property,
  }))
}

type Asked = Readonly<{
  properties?: Readonly<Record<string, { description?: string }>>
  required?: readonly string[]
  // What is said besides; nothing where it is ignored.
  additionalProperties?: object | boolean
}>

// What may be said in a query.
export const askedOf = (query: z.ZodType): Asked => schemaOf(query, 'input') as Asked

// A transform has no JSON schema of its own; its input may still have one.
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return plain
}
