// The watchdog on a simulated clock: canaries come or do not, services take test messages or do not, and who is told by the
// other path.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { Secret } from '#core/secret.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { writeApart } from '../../alerter/book/apart.ts'
import type { OwnChannel, Verdict } from '../../alerter/channel.ts'
import type { Fact } from '../../alerter/fact.ts'
import { readFactsApart } from '../../alerter/facts.ts'
import { failover } from '../../alerter/failover.ts'
import type { Message } from '../../alerter/message.ts'
import type { OutboxEntry } from '../../alerter/outbox-entry.ts'
import type { Post } from '../../alerter/post.ts'
import type { Integration, Receiver } from '../../alerter/route.ts'
import type { Inside } from '../../alerter/watchdog/words.ts'
import { openWatchdog, type Watchdog, type WatchdogSettings } from '../../alerter/watchdog.ts'
import { entryOf, factOf, tellingOf } from './book/rows.ts'

const beginMs = Date.UTC(2026, 10, 21, 3)
const dayMs = 86_400_000
const hourMs = 3_600_000

const anything = { kinds: ['told'], sinceMs: 0, limit: 100 } as const

type Said = { way: string; atMs: number; message: Message }

async function openKennel() {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-watchdog-'))
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  const clock = new SimulatedClock(beginMs)
  const own = openOwnMetrics()
  const lines: string[] = []
  const said: Said[] = []
  const pings: string[] = []
  const tests: string[] = []
  let answer: (way: string) => Verdict = () => ({ kind: 'delivered' })
  let inside: Inside = { kind: 'samples', atMs: beginMs, lagMs: 90_000 }
  let waiting: readonly OutboxEntry[] = []
  let written: Promise<void> = Promise.resolve()
  let refusal: Error | 'hangs' | undefined
  let settings: WatchdogSettings = {
    withinMs: 60_000,
    tell: ['other'],
    receivers: new Map(),
    canaryMs: 15_000,
  }
  const fake: OwnChannel<string> = {
    ...{ name: 'fake', kind: 'own', settings: z.any(), budgets: () => [] },
    open: way => ({
      async send(message) {
        said.push({ way, atMs: clock.nowMs() - beginMs, message })
        return answer(way)
      },
      close: async () => {},
    }),
  }
  const way = (id: string): Integration => ({ id, channel: 'fake', settings: id, tellsEnds: true })
  const receivers = new Map<string, Receiver>([
    ['dba', { name: 'dba', integrations: [way('dba/fake/0')] }],
    ['other', { name: 'other', integrations: [way('other/a')] }],
    [
      'pair',
      {
        name: 'pair',
        integrations: [
          {
            ...way('pair/failover/0'),
            channel: failover,
            settings: { order: [way('pair/one'), way('pair/two')], withinMs: 1, receiptMs: null },
          },
        ],
      },
    ],
  ])
  const post: Post = {
    async send({ url }) {
      pings.push(url)
      return { ok: true, answer: { status: pings.length === 2 ? 500 : 200, headers: {}, body: '' } }
    },
    close: () => {},
  }
  let dog: Watchdog | undefined
  const outbox = { waiting: () => waiting } as Parameters<typeof openWatchdog>[0]['alerter']['outbox']
  const test = async (receiver: string, id: string): Promise<readonly OutboxEntry[]> => {
    if (refusal === 'hangs') return new Promise(() => {})
    if (refusal !== undefined) throw refusal
    tests.push(id)
    return [entryOf(id, { receiver, integration: `${receiver}/fake/0` })]
  }
  const record = async (facts: readonly Fact[]): Promise<void> => {
    if (refusal === 'hangs') return new Promise(() => {})
    if (refusal !== undefined) throw refusal
    written = writeApart(state, facts, clock.nowMs())
    await written
  }
  // It answers in real time.
  const settled = async (): Promise<void> => {
    for (let before: unknown; before !== written; await readFactsApart(state.db, anything)) {
      before = written
      await written
    }
  }
  return {
    ...{ clock, own, lines, said, pings, tests, receivers },
    open(language: 'en' | 'zh' = 'en') {
      dog = openWatchdog({
        ...{ clock, own, post, random: () => 0, channels: { fake }, settings: () => settings },
        log: openLog({ clock, write: line => lines.push(line) }),
        receivers: () => receivers,
        alerter: { outbox, test, record },
        state,
        inside: async () => inside,
        voice: { externalUrl: '', language, timeZone: 'UTC' },
      })
    },
    set: (more: Partial<WatchdogSettings>) => {
      settings = { ...settings, ...more }
    },
    answer: (by: (way: string) => Verdict) => {
      answer = by
    },
    inside: (found: Inside) => {
      inside = found
    },
    waits: (...found: readonly OutboxEntry[]) => {
      waiting = found
    },
    refuse: (error: typeof refusal) => {
      refusal = error
    },
    canary(tookMs = 20) {
      dog!.came({ atMs: clock.nowMs() - tookMs } as AlertTransition)
    },
    // A canary every fifteen seconds.
    async well(forMs: number) {
      for (let leftMs = forMs; leftMs > 0; leftMs -= 15_000) {
        await clock.runFor(Math.min(15_000, leftMs))
        this.canary()
      }
    },
    told(receiver: string, kind: 'told' | 'failed' = 'told', why = '') {
      const details = { receiver, integration: `${receiver}/fake/0`, reason: 'canary', why }
      dog!.wrote([
        factOf('f', { kind, details }),
        factOf('g', { kind: 'told', details: { reason: 'first' } }),
      ])
    },
    missing: async () => ((await own.text()).match(/^plimsoll_watchdog_missing.*$/gm) ?? []).sort(),
    runFor: (forMs: number) => clock.runFor(forMs, settled),
    stop: () => dog?.close(),
    async close() {
      await dog?.close()
      await state.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const tested = new Map([['dba', { everyMs: dayMs, at: '03:00', withinMs: 120_000 }]])

let k: Awaited<ReturnType<typeof openKennel>>
beforeEach(async () => {
  k = await openKennel()
})
afterEach(() => k.close())
const titles = (): string[] => k.said.map(({ way, message }) => `${way} ${message.title}`)

test('while canaries come, nobody is told anything', async () => {
  k.open()
  await k.well(2 * hourMs)
  expect(k.said).toEqual([])
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="rules"} 0'])
  expect(await k.own.text()).toContain('plimsoll_watchdog_road_seconds_bucket{le="0.025"} 480')
})

test('when none comes any more, it is told once with the half that is silent, and its end once', async () => {
  k.open()
  await k.well(600_000)
  k.inside({ kind: 'samples', atMs: beginMs + 660_000, lagMs: 90_000 })
  await k.clock.runFor(90_000)
  expect(titles()).toEqual(['other/a Plimsoll does not alert just now'])
  expect(k.said[0]!.message).toMatchObject({
    ...{ kind: 'alarm', status: 'firing', urgency: 'page', receiver: 'other' },
  })
  expect(k.said[0]!.message.text).toBe(
    'No test alert has come out of the rules since 03:10.\nSamples go in (the last one 03:11); the rules, or what carries their alerts, stand still.\nThe rules look at what came 1 min ago.',
  )
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="rules"} 1'])
  await k.clock.runFor(hourMs)
  expect(k.said).toHaveLength(1)
  k.canary()
  await k.well(hourMs)
  expect(titles().slice(1)).toEqual(['other/a Plimsoll alerts again'])
  expect(k.said[1]!.message.text).toContain('after 1 h 1 min')
})

test('as long as it lasts, it is said again every four hours', async () => {
  k.open()
  await k.clock.runFor(9 * hourMs)
  expect(k.said.map(({ atMs }) => Math.round(atMs / hourMs))).toEqual([0, 4, 8])
})

test('after a start it has its time; one that took too long proves nothing', async () => {
  k.open()
  await k.clock.runFor(130_000)
  expect(k.said).toEqual([])
  k.canary(600_000)
  await k.clock.runFor(15_000)
  expect(titles()).toHaveLength(1)
  expect(k.said[0]!.message.text).toContain('The last one took 10 min.')
})

test('which half is silent is told in both languages', async () => {
  const t = async (found: Inside, language: 'en' | 'zh', text: string) => {
    await k.close()
    k = await openKennel()
    k.inside(found)
    k.open(language)
    await k.clock.runFor(200_000)
    expect(k.said[0]!.message.text).toContain(text)
    expect(k.said[0]!.message.title).toContain('Plimsoll')
  }
  const silent = { kind: 'silence', atMs: beginMs - 60_000 } as const
  await t(silent, 'en', 'Its samples are not stored since 02:59 either')
  await t(silent, 'zh', '测试数据自 02:59 起也没有写入')
  await t({ kind: 'silence', atMs: undefined }, 'en', 'Its samples are not stored either')
  await t({ kind: 'silence', atMs: undefined }, 'zh', '测试数据也没有写入')
  await t({ kind: 'store', reason: 'no answer' }, 'en', 'the store does not answer: no answer')
  await t({ kind: 'unknown' }, 'zh', '本进程无法确认数据是否写入')
  await t({ kind: 'samples', atMs: beginMs, lagMs: undefined }, 'zh', '数据仍在写入（最近一次 03:00）')
})

test('a clock that is set and a machine that slept do not alarm', async () => {
  k.open()
  await k.well(600_000)
  // Asleep: nothing ran for three hours.
  const late = k.clock.monotonicMs() + 3 * hourMs
  Object.defineProperty(k.clock, 'monotonicMs', { value: () => Math.max(late, k.clock.nowMs()) })
  await k.clock.runFor(30_000)
  expect(k.said).toEqual([])
})

test('who cannot be told is told as soon as that works; of the end only who heard of the beginning', async () => {
  k.answer(() => ({ kind: 'later', reason: 'down' }))
  k.open()
  await k.clock.runFor(200_000)
  expect(k.said.length).toBeGreaterThan(2)
  k.canary()
  const tries = k.said.length
  await k.well(hourMs)
  expect(k.said).toHaveLength(tries)
  expect(k.lines.join('')).toContain('cannot tell that something is missing')

  k.answer(() => ({ kind: 'later', reason: 'down' }))
  await k.clock.runFor(200_000)
  k.answer(() => ({ kind: 'delivered' }))
  await k.clock.runFor(300_000)
  k.canary()
  await k.clock.runFor(1_000)
  expect(titles().slice(-2)).toEqual([
    'other/a Plimsoll does not alert just now',
    'other/a Plimsoll alerts again',
  ])
})

test('who was told before a restart is told after it that it is over, once', async () => {
  k.set({ tell: ['other', 'pair'], receivers: tested })
  k.open()
  await k.runFor(30_000)
  k.told('dba', 'failed', 'away')
  await k.runFor(hourMs)
  expect(titles()).toHaveLength(4)
  await k.stop()
  // By then somebody else is told of such things.
  k.receivers.set('third', {
    name: 'third',
    integrations: [{ ...k.receivers.get('dba')!.integrations[0]!, id: 'third/a' }],
  })
  k.set({ tell: ['other', 'third'] })
  k.open()
  await k.runFor(10_000)
  expect(await k.missing()).toEqual([
    'plimsoll_watchdog_missing{road="dba"} 1',
    'plimsoll_watchdog_missing{road="rules"} 1',
  ])
  k.canary()
  k.told('dba')
  await k.runFor(10_000)
  expect(titles().slice(4).sort()).toEqual([
    'other/a Plimsoll alerts again',
    'other/a dba can be reached again',
  ])
  expect(k.said.find(({ message }) => message.title === 'Plimsoll alerts again')!.message.text).toContain(
    'after 1 h',
  )
  expect(k.lines.join('')).not.toContain('cannot tell')
  await k.stop()
  k.open()
  await k.runFor(10_000)
  expect((await k.missing()).filter(each => each.endsWith(' 1'))).toEqual([])
  await k.well(60_000)
  expect(titles()).toHaveLength(6)
})

test('that somebody was told is kept as soon as the state takes it', async () => {
  k.open()
  k.refuse(new Failure('state_unavailable', 'away'))
  await k.runFor(200_000)
  expect(titles()).toHaveLength(1)
  expect(k.lines.join('')).toContain('cannot keep whom it has told')
  k.refuse(undefined)
  await k.runFor(10_000)
  await k.stop()
  k.open()
  await k.runFor(10_000)
  k.canary()
  await k.runFor(1_000)
  expect(titles().slice(1)).toEqual(['other/a Plimsoll alerts again'])
})

test('tells by the ways of a failover in their order', async () => {
  k.set({ tell: ['pair', 'gone'] })
  k.answer(way =>
    way === 'pair/one' ? { kind: 'refused', because: 'settings', reason: 'no' } : { kind: 'delivered' },
  )
  k.open()
  await k.clock.runFor(200_000)
  expect(k.said.map(({ way }) => way)).toEqual(['pair/one', 'pair/two'])
})

test('a receiver gets its test message when it is due, once, and is not missed when it arrives', async () => {
  k.set({ canaryMs: undefined, receivers: tested })
  k.open()
  await k.clock.runFor(60_000)
  expect(k.tests).toHaveLength(1)
  k.told('dba')
  await k.clock.runFor(dayMs)
  expect(k.tests).toHaveLength(2)
  k.told('dba')
  await k.clock.runFor(hourMs)
  expect(k.said).toEqual([])
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="dba"} 0'])
})

test('a test message that is not taken in time is told by the other path, with what the service says', async () => {
  k.set({ canaryMs: undefined, receivers: tested })
  k.open()
  await k.clock.runFor(30_000)
  k.told('dba', 'failed', '310000: sign not match')
  await k.clock.runFor(120_000)
  expect(titles()).toEqual(['other/a dba cannot be reached by Plimsoll'])
  expect(k.said[0]!.message.text).toContain('The service says: 310000: sign not match')
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="dba"} 1'])
  k.told('dba')
  await k.clock.runFor(1_000)
  expect(titles().slice(1)).toEqual(['other/a dba can be reached again'])
})

test('a state that refuses a test message is asked again; what was sent before a restart is waited for', async () => {
  k.set({ canaryMs: undefined, receivers: tested })
  k.refuse(new Failure('state_unavailable', 'away'))
  const said = { kind: 'canary', title: '', text: '', path: null, picture: null } as const
  k.waits(entryOf('old', { receiver: 'dba', integration: 'dba/fake/0', said, telling: tellingOf('old') }))
  k.open()
  await k.clock.runFor(60_000)
  expect(k.tests).toEqual([])
  k.refuse(undefined)
  await k.clock.runFor(10_000)
  expect(k.tests).toHaveLength(1)
  await k.clock.runFor(200_000)
  expect(titles()).toEqual(['other/a dba cannot be reached by Plimsoll'])
})

test('a state that hangs does not keep the watchdog from saying that nothing comes', async () => {
  k.set({ receivers: tested })
  k.refuse('hangs')
  k.open()
  await k.clock.runFor(200_000)
  expect(titles()).toEqual(['other/a Plimsoll does not alert just now'])
})

test('what is not configured any more is not missed', async () => {
  k.set({ receivers: tested })
  k.open()
  await k.clock.runFor(10_000)
  k.set({ canaryMs: undefined, receivers: new Map() })
  await k.clock.runFor(hourMs)
  expect(k.said).toEqual([])
  expect(await k.missing()).toEqual([
    'plimsoll_watchdog_missing{road="dba"} 0',
    'plimsoll_watchdog_missing{road="rules"} 0',
  ])
})

test('a way that a receiver has no more is not missed, and who stops watching says nothing of what he missed', async () => {
  k.set({ canaryMs: undefined, receivers: tested })
  k.open()
  await k.clock.runFor(200_000)
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="dba"} 1'])
  k.receivers.set('dba', { name: 'dba', integrations: [] })
  await k.clock.runFor(10_000)
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="dba"} 0'])
})

test('who does not want to hear of ends is told of beginnings only', async () => {
  const [one] = k.receivers.get('other')!.integrations
  k.receivers.set('other', { name: 'other', integrations: [{ ...one!, tellsEnds: false }] })
  k.open()
  await k.clock.runFor(200_000)
  k.canary()
  await k.clock.runFor(10_000)
  expect(titles()).toEqual(['other/a Plimsoll does not alert just now'])
})

test('the outside is told each minute that all is well, and nothing when it is not', async () => {
  k.set({ ping: new Secret('https://hc.example/s3cret') })
  k.open()
  await k.clock.runFor(60_000)
  // Nothing is known yet.
  expect(k.pings).toEqual([])
  await k.well(600_000)
  expect(k.pings.length).toBeGreaterThanOrEqual(9)
  expect(k.pings.length).toBeLessThanOrEqual(11)
  await k.clock.runFor(100_000)
  const { length } = k.pings
  await k.clock.runFor(hourMs)
  expect(k.pings.length).toBe(length)
  const text = await k.own.text()
  expect(text).toContain('plimsoll_watchdog_pings_total{outcome="failed"} 1')
  expect(k.lines.join('')).toContain('it answers 500')
  expect(k.lines.join('')).not.toContain('s3cret')
})
