// The watchdog on a simulated clock, over a state in a file: canaries come or do not, services take test messages or do
// not, and who is told by the other path is written down. Called by the tests of the watchdog.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { writeApart } from '../../../alerter/book/apart.ts'
import type { OwnChannel, Verdict } from '../../../alerter/channel.ts'
import type { Fact } from '../../../alerter/fact.ts'
import { countTold } from '../../../alerter/facts.ts'
import { failover } from '../../../alerter/failover.ts'
import type { Message } from '../../../alerter/message.ts'
import { testGroup } from '../../../alerter/notices.ts'
import type { OutboxEntry } from '../../../alerter/outbox-entry.ts'
import type { Post } from '../../../alerter/post.ts'
import type { Integration, Receiver } from '../../../alerter/route.ts'
import type { Inside } from '../../../alerter/watchdog/words.ts'
import { openWatchdog, type Watchdog, type WatchdogSettings } from '../../../alerter/watchdog.ts'
import { entryOf, factOf } from '../book/rows.ts'

export const beginMs = Date.UTC(2026, 10, 21, 3)
export const dayMs = 86_400_000
export const hourMs = 3_600_000

type Said = { way: string; atMs: number; message: Message }

export type Kennel = Awaited<ReturnType<typeof openKennel>>

export async function openKennel() {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-watchdog-'))
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  let setBackMs = 0
  const clock = new SimulatedClock(beginMs)
  const nowMs = clock.nowMs.bind(clock)
  clock.nowMs = () => nowMs() - setBackMs
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
  const readable = {
    get db() {
      if (refusal instanceof Error) throw refusal
      return state.db
    },
  }
  // It answers in real time.
  const settled = async (): Promise<void> => {
    for (
      let before: unknown;
      before !== written;
      await state.db.selectFrom('alerter_facts').select('id').execute()
    ) {
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
        state: readable,
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
    // What delivery writes of it.
    async keepTold(receiver: string) {
      const who = `${receiver}/fake/0`
      const fact = factOf('kept', { kind: 'told', atMs: clock.nowMs(), group: testGroup(receiver), who })
      await writeApart(state, [fact], clock.nowMs())
    },
    async keepBad(details: string) {
      await record([factOf('bad', { kind: 'told', atMs: clock.nowMs(), who: 'other/a' })])
      await state.transaction(tx => tx.updateTable('alerter_facts').set({ details }).execute())
    },
    counted: () => countTold(state.db, { ways: ['other/a', 'pair/failover/0'], sinceMs: 0 }),
    setBackBy(ms: number) {
      setBackMs += ms
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

export const tested = new Map([['dba', { everyMs: dayMs, at: '03:00', withinMs: 120_000 }]])
