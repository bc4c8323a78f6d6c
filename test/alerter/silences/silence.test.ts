import { expect, test } from 'vitest'
import {
  endSilence,
  judgeSilence,
  planSilence,
  type Silence,
  silenceState,
  type WantedSilence,
} from '../../../alerter/silences/silence.ts'

const h = 3_600_000
const base: Silence = {
  id: 'old',
  matchers: [{ name: 'host', op: '=', value: 'a' }],
  startsAtMs: 10 * h,
  endsAtMs: 12 * h,
  updatedAtMs: 10 * h,
  createdBy: 'ann',
  comment: 'disk swap',
}

test('is to come, holds, is over', () => {
  const t = (nowMs: number) => expect(silenceState(base, nowMs))

  t(10 * h - 1).toBe('pending')
  t(10 * h).toBe('active')
  t(12 * h - 1).toBe('active')
  t(12 * h).toBe('expired')
})

test('refuses what holds nothing, or everything, in the words of Alertmanager', () => {
  const t = (change: Partial<WantedSilence>) =>
    expect(() => judgeSilence({ ...base, ...change }, 11 * h), JSON.stringify(change))

  t({}).not.toThrow()
  t({ startsAtMs: 12 * h }).toThrow('Failed to create silence: start time must be before end time')
  t({ startsAtMs: 1 * h, endsAtMs: 2 * h }).toThrow("Failed to create silence: end time can't be in the past")
  t({ matchers: [] }).toThrow('invalid silence: at least one matcher required')
  const empty = 'invalid silence: at least one matcher must not match the empty string'
  t({ matchers: [{ name: 'host', op: '=', value: '' }] }).toThrow(empty)
  t({ matchers: [{ name: 'host', op: '=~', value: '.*' }] }).toThrow(empty)
  t({ matchers: [{ name: 'host', op: '=~', value: 'a|' }] }).toThrow(empty)
  t({ matchers: [{ name: 'host', op: '=~', value: '.+' }] }).not.toThrow()
  // What is negative asks for something, even where an absent label fulfils it.
  t({ matchers: [{ name: 'host', op: '!=', value: 'a' }] }).not.toThrow()
  t({ matchers: [{ name: 'host', op: '=', value: '' }, ...base.matchers] }).not.toThrow()
  t({ matchers: [{ name: '', op: '=', value: 'a' }] }).toThrow(
    'invalid silence: invalid label matcher 0: invalid label name ""',
  )
  t({ matchers: [...base.matchers, { name: 'host', op: '=~', value: '(' }] }).toThrow(
    'invalid silence: invalid label matcher 1: invalid regular expression "(": ',
  )
})

test('changes in place what may be changed, else ends the old one and begins anew', () => {
  const t = (nowMs: number, change: Partial<WantedSilence>) => {
    const { silence, ended } = planSilence({ ...base, ...change }, base, { nowMs, newId: () => 'new' })
    return expect([silence.id, silence.startsAtMs, ended && [ended.startsAtMs, ended.endsAtMs]])
  }

  // While it holds: comment, author and end. Of the start, what clients show of it: seconds.
  t(11 * h, { comment: 'longer', createdBy: 'bob', endsAtMs: 20 * h }).toEqual(['old', 10 * h, undefined])
  t(11 * h, { startsAtMs: 10 * h + 999 }).toEqual(['old', 10 * h + 999, undefined])
  t(11 * h, { startsAtMs: 10 * h + 1_000 }).toEqual(['new', 11 * h, [10 * h, 11 * h]])
  t(11 * h, { matchers: [{ name: 'host', op: '=', value: 'b' }] }).toEqual(['new', 11 * h, [10 * h, 11 * h]])
  t(11 * h, { matchers: [{ name: 'host', op: '=~', value: 'a' }] }).toEqual(['new', 11 * h, [10 * h, 11 * h]])
  // While it is to come: the start too, but not into the past.
  t(9 * h, { startsAtMs: 9 * h }).toEqual(['old', 9 * h, undefined])
  t(9 * h, { startsAtMs: 8 * h }).toEqual(['new', 9 * h, [9 * h, 9 * h]])
  t(9 * h, { matchers: [{ name: 'host', op: '=', value: 'b' }] }).toEqual(['new', 10 * h, [9 * h, 9 * h]])
  // What is over stays as it was.
  t(13 * h, { endsAtMs: 20 * h }).toEqual(['new', 13 * h, undefined])
})

test('ends now; one to come never begins', () => {
  const t = (nowMs: number) => endSilence(base, nowMs)

  expect(t(11 * h)).toMatchObject({ startsAtMs: 10 * h, endsAtMs: 11 * h, updatedAtMs: 11 * h })
  expect(t(9 * h)).toMatchObject({ startsAtMs: 9 * h, endsAtMs: 9 * h, updatedAtMs: 9 * h })
  expect(t(12 * h)).toBeUndefined()
})

test('refuses what says too much', () => {
  const t = (comment: string) => expect(() => judgeSilence({ ...base, comment }, 11 * h))
  t('x'.repeat(250_000)).not.toThrow()
  t('x'.repeat(262_145)).toThrow(
    /^bad_request: silence exceeded maximum size: \d+ characters \(limit: 262144\)/,
  )
})

test('refuses what would take too long to read at each start', () => {
  const t = (count: number, value: (at: number) => string) => {
    const matchers = Array.from(
      { length: count },
      (_, at) => ({ name: `l${at}`, op: '=~', value: value(at) }) as const,
    )
    return expect(() => judgeSilence({ ...base, matchers }, 11 * h), String(count))
  }
  t(100, at => `web-${at}-[0-9]+`).not.toThrow()
  t(101, at => `web-${at}-[0-9]+`).toThrow('found 101 matchers, wanted at most 100')
  t(71, at => `(a{1000}${at})`).toThrow('steps with what they repeat written out, wanted at most 70000')
  // Words need no engine.
  t(20, at => `${at}|${'b'.repeat(10_000)}`).not.toThrow()
})
