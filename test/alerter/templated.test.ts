import { expect, test } from 'vitest'
import { Secret } from '#core/secret.ts'
import { filled, templatesOf } from '../../alerter/templated.ts'

const settings = {
  title: '{{ .A }}',
  channel: '#ops',
  fields: [{ title: 'x', value: '{{ .B }}', short: true }],
  details: { team: '{{ .C }}', count: 3 },
  key: new Secret('{{ s3cret }}'),
}
const keys = ['title', 'channel', 'fields', 'details'] as const
const around = (texts?: Readonly<Record<string, string>>) => ({
  nowMs: 0,
  random: () => 0,
  ...(texts === undefined ? {} : { texts }),
})

test('finds templates wherever they stand, and nothing else', () => {
  expect(templatesOf(settings, keys)).toEqual({
    title: '{{ .A }}',
    'fields.0.value': '{{ .B }}',
    'details.team': '{{ .C }}',
  })
  expect(templatesOf({ a: undefined, b: 1, c: null }, ['a', 'b', 'c'])).toEqual({})
})

test('puts what became of them in their places', () => {
  const told = filled(settings, keys, around({ title: 'a', 'fields.0.value': 'b', 'details.team': 'c' }))
  expect(told).toEqual({
    title: 'a',
    channel: '#ops',
    fields: [{ title: 'x', value: 'b', short: true }],
    details: { team: 'c', count: 3 },
    key: settings.key,
  })
  expect(settings.title).toBe('{{ .A }}')
})

test('leaves out what nobody could render', () => {
  const told = filled(settings, keys, around())
  expect(told.title).toBeUndefined()
  expect(told.channel).toBe('#ops')
  expect(told.details).toEqual({ team: undefined, count: 3 })
})
