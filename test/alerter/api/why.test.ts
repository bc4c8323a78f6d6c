import { expect, test } from 'vitest'
import { type Way, type WhySources, whyOf } from '../../../alerter/api/why.ts'
import { acknowledgedText, groupText, type Speech, wayText } from '../../../alerter/api/why-words.ts'
import type { Wait } from '../../../alerter/delivery/wait.ts'
import type { Fact, FactKind } from '../../../alerter/fact.ts'
import type { OutboxEntry } from '../../../alerter/outbox-entry.ts'
import type { Silence } from '../../../alerter/silences/silence.ts'
import type { Reason } from '../../../alerter/timeline/outcome.ts'
import type { SeatView } from '../../../alerter/timeline/views.ts'

// Midnight in UTC is 8 o'clock in Shanghai.
const zeroMs = Date.UTC(2026, 10, 20)
const s = 1_000
const [print, other] = ['00000000000000aa', '00000000000000bb']
const known = '00000000000000cc'
const group = 'ops\n{}:{alertname="Hot"}'
const [mail, sms] = ['ops/mail/0', 'ops/sms/0']

let facts = 0
const fact = (kind: FactKind, atS: number, rest: Partial<Fact> = {}): Fact => ({
  id: `f${facts++}`,
  kind,
  atMs: zeroMs + atS * s,
  incident: 7,
  group,
  fingerprint: null,
  who: mail,
  details: null,
  ...rest,
})
const telling = (rest: object = {}) => ({
  ...{ telling: 't1', integration: mail, receiver: 'ops', firing: [print], resolved: [] },
  ...rest,
})

const seat = (rest: Partial<SeatView> = {}): SeatView => ({
  ...{ group, receiver: 'ops', dueMs: zeroMs + 300 * s, flushedAtMs: zeroMs, isMoved: false, held: null },
  told: [],
  ...rest,
})

const held = (kind: Reason['kind'], ...by: string[]): SeatView => seat({ held: { kind, by } })

const entry = (rest: Partial<OutboxEntry> = {}): OutboxEntry => ({
  ...{ id: 't1', group, groupKey: '', receiver: 'ops', integration: mail, incident: 7 },
  ...{ sinceMs: zeroMs, tries: 0, notBeforeMs: zeroMs },
  telling: {
    ...{ id: 't1', group, integration: mail, atMs: zeroMs, reason: 'first', urgency: 'normal' },
    ...{ firing: [print], resolved: [], begun: [print] },
  },
  ...rest,
})

const silence: Silence = {
  ...{ id: 'abc', matchers: [], startsAtMs: zeroMs, endsAtMs: zeroMs + 3_600 * s, updatedAtMs: zeroMs },
  ...{ createdBy: 'ann', comment: 'disk swap' },
}

const why = (rest: Partial<WhySources>) =>
  whyOf({
    ...{ fingerprint: print, alert: undefined, seats: [], waiting: [], facts: [], nowMs: zeroMs + 60 * s },
    integrationsOf: receiver =>
      receiver === 'ops' ? [{ id: mail, channel: 'mail', settings: null, tellsEnds: true }] : [],
    silence: id => (id === 'abc' ? silence : undefined),
    labelsOf: found => (found === known ? { alertname: 'RackDown', host: 'rack-3' } : undefined),
    ...rest,
  })

const en: Speech = { language: 'en', timeZone: 'Asia/Shanghai', nowMs: zeroMs + 60 * s }

const said = (rest: Partial<WhySources>, speech = en): string[] =>
  why(rest).groups.flatMap(({ hold, ways }) =>
    ways.length === 0
      ? [groupText({ hold, ways }, speech)]
      : ways.map(way => `${way.integration}: ${wayText(way, hold, speech)}`),
  )

test('says who was told, by what, when, and whether it arrived', () => {
  const t = (...told: Fact[]) =>
    expect(said({ seats: [seat()], facts: told.toSorted((a, b) => b.atMs - a.atMs) }))

  t(fact('told', 2, { details: telling() })).toEqual([
    'ops/mail/0: told at 08:00:02, accepted by the service; whether it arrived nobody has said',
  ])
  t(fact('told', 2, { details: telling({ isCertain: true }) })).toEqual([
    'ops/mail/0: told at 08:00:02, delivered',
  ])
  // By another way than the one that it was meant for.
  t(fact('told', 2, { details: telling({ isCertain: true }), who: sms })).toEqual([
    'ops/mail/0: told at 08:00:02 by ops/sms/0, delivered',
  ])
  const receipt = (atS: number, outcome: string, more = {}) =>
    fact(outcome === 'seen' ? 'seen' : 'receipt', atS, { details: { telling: 't1', outcome, ...more } })
  t(fact('told', 2, { details: telling() }), receipt(4, 'delivered')).toEqual([
    'ops/mail/0: told at 08:00:02, delivered',
  ])
  t(fact('told', 2, { details: telling() }), receipt(4, 'delivered'), receipt(9, 'seen')).toEqual([
    'ops/mail/0: told at 08:00:02, somebody has seen it',
  ])
  t(fact('told', 2, { details: telling() }), receipt(4, 'failed', { why: 'switched off' })).toEqual([
    'ops/mail/0: told at 08:00:02, the service took it, and it did not arrive, switched off',
  ])
  // The receipt of another message says nothing of this one.
  t(fact('told', 2, { details: telling() }), receipt(4, 'delivered', { telling: 't0' })).toEqual([
    'ops/mail/0: told at 08:00:02, accepted by the service; whether it arrived nobody has said',
  ])
  t(
    fact('told', 2, { details: telling() }),
    fact('told', 9, {
      details: telling({ telling: 't2', firing: [other], resolved: [print], isCertain: true }),
    }),
  ).toEqual(['ops/mail/0: told of its end at 08:00:09, delivered'])
})

test('says when it will be told again', () => {
  const repeatAtMs = zeroMs + 4 * 3_600 * s
  const told = [{ integration: mail, sinceMs: zeroMs, atMs: zeroMs + s, repeatAtMs }]
  expect(said({ seats: [seat({ told })] })).toEqual([
    'ops/mail/0: told at 08:00:01, if it still fires, again at 12:00:00',
  ])
})

test('says what holds it', () => {
  const t = (of: SeatView, speech?: Speech) => expect(said({ seats: [of] }, speech)[0])

  t(held('silenced', 'abc')).toBe(
    'ops/mail/0: not told: silenced until 09:00:00 by ann (disk swap), silence abc',
  )
  t(held('silenced', 'abc'), { ...en, language: 'zh' }).toBe(
    'ops/mail/0: 未告知：被 ann 静默至 09:00:00（disk swap），静默 abc',
  )
  // It is forgotten by now.
  t(held('silenced', 'xyz')).toBe('ops/mail/0: not told: silenced by xyz')
  t(held('inhibited', other)).toContain(`inhibited by Alert ${other}`)
  t(held('inhibited', known)).toContain('(inhibited by rack-3: RackDown)')
  t(held('inhibited', known), { ...en, language: 'zh' }).toContain('（被 rack-3：RackDown 抑制）')
  t(held('muted', 'nights', 'weekends')).toBe(
    'ops/mail/0: not told: muted by the time interval nights, weekends',
  )
  t(held('inactive', 'office')).toContain('active only in the time interval office')
  t(held('brief')).toBe('ops/mail/0: not told: it ended before anybody was told')
  t(held('moved')).toContain('its labels lead elsewhere')
  t({ ...held('nobody', 'void'), receiver: 'void' }).toBe('not told: the receiver void has nobody to tell')
})

test('says what it waits for', () => {
  const t = (sources: Partial<WhySources>) => expect(said(sources))

  t({ seats: [seat({ flushedAtMs: null, dueMs: zeroMs + 30 * s })] }).toEqual([
    'ops/mail/0: not yet: its group waits for more until 08:00:30 (group_wait)',
  ])
  t({ seats: [seat()] }).toEqual([
    'ops/mail/0: not yet: its group is looked at again at 08:05:00 (group_interval)',
  ])
  t({ seats: [seat()], waiting: [entry()] }).toEqual(['ops/mail/0: not yet: being sent since 08:00:00'])
  const failed = (details: object) => fact('failed', 5, { details: telling(details) })
  t({
    seats: [seat()],
    waiting: [entry({ tries: 2, notBeforeMs: zeroMs + 90 * s })],
    facts: [failed({ why: 'over budget of robot 1' })],
  }).toEqual([
    'ops/mail/0: not yet: being sent since 08:00:00, over budget of robot 1, tried 2 times, next at 08:01:30',
  ])
  t({ seats: [seat()], facts: [failed({ why: '550 no such user', isFinal: true })] }).toEqual([
    'ops/mail/0: not told: given up at 08:00:05 by ops/mail/0: 550 no such user',
  ])
})

test('knows from facts alone what has left', () => {
  const hold = fact('held', 1, { fingerprint: print, details: { kind: 'muted', by: ['nights'] } })
  const [own, foreign] = [
    fact('told', 2, { details: telling({ isCertain: true }) }),
    fact('told', 3, { details: telling({ firing: [other], telling: 't9' }) }),
  ]
  expect(said({ facts: [own] })).toEqual(['ops/mail/0: told at 08:00:02, delivered'])
  expect(said({ facts: [hold] })).toEqual(['ops/mail/0: not told: muted by the time interval nights'])
  // What was told of others in its group is none of its business.
  expect(why({ facts: [foreign, own] })).toMatchObject({ groups: [{ incident: 7 }], facts: [own] })
  expect(why({ facts: [foreign] }).groups).toEqual([])
  // One that was held once and then told is not held.
  expect(said({ facts: [own, hold] })).toEqual(['ops/mail/0: told at 08:00:02, delivered'])
  const released = fact('released', 2, { fingerprint: print })
  expect(why({ facts: [released, hold] }).groups).toMatchObject([{ hold: null, ways: [{ is: 'unknown' }] }])
})

test('takes facts that it does not understand', () => {
  for (const details of [
    null,
    1,
    'x',
    [1],
    { firing: 'x' },
    { firing: [print], telling: 5, isCertain: 'yes' },
  ])
    expect(() =>
      said({ seats: [seat()], facts: [fact('told', 1, { details, fingerprint: print })] }),
    ).not.toThrow()
})

test('what waits says for what, and until when', () => {
  const t = (wait: Wait, wanted: string, rest: Partial<OutboxEntry> = {}) =>
    expect(
      said({ seats: [seat()], waiting: [entry(rest)], waitOf: id => (id === 't1' ? wait : undefined) }),
    ).toEqual([`ops/mail/0: not yet: waits since 08:00:00, ${wanted}`])
  const untilMs = zeroMs + 7_200 * s

  t({ by: mail, untilMs, for: 'budget', left: 0 }, 'over budget: none left, the next may leave at 10:00:00')
  t(
    { by: sms, untilMs, for: 'budget', left: 2 },
    'over budget (ops/sms/0): 2 left, kept for urgent ones, the next may leave at 10:00:00',
  )
  t({ by: mail, untilMs, for: 'limit' }, 'its service takes no more until 10:00:00')
  t({ by: mail, untilMs, for: 'failures', why: 'down' }, 'its service fails (down), tried again at 10:00:00')
  t(
    { by: mail, untilMs: null, for: 'settings', why: 'wrong key' },
    'its settings are refused (wrong key), a try is under way, tried once',
    { tries: 1 },
  )
  // Why is said once, and when by whatever keeps it.
  const failed = fact('failed', 5, { details: telling({ why: 'down' }) })
  const wait: Wait = { by: mail, untilMs, for: 'failures', why: 'down' }
  const waiting = [entry({ tries: 2, notBeforeMs: zeroMs })]
  expect(said({ seats: [seat()], waiting, waitOf: () => wait, facts: [failed] })).toEqual([
    'ops/mail/0: not yet: waits since 08:00:00, its service fails (down), tried again at 10:00:00, tried 2 times',
  ])
})

test('what was told and is held since says so, and not when it would be told again', () => {
  const told = [{ integration: mail, sinceMs: zeroMs, atMs: zeroMs + s, repeatAtMs: zeroMs + 3_600 * s }]
  const seats = [seat({ told, held: { kind: 'silenced', by: ['abc'] } })]
  const facts = [fact('told', 2, { details: telling({ isCertain: true }) })]
  expect(said({ seats, facts })).toEqual([
    'ops/mail/0: told at 08:00:02, delivered, since then not told: silenced until 09:00:00 by ann (disk swap), silence abc',
  ])
  expect(said({ seats, facts }, { ...en, language: 'zh' })).toEqual([
    'ops/mail/0: 已于 08:00:02 告知，已送达，此后未告知：被 ann 静默至 09:00:00（disk swap），静默 abc',
  ])
  // As long as there are days.
  const ever = { ...silence, endsAtMs: Date.UTC(9999, 11, 31, 23) }
  expect(said({ seats, facts, silence: () => ever })[0]).toContain(
    'silenced until 10000-01-01 07:00:00 by ann',
  )
})

test('what only some of its numbers have heard still waits', () => {
  const told = fact('told', 9, { details: telling({ isPart: true, takenBy: ['x +8613800000001'] }) })
  expect(said({ seats: [seat()], waiting: [entry()], facts: [told] })).toEqual([
    'ops/mail/0: not yet: being sent since 08:00:00',
  ])
})

test('each state of a way has a sentence in each language', () => {
  const base = { integration: mail, channel: null, why: null }
  const waits: (Wait | null)[] = [
    null,
    { by: mail, untilMs: 0, for: 'budget', left: 0 },
    { by: sms, untilMs: 0, for: 'budget', left: 2 },
    { by: mail, untilMs: 0, for: 'limit' },
    { by: mail, untilMs: null, for: 'failures', why: 'down' },
    { by: sms, untilMs: 0, for: 'settings', why: 'wrong key' },
  ]
  const ways: Way[] = [
    {
      ...base,
      is: 'told',
      atMs: 0,
      by: 'x',
      of: 'end',
      arrived: 'lost',
      why: 'y',
      lost: ['z'],
      repeatAtMs: 1,
    },
    ...waits.map(wait => ({ ...base, is: 'sending' as const, atMs: 0, tries: 1, nextMs: 0, wait })),
    { ...base, is: 'failed', atMs: 0, by: '', why: '' },
    { ...base, is: 'held' },
    { ...base, is: 'waiting', untilMs: 0, for: 'group_wait' },
    { ...base, is: 'unknown' },
  ]
  for (const way of ways) {
    const [inEn, inZh] = (['en', 'zh'] as const).map(language => wayText(way, null, { ...en, language }))
    expect(inEn).not.toBe('')
    expect(inZh).toMatch(/\p{Script=Han}/u)
  }
})

test('who has taken it over is said, as long as that incident goes on', () => {
  const ann = (atS: number, incident: number) => fact('acknowledged', atS, { who: 'ann', incident })
  const t = (facts: Fact[], wanted: string) => {
    const [found] = why({ facts, seats: [seat()] }).groups
    expect(acknowledgedText(found!, en)).toBe(wanted)
  }
  const told = (atS: number, incident: number) => fact('told', atS, { incident, details: telling() })

  t([told(0, 7)], '')
  t([ann(60, 7), told(0, 7)], 'acknowledged by ann at 08:01:00')
  // That one was another.
  t([told(90, 8), ann(60, 7), told(0, 7)], '')
})

test('of several numbers it did not arrive when none was reached', () => {
  const details = telling({ receipts: ['r1', 'r2'] })
  const receipt = (name: string, outcome: string) =>
    fact('receipt', 30, { details: { telling: 't1', receipt: name, outcome, why: 'off' } })
  const t = (receipts: Fact[], arrived: string) =>
    expect(
      why({ facts: [...receipts, fact('told', 0, { details })], seats: [seat()] }).groups[0]?.ways[0],
    ).toMatchObject({
      is: 'told',
      arrived,
    })

  t([], 'accepted')
  t([receipt('r1', 'failed')], 'accepted')
  t([receipt('r1', 'failed'), receipt('r2', 'failed')], 'lost')
  t([receipt('r1', 'failed'), receipt('r2', 'delivered')], 'delivered')
})

test('of several whom it told, those are named who do not have it', () => {
  const t = (details: object, receipts: Fact[], wanted: string, language: 'en' | 'zh' = 'en') =>
    expect(
      said({ facts: [...receipts, fact('told', 2, { details: telling(details) })] }, { ...en, language }),
    ).toEqual([`ops/mail/0: ${wanted}`])
  const lost = { isCertain: true, lost: ['answered 400: no such number', 'answered 403'] }
  t(lost, [], 'told at 08:00:02, delivered, not all have it (answered 400: no such number; answered 403)')
  t(lost, [], '已于 08:00:02 告知，已送达，部分未送达（answered 400: no such number; answered 403）', 'zh')
  const receipts = [['+1', 'delivered'] as const, ['+2', 'failed'] as const].map(([to, outcome]) =>
    fact('receipt', 30, { details: { telling: 't1', outcome, to, why: 'off' } }),
  )
  t({ receipts: ['r1', 'r2'] }, receipts, 'told at 08:00:02, delivered, not all have it (+2: off)')
})

test('what was told and waits for its receipt is told', () => {
  const waiting = [entry({ tries: 1, notBeforeMs: zeroMs + 600 * s })]
  const told = fact('told', 30, { details: telling({ receipts: ['r1'] }) })
  expect(said({ facts: [told], waiting, seats: [seat()] })).toEqual([
    'ops/mail/0: told at 08:00:30, accepted by the service; whether it arrived nobody has said',
  ])
  // News that is to be told is not.
  const news = entry({ telling: { ...entry().telling, id: 't2' } })
  expect(said({ facts: [told], waiting: [news], seats: [seat()] })).toEqual([
    'ops/mail/0: not yet: being sent since 08:00:00',
  ])
})
