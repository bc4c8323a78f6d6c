// What the alerter of another process has saved, for the routes: on a fleet every process answers. Called by bin/ where
// the alerter is not at work.
import type { Clock } from '#core/clock.ts'
import type { State } from '#core/state.ts'
import type { AlertmanagerConfig } from '../alertmanager.ts'
import type { Loaded } from '../book/load.ts'
import { openAlerterBook } from '../book.ts'
import { openInhibitor } from '../inhibition.ts'
import { isWithin } from '../interval.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import type { Silences } from '../silences.ts'
import type { AlertRow } from '../timeline/outcome.ts'
import { Timeline } from '../timeline.ts'
import { historyOf } from './standing-view.ts'
import type { AlerterView, ConfigView } from './view.ts'

export type SavedViewOptions = Readonly<{
  state: State
  clock: Clock
  silences: Pick<Silences, 'silencedBy'>
  // As it is now; other processes may have read another one for a moment.
  config(): ConfigView & Pick<AlertmanagerConfig, 'receivers' | 'inhibitions' | 'intervals'>
}>

type Saved = Readonly<{ timeline: Timeline; entries: readonly OutboxEntry[] }>

// Many ask at once, and soon again. A storm of 50 000 takes half a second to read.
const keptMs = 1_000

export function savedView(options: SavedViewOptions): AlerterView {
  const { state, clock, config } = options
  let last: Promise<Saved> | undefined
  const forget = (): void => {
    last = undefined
  }
  const saved = (): Promise<Saved> => {
    if (last !== undefined) return last
    last = read(options)
    last.then(() => clock.after(keptMs, forget), forget)
    return last
  }
  return {
    config,
    alerts: async () => (await saved()).timeline.alerts(clock.nowMs()),
    alert: async fingerprint => (await saved()).timeline.alert(fingerprint, clock.nowMs()),
    groups: async () => (await saved()).timeline.groups(clock.nowMs()),
    seats: async fingerprint => (await saved()).timeline.seats(fingerprint),
    waiting: async fingerprint => (await saved()).entries.filter(each => tellsOf(each, fingerprint)),
    waitOf: () => undefined,
    ...historyOf(state),
  }
}

// A timeline that is only looked at: it never advances, and nothing of it is saved.
async function read({ state, clock, silences, config }: SavedViewOptions): Promise<Saved> {
  const { route, receivers, inhibitions, intervals } = config()
  const loaded = await openAlerterBook({ state }).load(clock.nowMs())
  const rules = {
    ...{ route, receivers, inhibitor: openInhibitor(inhibitions) },
    silencedBy: silences.silencedBy,
    isWithin: (name: string, atMs: number): boolean =>
      (intervals.get(name) ?? []).some(each => isWithin(each, atMs)),
  }
  const saved = { ...loaded, alerts: seatedOf(loaded) }
  const timeline = await Timeline.opened({ rules, saved, nowMs: clock.nowMs() })
  return { timeline, entries: loaded.entries }
}

// The alerter went on while its rows were read: an alert of the first may have left its group by the last.
function seatedOf({ alerts, groups }: Loaded): AlertRow[] {
  const known = new Set(groups.map(({ id }) => id))
  return alerts.map(row => {
    const seats = row.seats.filter(({ group }) => known.has(group))
    return seats.length === row.seats.length ? row : { ...row, seats }
  })
}

const tellsOf = ({ telling }: OutboxEntry, fingerprint: string): boolean =>
  telling.firing.includes(fingerprint) || telling.resolved.includes(fingerprint)
