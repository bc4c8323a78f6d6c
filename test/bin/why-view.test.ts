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
