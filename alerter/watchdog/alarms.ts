// Whom the watchdog has told that a road is silent, as facts: whoever watches after a restart tells those that it is over. The
// state may be what is broken, so nobody waits for it here. Called by watchdog.ts.
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { State } from '#core/state.ts'
import type { Alerter } from '../alerter.ts'
import type { Fact } from '../fact.ts'
import { detailsOf, textIn } from '../fact-details.ts'
import { readFactsApart } from '../facts.ts'
import type { Told, Whom } from './direct.ts'
import { type Alarm, keyOf, type Road } from './watch.ts'

export type AlarmsOptions = Readonly<{
  state: Pick<State, 'db'>
  alerter: Pick<Alerter, 'record'>
  clock: Clock
  log: Log
  // Told before this process watched, and not over yet. `saidMs`: when it was said last.
  resume(alarm: OpenAlarm): void
}>

export type OpenAlarm = Alarm & Whom & Readonly<{ saidMs: number }>

export type Alarms = Readonly<{
  note(told: Told): void
  // To be called now and then: reads and writes what the state has refused so far.
  look(): void
}>

// What lasts is said again every few hours.
const lookBackMs = 30 * 86_400_000
const factsMax = 10_000

export function openAlarms({ state, alerter, clock, log, resume }: AlarmsOptions): Alarms {
  const unwritten = new Map<string, Fact>()
  let isRead = false
  let isBusy = false

  async function catchUp(): Promise<void> {
    if (!isRead) {
      const asked = { kinds: ['told'], sinceMs: clock.nowMs() - lookBackMs, limit: factsMax } as const
      openOnes(await readFactsApart(state.db, asked)).forEach(resume)
      isRead = true
    }
    while (unwritten.size > 0) {
      const facts = [...unwritten.values()]
      await alerter.record(facts)
      for (const { id } of facts) unwritten.delete(id)
    }
  }
  function look(): void {
    if (isBusy) return
    isBusy = true
    const failed = (error: unknown): void => {
      if (!(error instanceof Failure)) throw error
      // It ends, and whoever has the turn next goes on.
      if (error.code === 'stopping') return
      log.warn('watchdog', 'cannot keep whom it has told, and tries again', { error })
    }
    void catchUp()
      .catch(failed)
      .finally(() => {
        isBusy = false
      })
  }
  return {
    note(told) {
      const fact = toldFact(told, clock.nowMs())
      unwritten.set(fact.id, fact)
      look()
    },
    look,
  }
}

const reason = 'watchdog'

function toldFact({ message, receiver, integration, how, road, sinceMs }: Told, atMs: number): Fact {
  return {
    ...{ id: `told/${message}/${integration}`, kind: 'told', atMs },
    ...{ incident: null, group: null, fingerprint: null, who: integration },
    details: { message, reason, receiver, how, sinceMs, ...road },
  }
}

// The newest first.
function openOnes(facts: readonly Fact[]): readonly OpenAlarm[] {
  const last = new Map<string, OpenAlarm | undefined>()
  for (const fact of facts) {
    const road = roadIn(fact)
    if (road === undefined || textIn(fact, 'reason') !== reason) continue
    const key = `${keyOf(road)}\n${fact.who}`
    if (!last.has(key)) last.set(key, textIn(fact, 'how') === 'begun' ? alarmIn(fact, road) : undefined)
  }
  return [...last.values()].filter(each => each !== undefined)
}

function roadIn(fact: Fact): Road | undefined {
  const [kind, name, way] = ['kind', 'name', 'way'].map(each => textIn(fact, each))
  if (kind === 'rules') return { kind }
  return kind === 'receiver' && name !== undefined && way !== undefined ? { kind, name, way } : undefined
}

const alarmIn = (fact: Fact, road: Road): OpenAlarm => ({
  road,
  sinceMs: Number(detailsOf(fact)['sinceMs']),
  saidMs: fact.atMs,
  receiver: textIn(fact, 'receiver') ?? '',
  integration: fact.who,
})
