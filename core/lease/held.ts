// What this process owns: renewed in one write, ended when somebody else is seen to own it, given back when it is not
// needed any more. Called by leases.ts, and by wanted.ts with what was taken.
import type { Clock } from '../clock.ts'
import { endsWithin } from '../ends-within.ts'
import { Failure } from '../errors.ts'
import type { Log } from '../log.ts'
import type { State } from '../state.ts'
import { type End, type Holding, type Moment, momentOf, openHolding } from './holding.ts'
import type { LeaseCounts } from './lease-counts.ts'
import { giveBack, renew } from './lease-rows.ts'
import { openRounds } from './rounds.ts'
import { timing } from './timing.ts'

export type Process = Readonly<{
  state: State
  // Its name in the table, which no other process has, nor this one after its next start.
  self: string
  clock: Clock
  log: Log
  counts: LeaseCounts
  // No other process has this state.
  sole: boolean
}>

export type Held = Readonly<{
  // What was taken by a write that was sent then.
  begin(name: string, epoch: number, sent: Moment): Holding
  // Others may take it at once. One that is lost already is left alone.
  handOver(holding: Holding): Promise<void>
  end(): Promise<void>
}>

export function openHeld({ state, self, clock, log, counts, sole }: Process): Held {
  const held = new Map<string, Holding>()
  const rounds = openRounds({ clock, log, trouble: 'cannot renew what this process owns', round: renewAll })

  async function renewAll(): Promise<number | undefined> {
    const batch = [...held.values()]
    if (batch.length === 0 || sole) return undefined
    const dueMs = Math.min(...batch.map(each => each.renewedMs())) + timing.beatMs
    const sent = momentOf(clock)
    if (dueMs > sent.monotonicMs) return dueMs - sent.monotonicMs
    const names = batch.map(each => each.tenure.name)
    const [answer] = await state.writeFirst([renew(state.db, self, names)])
    const ours = new Map(answer!.rows.map(row => [row['name'], row['epoch']]))
    for (const holding of batch) {
      if (ours.get(holding.tenure.name) === holding.tenure.epoch) holding.renewed(sent)
      else holding.end('taken')
    }
    return Math.max(0, sent.monotonicMs + timing.beatMs - clock.monotonicMs())
  }

  function begin(name: string, epoch: number, sent: Moment): Holding {
    const onEnd = (how: End): void => {
      held.delete(name)
      counts.held([...held.keys()])
      if (how === 'over') return
      counts.lost(name, how)
      log.warn('lease', 'lost what this process owned', { name, epoch, because: how })
    }
    const tenure = { name, owner: self, epoch }
    const holding = openHolding({ tenure, sent, state, clock, sole, onEnd })
    // It may be too late for it by now.
    if (!holding.signal.aborted) held.set(name, holding)
    counts.held([...held.keys()])
    rounds.wake()
    return holding
  }

  async function handOver(holding: Holding): Promise<void> {
    if (held.get(holding.tenure.name) !== holding) return
    holding.end('over')
    const written = state.write([giveBack(state.db, holding.tenure)]).catch((error: unknown) => {
      // It falls silent instead.
      if (!(error instanceof Failure)) throw error
      log.warn('lease', 'cannot give back what this process owned', { error })
    })
    await endsWithin(timing.giveBackMs, written, clock)
  }
  return { begin, handOver, end: rounds.end }
}
