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
  const rowsOf = (...named: readonly (readonly [string, Readonly<Record<string, string>>])[]): Rows => {
    const rows = new RowBuffer()
    for (const [name, labels] of named) rows.push(table.intern(name, labelsOf(Object.entries(labels))), 0, 1)
    return rows.rows()
  }
  const from = (...hosts: readonly string[]): Rows =>
    rowsOf(
      ...hosts.flatMap(host => [
        ['mem_total', { host }] as const,
        ['disk_total', { host, path: '/' }] as const,
      ]),
    )
  const hear = (nowMs: number, ...hosts: readonly string[]) => agents.hear(from(...hosts), nowMs)
  // As an engine does it: at every due time, then at the time itself.
  const tell = (nowMs: number): string => {
    const told: Told[] = []
    for (let dueMs = agents.nextDueMs(); dueMs < nowMs; dueMs = agents.nextDueMs()) {
      told.push(...agents.tell(Math.max(dueMs, start)))
    }
    return [...told, ...agents.tell(nowMs)].map(({ host, state }) => `${host} ${state}`).join(', ')
  }
  return { table, agents, rowsOf, hear, tell }
}

test('who speaks is up at once, who is silent too long is down, who is silent for good is gone', () => {
  const { agents, hear, tell } = world({ forgetMs: 100_000 })
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
  expect(tell(start + 100_000)).toBe('a down, b down')
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
  agents.hear(rowsOf(...said.map(name => [name, { host: 'a' }] as const)), start)
  // Nor does a series without a host name a sender.
  agents.hear(rowsOf(['up', { instance: 'b:9100' }]), start)
  expect(tell(start)).toBe('')
  // Once no rule records it any more, somebody sends it.
  agents.ignore([])
  agents.hear(rowsOf(['load:ratio', { host: 'a' }]), start)
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
  const known = [
    { host: 'a', up: true },
    { host: 'b', up: true },
    { host: 'c', up: false },
  ]
  hear(start, 'd')
  agents.remember([...known, { host: 'd', up: false }], start)
  // What d has said itself is newer than what the store knows.
  expect(tell(start)).toBe('d up, c down')
  hear(start + 20_000, 'a', 'd')
  expect(tell(start + 29_999)).toBe('a up')
  expect(tell(start + 30_000)).toBe('b down')
  hear(start + 31_000, 'c')
  expect(tell(start + 31_000)).toBe('c up')
})

test('who was not listening does not call others silent', () => {
  const { agents, hear, tell } = world()
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
    const { agents, hear, tell } = world()
    hear(start, 'a')
    hear(start + 20_000, 'b')
    expect(tell(start + 20_000)).toBe('a up, b up')
    agents.shift(byMs)
    const nowMs = start + 20_000 + byMs
    expect(agents.nextDueMs()).toBeLessThanOrEqual(nowMs)
    expect(agents.tell(nowMs)).toEqual([
      { host: 'a', state: 'up' },
      { host: 'b', state: 'up' },
    ])
    expect(agents.tell(nowMs + 9_999)).toEqual([])
    expect(agents.tell(nowMs + 10_000)).toEqual([{ host: 'a', state: 'down' }])
    expect(agents.tell(nowMs + 30_000)).toEqual([{ host: 'b', state: 'down' }])
  }
})

test('who is forgotten must have been silent before', () => {
  expect(() => world({ silentMs: 2, forgetMs: 1 })).toThrow('silent before')
})

// The same in a few lines, without any saving of work.
function naive(silentMs: number, forgetMs: number) {
  const heard = new Map<string, number>()
  const states = new Map<string, string>()
  let expected: readonly string[] = []
  const since = (host: string, nowMs: number) => {
    if (!heard.has(host)) heard.set(host, nowMs)
  }
  return {
    hear(host: string, nowMs: number) {
      heard.set(host, nowMs)
      states.set(host, 'up')
    },
    expect(hosts: readonly string[], nowMs: number) {
      for (const host of hosts) since(host, nowMs)
      expected = hosts
    },
    at(nowMs: number): string[] {
      for (const [host, heardMs] of heard) {
        const silence = nowMs - heardMs
        if (silence >= forgetMs && !expected.includes(host)) {
          heard.delete(host)
          states.delete(host)
        } else if (silence >= silentMs) states.set(host, 'down')
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
