import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowBuffer, type Rows } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { Agents, type Told } from '../../rules/agents.ts'

const day = 86_400_000
const start = 1_000_000

// A table, agents on it, and batches written as hosts: each sends two metrics with different labels.
function world({ silentMs = 30_000, forgetMs = day } = {}) {
  const table = new SeriesTable()
  const agents = new Agents({ table, silentMs, forgetMs })
  type Named = readonly (readonly [string, Readonly<Record<string, string>>])[]
  const rowsOf = (tMs: number, ...named: Named): Rows => {
    const rows = new RowBuffer()
    for (const [name, labels] of named)
      rows.push(table.intern(name, labelsOf(Object.entries(labels))), tMs, 1)
    return rows.rows()
  }
  const hearAt = (tMs: number, nowMs: number, ...hosts: readonly string[]): void => {
    const named = (host: string): Named => [
      ['mem_total', { host }],
      ['disk_total', { host, path: '/' }],
    ]
    agents.hear(rowsOf(tMs, ...hosts.flatMap(named)), nowMs)
  }
  const hear = (nowMs: number, ...hosts: readonly string[]) => hearAt(nowMs, nowMs, ...hosts)
  // They have spoken often enough to be missed.
  const know = (...hosts: readonly string[]) =>
    agents.remember(
      hosts.map(host => ({ host, up: true, silentMs })),
      start,
    )
  // As an engine does it: at every due time, then at the time itself.
  const tell = (nowMs: number): string => {
    const told: Told[] = []
    for (let dueMs = agents.nextDueMs(); dueMs < nowMs; dueMs = agents.nextDueMs()) {
      told.push(...agents.tell(Math.max(dueMs, start)))
    }
    return [...told, ...agents.tell(nowMs)].map(({ host, state }) => `${host} ${state}`).join(', ')
  }
  return { table, agents, rowsOf, hear, hearAt, know, tell }
}

test('who speaks is up at once, who is silent too long is down, who is silent for good is gone', () => {
  const { agents, hear, know, tell } = world({ forgetMs: 100_000 })
  know('a', 'b')
  tell(start)
  hear(start, 'a', 'b', 'a')
  expect(agents.nextDueMs()).toBe(start)
  expect(tell(start)).toBe('a up, b up')
  expect(tell(start + 1)).toBe('')
  hear(start + 20_000, 'b')
  expect(tell(start + 29_999)).toBe('')
  expect(agents.nextDueMs()).toBe(start + 30_000)
  expect(tell(start + 30_000)).toBe('a down')
  hear(start + 40_000, 'a', 'b')
  expect(tell(start + 40_000)).toBe('a up')
  hear(start + 50_000, 'b')
  hear(start + 59_000, 'b')
  expect(tell(start + 59_999)).toBe('')
  // The whole minute, and with it everything.
  expect(tell(start + 60_000)).toBe('a up, b up')
  expect(tell(start + 109_000)).toBe('a down, b down')
  expect(tell(start + 120_000)).toBe('a down, b down')
  expect(tell(start + 159_000)).toBe('a gone, b gone')
  expect(tell(start + day)).toBe('')
  hear(start + day, 'a')
  expect(tell(start + day)).toBe('a up')
})

test('who comes back between two questions was never away', () => {
  const { agents, hear } = world()
  agents.tell(start)
  hear(start, 'a')
  agents.tell(start)
  hear(start + 31_000, 'a')
  expect(agents.tell(start + 31_000)).toEqual([])
})

test('what the server says of a host is not said by the host', () => {
  const { agents, rowsOf, tell } = world()
  agents.ignore(['load:ratio'])
  tell(start)
  const said = ['agent_up', 'ALERTS', 'ALERTS_FOR_STATE', 'load:ratio'] as const
  agents.hear(rowsOf(start, ...said.map(name => [name, { host: 'a' }] as const)), start)
  // Nor does a series without a host name a sender.
  agents.hear(rowsOf(start, ['up', { instance: 'b:9100' }]), start)
  expect(tell(start)).toBe('')
  // Once no rule records it any more, somebody sends it.
  agents.ignore([])
  agents.hear(rowsOf(start, ['load:ratio', { host: 'a' }]), start)
  expect(tell(start)).toBe('a up')
})

test('who is expected and never speaks is down, and is never forgotten', () => {
  const { agents, hear, tell } = world({ forgetMs: 100_000 })
  agents.expect(['a', 'b'], start)
  hear(start + 10_000, 'b')
  expect(tell(start + 29_999)).toBe('b up')
  expect(tell(start + 30_000)).toBe('a down')
  expect(tell(start + day)).toMatch(/a down, b down$/)
  // No longer expected: silent for long enough.
  agents.expect(['b', 'c'], start + day)
  expect(tell(start + day)).toBe('a gone')
  expect(tell(start + day + 30_000)).toBe('c down')
})

test('hosts known from before have time to speak, those that were down have had it', () => {
  const { agents, hear, tell } = world()
  const silentMs = 30_000
  const known = [
    { host: 'a', up: true, silentMs },
    { host: 'b', up: true, silentMs },
    { host: 'c', up: false, silentMs },
  ]
  hear(start, 'd')
  agents.remember([...known, { host: 'd', up: false, silentMs }], start)
  // What d has said itself is newer than what the store knows.
  expect(tell(start)).toBe('d up, c down')
  hear(start + 20_000, 'a', 'd')
  expect(tell(start + 29_999)).toBe('a up')
  expect(tell(start + 30_000)).toBe('b down')
  hear(start + 31_000, 'c')
  expect(tell(start + 31_000)).toBe('c up')
})

test('who was not listening does not call others silent', () => {
  const { agents, hear, know, tell } = world()
  know('a', 'b')
  tell(start)
  hear(start, 'a', 'b')
  tell(start)
  // An hour of sleep; nobody asked in between.
  const awake = start + 3_600_000
  hear(awake, 'a')
  expect(agents.tell(awake).map(({ state }) => state)).toEqual(['up', 'up'])
  expect(tell(awake + 29_000)).toBe('')
  expect(tell(awake + 30_000)).toMatch(/^(?:a down, b down|b down, a down)$/)
})

test('a clock that is set makes nobody silent and nobody heard, and everything is said again', () => {
  for (const byMs of [2 * 3_600_000, -600_000]) {
    const { agents, hear, know, tell } = world()
    know('a', 'b')
    hear(start, 'a')
    hear(start + 20_000, 'b')
    expect(tell(start + 20_000)).toBe('a up, b up')
    agents.shift(byMs)
    const nowMs = start + 20_000 + byMs
    expect(agents.nextDueMs()).toBeLessThanOrEqual(nowMs)
    expect(agents.tell(nowMs)).toEqual([
      { host: 'a', state: 'up', silentMs: 30_000 },
      { host: 'b', state: 'up', silentMs: 30_000 },
    ])
    expect(agents.tell(nowMs + 9_999)).toEqual([])
    expect(agents.tell(nowMs + 10_000)).toEqual([{ host: 'a', state: 'down', silentMs: 30_000 }])
    expect(agents.tell(nowMs + 30_000)).toEqual([{ host: 'b', state: 'down', silentMs: 30_000 }])
  }
})

test('who speaks seldom is missed after longer, and after two and a half of its pauses', () => {
  const { hear, tell } = world()
  const minute = 60_000
  tell(start)
  for (const at of [0, 1, 2]) {
    tell(start + at * minute)
    hear(start + at * minute, 'slow')
    expect(tell(start + at * minute)).not.toContain('down')
  }
  expect(tell(start + 2 * minute + 149_999)).not.toContain('down')
  expect(tell(start + 2 * minute + 150_000)).toContain('slow down')
  // Once it hurries, that is expected of it again.
  for (let at = 0; at < 40; at++) hear(start + 10 * minute + at * 10_000, 'slow')
  const lastMs = start + 10 * minute + 390_000
  tell(lastMs)
  expect(tell(lastMs + 29_999)).not.toContain('down')
  expect(tell(lastMs + 30_000)).toContain('slow down')
})

test('nobody is forgotten before it was missed', () => {
  const { agents, tell } = world({ forgetMs: 300_000 })
  agents.remember([{ host: 'slow', up: true, silentMs: 450_000 }], start)
  expect(tell(start + 449_999)).toBe('')
  expect(tell(start + 450_000)).toBe('slow down')
  expect(tell(start + 460_000)).toBe('slow gone')
})

test('two outages make nobody patient for as long as they took', () => {
  const { hear, tell } = world()
  const t = (atMs: number) => {
    tell(start + atMs)
    hear(start + atMs, 'a')
  }
  for (const s of [0, 10, 20, 30, 270, 280, 520, 530]) t(s * 1_000)
  expect(tell(start + 530_000 + 149_999)).not.toContain('down')
  expect(tell(start + 530_000 + 150_000)).toContain('a down')
})

test('what comes late of the time before brings forward when somebody is missed', () => {
  const { agents, hear, tell } = world()
  tell(start)
  hear(start, 'a')
  expect(tell(start + 40_000)).toBe('a up')
  agents.remember([{ host: 'a', up: true, silentMs: 30_000 }], start + 40_000)
  expect(tell(start + 70_000)).toContain('a down')
})

test('an outage is no rhythm', () => {
  const { hear, tell } = world()
  tell(start)
  const t = (fromMs: number) => {
    for (let at = 0; at < 5; at++) hear(fromMs + at * 10_000, 'a')
    tell(fromMs + 40_000)
    expect(tell(fromMs + 69_999)).not.toContain('down')
    expect(tell(fromMs + 70_000)).toContain('a down')
  }
  t(start)
  t(start + 200_000)
  t(start + 400_000)
})

test('who had something to say once, or fills in the past, is no agent that could be missed', () => {
  const { agents, hear, hearAt, tell } = world()
  tell(start)
  // In one breath, and again after an hour.
  const hour = 3_600_000
  for (const atMs of [0, 1_000, 2_000, 4_000, hour, hour + 1_000, hour + 4_000]) {
    hear(start + atMs, 'script')
    expect(tell(start + atMs)).not.toContain('down')
  }
  expect(tell(start + 2 * hour)).toMatch(/script gone$/)
  expect(agents.nextDueMs()).toBeGreaterThan(start)
  const nowMs = start + 3 * day
  for (let at = 0; at < 100; at++) hearAt(start, nowMs + at * 1_000, 'retired')
  expect(tell(nowMs + 100_000)).not.toContain('retired')
})

test('how long a host may be silent is known after a start as before it', () => {
  const { agents, hear, tell } = world()
  agents.remember(
    [
      { host: 'slow', up: true, silentMs: 150_000 },
      { host: 'unknown', up: true, silentMs: undefined },
    ],
    start,
  )
  expect(tell(start + 149_999)).toBe('')
  expect(tell(start + 150_000)).toBe('slow down')
  hear(start + 160_000, 'slow')
  expect(tell(start + 160_000)).toBe('slow up')
  expect(agents.tell(start + 220_000)).toEqual([{ host: 'slow', state: 'up', silentMs: 150_000 }])
})

test('who is forgotten must have been silent before', () => {
  expect(() => world({ silentMs: 2, forgetMs: 1 })).toThrow('silent before')
})

// The same in a few lines, without any saving of work.
function naive(silentMs: number, forgetMs: number) {
  const heard = new Map<string, number>()
  const states = new Map<string, string>()
  const breaths = new Map<string, typeof none>()
  const none = { count: 0, atMs: Number.NEGATIVE_INFINITY, pauses: [] as readonly number[] }
  let expected: readonly string[] = []
  const since = (host: string, nowMs: number) => {
    if (!states.has(host) && !waiting.has(host)) {
      heard.set(host, nowMs)
      waiting.add(host)
    }
  }
  // Expected, and not heard of yet.
  const waiting = new Set<string>()
  const breathe = (host: string, nowMs: number) => {
    const { count, atMs, pauses } = breaths.get(host) ?? none
    if (nowMs - atMs < silentMs / 6) return
    const pause = nowMs - (heard.get(host) ?? Number.NEGATIVE_INFINITY)
    const surprise = 2 * (knownOf(host) ?? Number.POSITIVE_INFINITY)
    const isRest = pause > 10 * silentMs
    if (isRest) breaths.set(host, { count: count < 3 ? 1 : count, atMs: nowMs, pauses })
    else
      breaths.set(host, {
        count: count + 1,
        atMs: nowMs,
        pauses: [...pauses, Math.min(pause, surprise)].slice(-8),
      })
  }
  const knownOf = (host: string): number | undefined => {
    const { count, pauses } = breaths.get(host) ?? none
    if (count < 3) return undefined
    return Math.max(silentMs, 2.5 * (pauses.toSorted((a, b) => b - a)[1] ?? 0))
  }
  const limitOf = (host: string): number =>
    knownOf(host) ?? (expected.includes(host) ? silentMs : Number.POSITIVE_INFINITY)
  return {
    hear(host: string, nowMs: number) {
      breathe(host, nowMs)
      heard.set(host, nowMs)
      waiting.delete(host)
      states.set(host, 'up')
    },
    expect(hosts: readonly string[], nowMs: number) {
      for (const host of hosts) since(host, nowMs)
      expected = hosts
    },
    at(nowMs: number): string[] {
      for (const [host, heardMs] of heard) {
        if (!states.has(host) && !waiting.has(host)) continue
        const silence = nowMs - heardMs
        const patience = knownOf(host) ?? 0
        if (silence >= forgetMs && silence > patience && !expected.includes(host)) {
          waiting.delete(host)
          states.delete(host)
        } else if (silence >= limitOf(host)) states.set(host, 'down')
      }
      return [...states].map(([host, state]) => `${host} ${state}`).sort()
    },
  }
}

test('over any story, what was told adds up to what is', () => {
  const host = fc.constantFrom('a', 'b', 'c', 'd')
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('hear' as const), hosts: fc.array(host) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('expect' as const), hosts: fc.array(host) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), ticks: fc.integer({ min: 0, max: 80 }) }),
    },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const { agents, hear } = world({ silentMs: 1_000, forgetMs: 4_000 })
      const model = naive(1_000, 4_000)
      const known = new Map<string, string>()
      let nowMs = start
      const ask = () => {
        for (const { host, state } of agents.tell(nowMs)) {
          if (state === 'gone') expect(known.delete(host)).toBe(true)
          else known.set(host, state)
        }
        expect([...known].map(([host, state]) => `${host} ${state}`).sort()).toEqual(model.at(nowMs))
        expect(agents.nextDueMs()).toBeGreaterThan(nowMs)
      }
      for (const each of steps) {
        if (each.kind === 'wait') {
          for (let tick = 0; tick < each.ticks; tick++) {
            nowMs += 100
            if (nowMs >= agents.nextDueMs()) ask()
          }
          ask()
        } else if (each.kind === 'hear') {
          // Who was due to be forgotten is so first, in both.
          ask()
          hear(nowMs, ...each.hosts)
          for (const host of each.hosts) model.hear(host, nowMs)
          ask()
        } else {
          ask()
          agents.expect(each.hosts, nowMs)
          model.expect(each.hosts, nowMs)
          ask()
        }
      }
    }),
  )
})

test('hearing costs little', () => {
  const { table, agents } = world()
  const rows = new RowBuffer()
  for (let host = 0; host < 2_000; host++) {
    for (let metric = 0; metric < 100; metric++) {
      rows.push(table.intern(`m${metric}`, labelsOf([['host', `h${host}`]])), 0, 1)
    }
  }
  const all = rows.rows()
  const costNs = (): number => {
    const before = process.hrtime.bigint()
    for (let round = 0; round < 5; round++) agents.hear(all, start)
    return Number(process.hrtime.bigint() - before) / (5 * all.series.length)
  }
  costNs()
  const best = Math.min(...Array.from({ length: 10 }, costNs))
  expect(best).toBeLessThan(30)
})
