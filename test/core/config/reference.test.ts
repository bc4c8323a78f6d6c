// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what the configuration expands
import { expect, test } from 'vitest'
import { z } from 'zod'
import { configKeys, configurationText, editorSchemaText } from '#core/config/reference.ts'
import { good } from './files.ts'

test('every key is described', () => {
  const bare = configKeys().filter(({ description }) => !/^[A-Z].*\.$/.test(description))
  expect(bare).toEqual([])
  expect(configKeys().length).toBeGreaterThan(15)
})

type Written = { [key: string]: unknown }

function put(into: Written, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[first] = value
    return
  }
  const inside = (into[first] ?? {}) as Written
  into[first] = inside
  put(inside, rest, value)
}

test('every default, written out, is the default', () => {
  const lines = configKeys()
    // What is left out altogether has no parts with defaults: engines.test.ts looks at those.
    .filter(key => key.default !== undefined && key.path !== 'data' && !key.path.startsWith('engines.'))
    .map(key => [key.path.split('.'), key.default] as const)
  const written: Written = {}
  for (const [path, value] of lines) put(written, path, value)
  const { data: _, ...config } = good(JSON.stringify(written))
  const { data: __, ...standard } = good('')
  expect(config).toEqual(standard)
})

test('the table has a row for each key, and for the options of inputs', () => {
  const cpu = z.strictObject({ percpu: z.boolean().default(true).describe('One | each.') })
  const text = configurationText({ inputs: z.strictObject({ cpu: z.union([z.boolean(), cpu]).optional() }) })
  expect(text).toContain('| `listen` ↻ | host:port, or list of host:port | `127.0.0.1:1876` | The one port')
  expect(text).toContain('| `agent.interval` | duration | `10s` | How often')
  expect(text).toContain('| `inputs.cpu` | true \\| false, or map |  | `false` switches it off')
  expect(text).toContain('| `inputs.cpu.percpu` | true \\| false | `true` | One \\| each. |')
})

test('the schema for editors knows every key, and lets ${…} stand for any value', () => {
  const schema = JSON.parse(editorSchemaText())
  const { data, agent, limits, language } = schema.properties
  expect(schema.additionalProperties).toBe(false)
  expect(data).toEqual({ description: expect.any(String), default: 'data', type: 'string', minLength: 1 })
  expect(limits.properties.tags.anyOf).toEqual([
    { type: 'integer', minimum: 1, maximum: 1000 },
    { type: 'string', pattern: '\\$\\{' },
  ])
  expect(language.anyOf[0].enum).toEqual(['en', 'zh'])
  expect(agent.additionalProperties).toBe(false)
  expect(editorSchemaText()).not.toMatch(/"(kind|restart|secret)":/)
})
