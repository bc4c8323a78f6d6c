// A silence that is made while a message is on its way, at each moment of that way: with the alerter and its outbox.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { type Alerter, openAlerter } from '../../../alerter/alerter.ts'
import type { Verdict } from '../../../alerter/channel.ts'
import { readFacts } from '../../../alerter/facts.ts'
import type { Message } from '../../../alerter/message.ts'
import { configOf, transitionOf } from '../alerter/world.ts'
import { openDock } from './dock.ts'

const config = configOf({ groupBy: ['alertname'], wait: 1, interval: 10, repeat: 100_000 })
const [integration] = config.receivers.get('hook')!.integrations

let folder: string
let state: State
let alerter: Alerter
let dock: ReturnType<typeof openDock>
let silenced: readonly string[]
let verdict: (message: Message) => Verdict | Promise<Verdict>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-silenced-'))
  dock = openDock()
  silenced = []
  verdict = () => ({ kind: 'delivered' })
  state = await openSqliteState({ file: join(folder, 'state.db') })
  const { clock } = dock
  const log = openLog({ clock, write: () => {} })
  const silencedBy = ({ host = '' }: { host?: string }) => (silenced.includes(host) ? ['s1'] : [])
  alerter = await openAlerter({ state, clock, log, own: openOwnMetrics(), config, silencedBy })
  dock.answer(({ message }) => verdict(message))
  dock.configure({ ...dock.way('a'), id: integration!.id })
  dock.open({ outbox: alerter.outbox })
})
afterEach(async () => {
  await dock.close()
  await alerter.close()
  await state.close()
  rmSync(folder, { recursive: true })
})

// The file lives in real time.
const runFor = (durationMs: number): Promise<void> =>
  dock.clock.runFor(durationMs, async () => {
    await alerter.record([])
    await new Promise(resolve => setImmediate(resolve))
    await alerter.record([])
  })
const begin = (host: string): AlertTransition =>
  transitionOf(host, 'firing', { startsAtMs: dock.clock.nowMs(), atMs: dock.clock.nowMs() })
const end = ({ alert }: AlertTransition): AlertTransition =>
  transitionOf(alert.labels['host']!, 'resolved', {
    startsAtMs: alert.startsAtMs,
    atMs: dock.clock.nowMs(),
  })
const said = (): string[] =>
  dock.said.map(({ message: { alerts } }) =>
    alerts.map(({ labels, status }) => `${labels['host']} ${status}`).join(', '),
  )
const holds = async (): Promise<string[]> => {
  const facts = await readFacts(state.db, { sinceMs: 0, limit: 1_000 })
  return facts.filter(({ kind }) => kind === 'held' || kind === 'released').map(({ kind }) => kind)
}

const busy = (): Verdict => ({ kind: 'later', reason: 'busy' })

test('one that waits to be tried again is held, and told when the silence ends', async () => {
  verdict = busy
  const a = begin('a')
  await alerter.take([a])
  await runFor(1_500)
  expect(said()).toEqual(['a firing'])
  silenced = ['a']
  verdict = () => ({ kind: 'delivered' })
  await runFor(60_000)
  expect(said()).toEqual(['a firing'])
  expect(await holds()).toEqual(['held'])
  expect(alerter.outbox.waiting()).toEqual([])
  silenced = []
  await runFor(20_000)
  expect(said()).toEqual(['a firing', 'a firing'])
  expect(await holds()).toEqual(['released', 'held'])
})

test('a service may have had what it refused, so an end is told though the beginning is held', async () => {
  verdict = busy
  const a = begin('a')
  await alerter.take([a])
  await runFor(1_500)
  silenced = ['a']
  verdict = () => ({ kind: 'delivered' })
  await runFor(20_000)
  await alerter.take([end(a)])
  await runFor(20_000)
  expect(said()).toEqual(['a firing', 'a resolved'])
})

test('what was never tried and is held has no end for anybody', async () => {
  const way = {
    ...dock.way('a', { budgets: [{ key: 'one', times: 1, perMs: 60_000, reserve: 0 }] }),
    id: integration!.id,
  }
  dock.configure(way)
  await alerter.take([begin('a')])
  await runFor(70_000)
  const b = begin('b')
  await alerter.take([b])
  await runFor(15_000)
  // The budget is used up: it waits.
  expect(said()).toEqual(['a firing'])
  silenced = ['b']
  await runFor(60_000)
  await alerter.take([end(b)])
  await runFor(80_000)
  // Of the others there is nothing new.
  expect(said()).toEqual(['a firing'])
  expect(await holds()).toEqual(['held'])
})

test('of a message that waits, the others and the ends go', async () => {
  verdict = busy
  const [a, b, c] = [begin('a'), begin('b'), begin('c')]
  await alerter.take([a, b, c])
  await runFor(1_500)
  await alerter.take([end(c)])
  silenced = ['a']
  await runFor(12_000)
  verdict = () => ({ kind: 'delivered' })
  await runFor(60_000)
  expect(said().at(-1)).toBe('b firing, c resolved')
})

test('what is in the air is told, and so is its end', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  verdict = () => promise.then(() => ({ kind: 'delivered' }))
  const a = begin('a')
  await alerter.take([a])
  await runFor(1_500)
  silenced = ['a']
  resolve()
  await runFor(12_000)
  await alerter.take([end(a)])
  await runFor(20_000)
  expect(said()).toEqual(['a firing', 'a resolved'])
})
