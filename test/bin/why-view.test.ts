import { expect, test } from 'vitest'
import { type WhyLine, whyText } from '../../bin/why-view.ts'

const view = { timeZone: 'UTC', paint: (_: unknown, text: string) => text } as Parameters<typeof whyText>[1]
const why: WhyLine = {
  fingerprint: '0123456789abcdef',
  alert: {
    labels: { alertname: 'Hot', host: 'a' },
    state: 'firing',
    startsAtMs: Date.UTC(2026, 10, 21, 12, 40, 58),
    endsAtMs: null,
  },
  groups: [],
}

test('all times are of one zone: that of the sentences', () => {
  const head = (line: WhyLine): string => whyText(line, view).split('\n')[0] ?? ''
  expect(head({ ...why, timeZone: 'Asia/Shanghai' })).toBe(
    'Hot host=a fires since 2026-11-21 20:40:58 (Asia/Shanghai), fingerprint 0123456789abcdef',
  )
  // An older service names none.
  expect(head(why)).toContain('12:40:58 (UTC)')
})

test('one that is known by its facts only is called by its name', () => {
  const { fingerprint } = why
  const end = { fingerprint, kind: 'resolved', atMs: Date.UTC(2026, 10, 21, 3, 0, 1, 500) }
  const head = (line: Partial<WhyLine>): string =>
    whyText({ ...why, alert: null, ...line }, view).split('\n')[0] ?? ''
  expect(head({ facts: [{ ...end, details: { labels: { alertname: 'Hot', host: 'a' } } }] })).toBe(
    'Hot host=a ended at 2026-11-21 03:00:01 (UTC), fingerprint 0123456789abcdef',
  )
  expect(head({ facts: [{ ...end, details: null }] })).toBe(`${fingerprint}, which has ended a while ago`)
  // An older service sends none.
  expect(head({})).toBe(`${fingerprint}, which has ended a while ago`)
})
