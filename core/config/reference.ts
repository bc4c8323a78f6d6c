// What can be configured, as documents: the table of docs/configuration.md and the JSON schema for editors, both
// made from the schema so that neither can drift. Called by docs/generate.ts and by open.ts for what needs a restart.
import { z } from 'zod'
import { configSchema, type RoomSchemas } from './schema.ts'

export type ConfigKey = Readonly<{
  path: string
  kind: string
  description: string
  default?: unknown
  restart: boolean
  required: boolean
  secret: boolean
  options: readonly ConfigKey[]
}>

type Node = Readonly<{
  type?: string
  kind?: string
  description?: string
  default?: unknown
  restart?: boolean
  secret?: boolean
  pattern?: string
  enum?: readonly unknown[]
  anyOf?: readonly Node[]
  items?: Node
  additionalProperties?: Node | boolean
  properties?: Readonly<Record<string, Node>>
  required?: readonly string[]
}>

const schemaOf = (rooms: RoomSchemas | undefined): Node =>
  z.toJSONSchema(configSchema(rooms), { io: 'input' }) as Node

// Every key that holds a value, in the order of the schema.
export function configKeys(rooms?: RoomSchemas): ConfigKey[] {
  return keysIn(schemaOf(rooms), '')
}

// The same of a schema of settings that stands elsewhere.
export const schemaKeys = (schema: z.ZodType): ConfigKey[] =>
  keysIn(z.toJSONSchema(schema, { io: 'input' }) as Node, '')

function keysIn(node: Node, above: string): ConfigKey[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, one]) => {
    const path = above === '' ? name : `${above}.${name}`
    const isRequired = node.required?.includes(name) ?? false
    return one.properties === undefined ? [keyOf(one, path, isRequired)] : keysIn(one, path)
  })
}

function keyOf(node: Node, path: string, required: boolean): ConfigKey {
  const { description = '', restart = false, secret = false } = node
  // One of its forms may be a map with keys of its own: `inputs.cpu` is true, false, or options.
  const options = node.anyOf?.flatMap(form => keysIn(form, path)) ?? []
  return {
    path,
    kind: kindOf(node),
    description,
    restart,
    required,
    secret,
    options,
    ...(node.default === undefined ? {} : { default: node.default }),
  }
}

function kindOf(node: Node): string {
  if (node.kind !== undefined) return node.kind
  if (node.enum !== undefined) return node.enum.map(String).join(' \\| ')
  if (node.anyOf !== undefined) return node.anyOf.map(kindOf).join(', or ')
  if (node.type === 'array') return `list of ${kindOf(node.items ?? {})}`
  if (node.type === 'boolean') return 'true \\| false'
  if (node.type === 'string') return 'text'
  return node.type === 'object' ? 'map' : (node.type ?? 'anything')
}

// For the editor's YAML language server. Our own marks stay out of it, and `${…}` may stand for any value.
export function editorSchemaText(rooms?: RoomSchemas): string {
  const schema = { title: 'plimsoll.yml', ...editorNode(schemaOf(rooms)) }
  return `${JSON.stringify(schema, null, 2)}\n`
}

const placeholder: Node = { type: 'string', pattern: '\\$\\{' }
const plainText = new Set(['kind', 'description', 'type', 'default', 'restart', 'minLength'])

function editorNode(node: Node): Node {
  const { kind: _kind, restart: _restart, secret: _secret, description, ...rest } = node
  const words = description === undefined ? {} : { description }
  if (rest.type === 'object') return { ...words, ...rest, ...insideOf(rest) }
  if (rest.type === 'array') return { ...words, ...rest, items: editorNode(rest.items ?? {}) }
  if (rest.type === 'string' && Object.keys(node).every(key => plainText.has(key))) {
    return { ...words, ...rest }
  }
  const { default: standard, anyOf, ...one } = rest
  const choices = anyOf === undefined ? [one] : anyOf.map(editorNode)
  return {
    ...words,
    ...(standard === undefined ? {} : { default: standard }),
    anyOf: [...choices, placeholder],
  }
}

function insideOf({ properties, additionalProperties: others }: Node): Node {
  const named = Object.entries(properties ?? {}).map(([name, one]) => [name, editorNode(one)] as const)
  return {
    ...(named.length === 0 ? {} : { properties: Object.fromEntries(named) }),
    ...(typeof others === 'object' ? { additionalProperties: editorNode(others) } : {}),
  }
}

const intro = `# Configuration

One YAML file, \`plimsoll.yml\` in the working directory or the one named by \`--config\` or \`PLIMSOLL_CONFIG\`.
All of it is optional: without the file, every key has its default. A key that nobody knows is an error, and
\`plimsoll check\` shows every problem at once, with its line and column. A running service reads the file
again on \`POST /-/reload\` or SIGHUP; a bad file is refused, and the service goes on with the one it has.

- **Durations** are written as in Prometheus: \`10s\`, \`5m\`, \`1h30m\`, \`90d\` (units ms, s, m, h, d, w, y, from
  large to small). **Sizes** are \`512kB\`, \`10MB\` (thousands) or \`32MiB\` (1024).
- **\`\${NAME}\`** in a text value becomes the environment variable NAME, \`\${NAME:-default}\` has a default, and
  \`\${file:path}\` becomes the contents of a file, which is the best place for a secret. \`$\${\` is a \`\${\` that stays.
- **Relative paths** begin at the folder of the file that states them.
- **\`include\`** reads further files into this one: lists follow each other, maps merge, and a value that stands in
  two places is an error that names both.
- The environment outranks the file (\`PLIMSOLL_LISTEN\`, \`PLIMSOLL_DATA\`), and the command line outranks both.
- Editors check and complete the file by \`docs/plimsoll.schema.json\`; its first line may be
  \`# yaml-language-server: $schema=docs/plimsoll.schema.json\`.

A ↻ marks what takes effect at the next start; everything else does at a reload.

| key | value | default | meaning |
|---|---|---|---|
`

export function configurationText(rooms?: RoomSchemas): string {
  const keys = configKeys(rooms).flatMap(key => [key, ...key.options])
  const rows = keys.map(key => {
    const standard = key.default === undefined ? '' : `\`${defaultText(key.default)}\``
    return `| \`${key.path}\`${key.restart ? ' ↻' : ''} | ${key.kind} | ${standard} | ${meaning(key)} |\n`
  })
  return intro + rows.join('')
}

const meaning = ({ description, options }: ConfigKey): string =>
  description === '' && options.length > 0
    ? '`false` switches it off, a list has it several times.'
    : description.replaceAll('|', '\\|')

const defaultText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
