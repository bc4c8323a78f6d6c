import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calledBy, isCalling, markdownLink, type Said, sayWithin, toneOf } from '../../alerter/said.ts'
import { hostileMessage } from './hostile.ts'
import { crowd, ended, huge, messageOf } from './messages.ts'

const plain = ({ title, lines, link = '' }: Said): string =>
  [title, ...lines.map(({ label, text }) => label + text), link].join('\n')

test('what escapes make longer is said again in less room', () => {
  const swollen = (text: string): string => [...text].map(each => `&#${each.codePointAt(0)};`).join('')
  for (const message of [huge, crowd, messageOf()]) {
    for (const max of [1_500, 2_000, 4_096, 20_000]) {
      const made = sayWithin(message, { escape: swollen, max, make: plain, size: text => text.length })
      expect(made.length).toBeLessThanOrEqual(max)
      expect(made).toContain('https://plimsoll.example.org/i/4711?k=a_b')
    }
  }
})

test('is never longer than it may be, whatever is said', () => {
  fc.assert(
    fc.property(hostileMessage, fc.integer({ min: 600, max: 5_000 }), (message, max) => {
      const size = (text: string): number => Buffer.byteLength(text)
      const made = sayWithin(message, { escape: text => text.repeat(2), max, make: plain, size })
      expect(size(made)).toBeLessThanOrEqual(max)
    }),
    { numRuns: 200 },
  )
})

test('texts of the settings stand as they are', () => {
  const said = sayWithin(messageOf(), {
    escape: text => text.toUpperCase(),
    texts: { title: '<b>own</b>', text: 'own *text*' },
    max: 4_000,
    make: each => each,
    size: () => 0,
  })
  expect(said).toMatchObject({ title: '<b>own</b>', lines: [{ label: '', text: 'own *text*' }] })
})

test('a title there always is', () => {
  const form = { escape: (text: string) => text, max: 1_000, make: (said: Said) => said.title, size: () => 0 }
  const notice = { kind: 'notice', alerts: [], incident: null, link: null } as const
  expect(sayWithin(messageOf({ ...notice, text: 'only\ntext' }), form)).toBe('only text')
  expect(sayWithin(messageOf(), { ...form, texts: { title: 'of two\nlines' } })).toBe('of two lines')
  expect(sayWithin(messageOf({ ...notice, receiver: 'ops' }), form)).toBe('ops')
  expect(sayWithin(messageOf({ ...notice, receiver: '' }), form)).toBe('Plimsoll')
  expect(sayWithin(messageOf(), { ...form, titleMax: 12 })).toBe('db-7: disk…')
})

test('a link leads to the web or is none', () => {
  const form = { escape: (text: string) => text, max: 1_000, make: (said: Said) => said.link, size: () => 0 }
  expect(sayWithin(messageOf(), form)).toBe('https://plimsoll.example.org/i/4711?k=a_b')
  expect(sayWithin(messageOf({ link: 'javascript:alert(1)' }), form)).toBeUndefined()
  expect(markdownLink('Link', 'https://a/(b) c')).toBe('[Link](https://a/%28b%29%20c)')
})

test('colours follow what is so, calls what is broken', () => {
  expect(toneOf(messageOf())).toBe('page')
  expect(toneOf(messageOf({ urgency: 'low' }))).toBe('low')
  expect(toneOf(ended)).toBe('good')
  // Nobody knows that it is well.
  const [alert] = ended.alerts
  expect(toneOf({ ...ended, alerts: [alert!, { ...alert!, stale: true }] })).toBe('low')
  expect(toneOf(messageOf({ kind: 'notice' }))).toBe('neutral')

  const at = { mobiles: ['138'], users: [], all: false }
  expect(calledBy(messageOf(), at)).toBe(at)
  expect(isCalling(calledBy(ended, at))).toBe(false)
  expect(isCalling(calledBy(messageOf({ kind: 'canary' }), at))).toBe(false)
})
