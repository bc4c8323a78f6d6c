// Who has taken over which incident: from the state at the beginning, from what this process writes, and on a fleet from
// what others write; and what the next message of the incident says.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { type Acknowledgements, openAcknowledgements } from '../../alerter/acknowledged.ts'
import { openAlerter } from '../../alerter/alerter.ts'
import { writeApart } from '../../alerter/book/apart.ts'
import { Page } from '../../alerter/book/page.ts'
import { openAlerterBook } from '../../alerter/book.ts'
import type { Fact } from '../../alerter/fact.ts'
import { wordsOf } from '../../alerter/words.ts'
import { configOf } from './alerter/world.ts'
import { factOf, groupId } from './book/rows.ts'
import { beginMs, openDock } from './delivery/dock.ts'

let folder: string
let state: State
let known: Acknowledgements | undefined
const clock = new SimulatedClock(beginMs)
const logged: string[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-acknowledged-'))
  state = await openSqliteState({ file: join(folder, 'state.db') })
})
afterEach(async () => {
  await known?.close()
  await state.close()
  rmSync(folder, { recursive: true })
  logged.length = 0
})

const acknowledged = (by: string, incident: number, atMs: number): Fact =>
  factOf(`acknowledged/${incident}/${by}`, { kind: 'acknowledged', incident, who: by, atMs })

const incident = (number: number, openedAtMs: number, closedAtMs: number | null = null) => ({
  ...{ number, group: groupId(String(number)), labels: {} },
  ...{ openedAtMs, closedAtMs },
})

async function save(fill: (page: Page) => void): Promise<void> {
  const page = new Page()
  fill(page)
  await openAlerterBook({ state }).save(page)
}

async function open(isShared = false): Promise<Acknowledgements> {
  const log = openLog({ clock, write: line => void logged.push(line) })
  known = await openAcknowledgements({ state, clock, log, isShared })
  return known
}

test('what was acknowledged before a restart is known after it, the last one of each incident', async () => {
  const hourMs = 3_600_000
  await save(page => {
    page.incident(incident(1, beginMs - 400 * hourMs, beginMs - 300 * hourMs))
    page.incident(incident(2, beginMs - hourMs))
    const facts = [
      acknowledged('+8613800138000', 1, beginMs - 350 * hourMs),
      acknowledged('Anna', 2, beginMs - 60_000),
      acknowledged('+8613900139000', 2, beginMs - 30_000),
    ]
    for (const [nth, each] of facts.entries()) page.fact(each, nth + 1)
  })
  const { of } = await open()
  expect(of(2)).toEqual({ by: '+8613900139000', atMs: beginMs - 30_000 })
  // What is over is said no more.
  expect(of(1)).toBeUndefined()
  expect(of(3)).toBeUndefined()
})

test('what this process writes is known at once; an older one takes no place', async () => {
  const { of, hear } = await open()
  hear([acknowledged('Anna', 7, 2_000), factOf('fired', { kind: 'fired', incident: 7, atMs: 3_000 })])
  hear([acknowledged('Bo', 7, 1_000)])
  expect(of(7)).toEqual({ by: 'Anna', atMs: 2_000 })
})

test('on a fleet what another process hears is known within a second', async () => {
  const { of } = await open(true)
  await writeApart(state, [acknowledged('Anna', 7, clock.nowMs())], clock.nowMs())
  expect(of(7)).toBeUndefined()
  await clock.runFor(1_000)
  await expect.poll(() => of(7)).toEqual({ by: 'Anna', atMs: beginMs })
  await known?.close()
  // Nothing is asked of a state that is closed.
  await clock.runFor(10_000)
  expect(logged).toEqual([])
})

test('what a state refuses at first is known once it is durable', async () => {
  const { of, hear } = await open()
  let refusals = 1
  const alerter = await openAlerter({
    ...{ state, clock, own: openOwnMetrics(), config: configOf({}), silencedBy: () => [], wrote: hear },
    log: openLog({ clock, write: () => {} }),
    write: statements =>
      refusals-- > 0 ? Promise.reject(new Failure('state_full', 'full')) : state.write(statements),
  })
  await expect(alerter.record([acknowledged('Anna', 7, beginMs)])).rejects.toMatchObject({
    code: 'state_full',
  })
  expect(of(7)).toBeUndefined()
  await clock.runFor(1_000)
  await expect.poll(() => of(7)).toEqual({ by: 'Anna', atMs: beginMs })
  await alerter.close()
})

test('what was written apart is read again when asked, and until it is', async () => {
  let away = 0
  const flaky = {
    ...state,
    get db() {
      if (away-- > 0) throw new Failure('state_unavailable', 'away')
      return state.db
    },
  }
  const log = openLog({ clock, write: line => void logged.push(line) })
  known = await openAcknowledgements({ state: flaky, clock, log, isShared: false })
  await writeApart(state, [acknowledged('Anna', 7, clock.nowMs())], clock.nowMs())
  away = 1
  await known.readAgain()
  expect(known.of(7)).toBeUndefined()
  await clock.runFor(1_000)
  await expect.poll(() => known!.of(7)?.by).toBe('Anna')
  await writeApart(state, [acknowledged('Bo', 8, clock.nowMs())], clock.nowMs())
  await known.readAgain()
  expect(known.of(8)?.by).toBe('Bo')
  expect(logged).toHaveLength(1)
})

test('a state that is away is told in the log, and asked again', async () => {
  let away = 0
  const flaky = {
    ...state,
    get db() {
      if (away-- > 0) throw new Failure('state_unavailable', 'away')
      return state.db
    },
  }
  const log = openLog({ clock, write: line => void logged.push(line) })
  known = await openAcknowledgements({ state: flaky, clock, log, isShared: true })
  away = 1
  await writeApart(state, [acknowledged('Anna', 7, clock.nowMs())], clock.nowMs())
  await clock.runFor(1_000)
  expect(logged.join()).toContain('cannot read what was acknowledged elsewhere')
  expect(known.of(7)).toBeUndefined()
  await clock.runFor(1_000)
  await expect.poll(() => known!.of(7)?.by).toBe('Anna')
})

test('the next message of the incident says who has it, and since when', async () => {
  const { of, hear } = await open()
  const dock = openDock()
  dock.configure(dock.way('a'))
  dock.open({ acknowledged: of })
  const lines = (): string[] => {
    const { message } = dock.said.at(-1)!
    return wordsOf(message, { alertsMax: 5, links: true }).plain.split('\n')
  }
  const line = expect.stringContaining('Acknowledged')
  dock.tell('g', 'a')
  await dock.clock.runFor(1_000)
  expect(lines()).not.toContainEqual(line)

  hear([acknowledged('+8613800138000', 4711, beginMs + 500)])
  dock.tell('g', 'a', { reason: 'repeat' })
  await dock.clock.runFor(1_000)
  expect(dock.said).toHaveLength(2)
  expect(lines()).toContain('Acknowledged: by the phone ending in 8000 at 09:00')
  // Who opens delivery gives it more than people are to read.
  expect(Object.keys(dock.said.at(-1)!.message)).not.toContain('outbox')
  await dock.close()
})
