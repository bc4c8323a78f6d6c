// How long what others post may be.
import { expect, test } from 'vitest'
import { annotationsIn, labelsOf } from '#core/labels.ts'
import type { AlertTransition } from '#core/model.ts'
import { charactersIn, noted, saidShortly } from '../../alerter/alert-size.ts'
import { readPosted } from '../../alerter/api/posted-alerts.ts'
import { factOf, knownAlert } from '../../alerter/intake.ts'

const said = (characters: number) =>
  labelsOf([
    ['a', 'short'],
    ['b', '🙂'.repeat(characters / 2)],
    ['c', 'x'.repeat(characters)],
  ])

test('what is said shortly stays the same object', () => {
  const annotations = said(100)
  expect(saidShortly(annotations)).toBe(annotations)
  expect(noted(annotations)).toBe(annotations)
})

test('what is longer is cut where the room ends, and what follows is left out', () => {
  const short = saidShortly(said(40_000))
  expect(Object.keys(short)).toEqual(['a', 'b'])
  expect(short['a']).toBe('short')
  expect(short['b']).toMatch(/^(?:🙂)+\ufffd?…$/u)
  expect(charactersIn(short)).toBeLessThanOrEqual(32_770)
  expect(charactersIn(noted(said(3_000)))).toBeLessThanOrEqual(4_098)
})

test('what is empty, and what is named like a property of objects, stays when others are cut', () => {
  const annotations = annotationsIn({ ['__proto__']: 'kept', empty: '', long: 'x'.repeat(40_000) })
  expect(Object.entries(saidShortly(annotations)).map(([name, text]) => [name, text.length])).toEqual([
    ['__proto__', 4],
    ['empty', 0],
    ['long', 32_768 - '__proto__keptemptylong'.length + 1],
  ])
})

const post = (labels: Record<string, string>, annotations: Record<string, string> = {}) =>
  readPosted([[{ labels, annotations, startsAt: '2025-11-21T10:00:00Z' }]], {
    nowMs: Date.parse('2025-11-21T10:00:00Z'),
    resolveTimeoutMs: 300_000,
  })

test('one whose labels are too long is refused, and told why', async () => {
  expect(await post({ alertname: 'x'.repeat(20_000) })).toEqual({
    transitions: [],
    problems: ['its labels and its generatorURL are longer than 16384 characters'],
  })
})

test('a megabyte of words makes a short alert and a shorter fact', async () => {
  const [transition] = (await post({ alertname: 'Long' }, { summary: 'x'.repeat(1_000_000) })).transitions
  const { annotations } = knownAlert(transition as AlertTransition)
  expect(annotations['summary']).toHaveLength(32_768 - 'summary'.length + 1)
  expect(JSON.stringify(factOf(transition as AlertTransition)).length).toBeLessThan(5_000)
})
