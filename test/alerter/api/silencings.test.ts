// Who silenced what, and since when, among the facts of an alert and on the page of its incident.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { silencings } from '../../../alerter/api/silencings.ts'
import type { Fact } from '../../../alerter/fact.ts'
import type { Silence } from '../../../alerter/silences/silence.ts'
import { type SilenceFact, silenceFact } from '../../../alerter/silences/silence-facts.ts'
import { openApiServer } from './server.ts'

const nowMs = Date.UTC(2026, 10, 20, 4)
const min = 60_000
const print = '017450e4f997c04e'
const labels = { alertname: 'Down', host: 'a' }

const silence = (rest: Partial<Silence> = {}): Silence => ({
  ...{ id: 's', matchers: [{ name: 'host', op: '=~', value: 'a|b' }], createdBy: 'ann', comment: 'swap' },
  ...{ startsAtMs: nowMs, endsAtMs: nowMs + 60 * min, updatedAtMs: nowMs },
  ...rest,
})
const made = (rest: Partial<Silence> = {}) => silenceFact(silence(rest), 'silenced', 'ann') as SilenceFact
const ended = (rest: Partial<Silence> = {}) => silenceFact(silence(rest), 'unsilenced', 'bob') as SilenceFact

test('a silence is shown where it holds, from when it holds until it does not', () => {
  const t = (found: readonly SilenceFact[], untilMinute: number, wanted: readonly string[], of = labels) => {
    const concerned = { labels: [of], fromMs: nowMs - min, toMs: nowMs + untilMinute * min }
    const shown = silencings(found, concerned).map(
      ({ kind, atMs, who }) => `${kind} ${(atMs - nowMs) / min} ${who}`,
    )
    expect(shown).toEqual(wanted)
  }
  t([made()], 10, ['silenced 0 ann'])
  t([made()], 10, [], { ...labels, host: 'c' })
  // It ends by itself, or somebody ends it.
  t([made()], 61, ['unsilenced 60 ', 'silenced 0 ann'])
  const at = { updatedAtMs: nowMs + 5 * min, endsAtMs: nowMs + 5 * min }
  t([ended(at), made()], 10, ['unsilenced 5 bob', 'silenced 0 ann'])
  // It is to begin later, was never let begin, was made longer, or was over before.
  t([made({ startsAtMs: nowMs + 30 * min })], 10, [])
  t([made({ startsAtMs: nowMs + 30 * min })], 40, ['silenced 30 ann'])
  t([ended({ ...at, startsAtMs: nowMs + 5 * min }), made({ startsAtMs: nowMs + 30 * min })], 40, [])
  const longer = { updatedAtMs: nowMs + 50 * min, endsAtMs: nowMs + 90 * min }
  t([made(longer), made()], 70, ['silenced 50 ann', 'silenced 0 ann'])
  t(
    [made({ startsAtMs: nowMs - 30 * min, endsAtMs: nowMs - 20 * min, updatedAtMs: nowMs - 40 * min })],
    10,
    [],
  )
})

test('why, and the page of the incident, say who silenced an alert', async () => {
  const clock = new SimulatedClock(nowMs)
  await using s = await openApiServer({ clock })
  const of = { incident: 12, group: 'base\n{}:{}', fingerprint: print, who: 'hosts Down' }
  const details = { labels, annotations: {} }
  const fired: Fact = { id: 'f', kind: 'fired', atMs: nowMs - min, ...of, details }
  s.facts.push(fired)
  const times = { openedAtMs: nowMs - min, closedAtMs: null }
  s.incidents.push({ number: 12, group: of.group, groupKey: '{}', receiver: 'base', labels: {}, ...times })
  const { id } = await s.silences.put({ ...silence(), id: '' }, 'ann')
  await s.silences.put({ ...silence(), id: '', matchers: [{ name: 'host', op: '=', value: 'other' }] }, 'ann')
  await clock.runFor(min)
  await s.silences.expire(id, 'bob')
  const why = await fetch(`${s.url}/api/plimsoll/v1/why?alert=${print}`)
  const { facts } = (await why.json()) as { facts: readonly Fact[] }
  expect(facts.map(({ kind, who }) => [kind, who])).toEqual([
    ['unsilenced', 'bob'],
    ['silenced', 'ann'],
    ['fired', 'hosts Down'],
  ])
  const page = await fetch(`${s.url}/i/12`, { headers: { 'accept-language': 'en' } })
  const text = (await page.text()).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
  expect(text).toContain('silence ended bob {host=~&quot;a|b&quot;}, ann, swap')
  expect(text).toMatch(/silenced ann until [\d:]+, {host=~&quot;a\|b&quot;}, swap/)
})
