// Whom the watchdog has told that a road is silent, as facts: whoever watches after a restart tells those that it is over. The
// state may be what is broken, so nobody waits for it here. Called by watchdog.ts.
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { State } from '#core/state.ts'
import type { Alerter } from '../alerter.ts'
import type { Fact } from '../fact.ts'
import { detailsOf, textIn } from '../fact-details.ts'
import { readFacts, readFactsApart } from '../facts.ts'
import { testGroup } from '../notices.ts'
import type { Told, Whom } from './direct.ts'
import { type Alarm, keyOf } from './watch.ts'

export type AlarmsOptions = Readonly<{
  state: Pick<State, 'db'>
  alerter: Pick<Alerter, 'record'>
  clock: Clock
  log: Log
  // Told before this process watched, and their ends are not.
  resume(alarms: readonly OpenAlarm[]): void
}>

// `isOver`: a test message has got through since.
export type OpenAlarm = Alarm & Whom & Readonly<{ isOver: boolean }>

export type Alarms = Readonly<{
  note(told: Told): void
  // To be called now and then: reads and writes what the state has refused so far.
  look(): void
}>

// What lasts is said again every few hours.
const lookBackMs = 30 * 86_400_000
const factsMax = 10_000
const testsMax = 100

export function openAlarms({ state, alerter, clock, log, resume }: AlarmsOptions): Alarms {
  const unwritten = new Map<string, Fact>()
  let isRead = false
  let isBusy = false

  async function catchUp(): Promise<void> {
    if (!isRead) resume(await openOnes())
    isRead = true
    while (unwritten.size > 0) {
      const facts = [...unwritten.values()]
      await alerter.record(facts)
      for (const { id } of facts) unwritten.delete(id)
    }
  }
  async function openOnes(): Promise<readonly OpenAlarm[]> {
    const asked = { kinds: ['told', 'held'], sinceMs: clock.nowMs() - lookBackMs, limit: factsMax } as const
    const kept = await readFactsApart(state.db, asked)
    const open = notOver([...kept, ...unwritten.values()])
    return Promise.all(open.map(async each => ({ ...each, isOver: await wasTested(state.db, each) })))
  }
  function failed(error: unknown): void {
    // It ends, or another one has the turn, and goes on.
    if (error instanceof Failure && (error.code === 'stopping' || error.code === 'lease_lost')) return
    // Nobody could read that later either.
    if (!(error instanceof Failure)) isRead = true
    log.warn('watchdog', 'cannot keep whom it has told, and tries again', { error })
  }
  function look(): void {
    if (isBusy) return
    isBusy = true
    void catchUp()
      .catch(failed)
      .finally(() => {
        isBusy = false
      })
  }
  return {
    note(told) {
      const fact = factOf(told, clock.nowMs())
      unwritten.set(fact.id, fact)
      look()
    },
    look,
  }
}

const reason = 'watchdog'

function factOf({ kind, message, receiver, integration, how, road, sinceMs }: Told, atMs: number): Fact {
  return {
    ...{ id: `${kind}/${message}/${integration}`, kind, atMs },
    ...{ incident: null, group: null, fingerprint: null, who: integration },
    details: { message, reason, receiver, how, sinceMs, ...road },
  }
}

// An end is that of all that began before. Times of facts say nothing here: the clock may have been set back.
function notOver(facts: readonly Fact[]): readonly (Alarm & Whom)[] {
  const all = facts.flatMap(fact => {
    const alarm = textIn(fact, 'reason') === reason ? alarmIn(fact) : undefined
    return alarm === undefined ? [] : [{ ...alarm, isEnd: textIn(fact, 'how') === 'over' }]
  })
  const last = new Map<string, (typeof all)[number]>()
  for (const each of all) {
    const key = `${keyOf(each.road)}\n${each.integration}`
    const known = last.get(key)
    if (known === undefined || each.sinceMs > known.sinceMs || (each.sinceMs === known.sinceMs && each.isEnd))
      last.set(key, each)
  }
  return [...last.values()].flatMap(({ isEnd, ...alarm }) => (isEnd ? [] : [alarm]))
}

function alarmIn(fact: Fact): (Alarm & Whom) | undefined {
  const [kind, name, way, receiver] = ['kind', 'name', 'way', 'receiver'].map(each => textIn(fact, each))
  const { sinceMs } = detailsOf(fact)
  if (typeof sinceMs !== 'number' || receiver === undefined) return undefined
  const whom = { sinceMs, receiver, integration: fact.who }
  if (kind === 'rules') return { road: { kind }, ...whom }
  if (kind !== 'receiver' || name === undefined || way === undefined) return undefined
  return { road: { kind, name, way }, ...whom }
}

async function wasTested(db: State['db'], { road, sinceMs }: Alarm): Promise<boolean> {
  if (road.kind === 'rules') return false
  const asked = { group: testGroup(road.name), kind: 'told', sinceMs, limit: testsMax } as const
  return (await readFacts(db, asked)).some(({ who }) => who === road.way)
}
