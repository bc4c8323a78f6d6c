// What rules show of themselves on a fleet: each process that has rules says now and then what its groups are and how
// they do, and whoever is asked answers for all, without rules or rule files of his own. Opened by bin/.
import type { Clock } from '#core/clock.ts'
import type { State } from '#core/state.ts'
import type { RuleGroup } from './rule.ts'
import { definitionOf } from './standing/definition.ts'
import { type Numbers, numbersText, together } from './standing/numbers.ts'
import { keyOf, openReading, silentMs } from './standing/read.ts'
import { openRows } from './standing/rows.ts'
import type { GroupView, ViewGroups } from './view.ts'

export interface Standings {
  // All groups of its files, in their order, with those of their rules that it evaluates: none, or some, or the same
  // group again for each of its parts. At least each 60 s, or the process counts as dead.
  put(process: string, views: readonly GroupView[], write?: State['write']): Promise<void>
  // It does not evaluate any more.
  leave(process: string): Promise<void>
  // What all say, at most a second and the time of reading old. Alerts are as of their last change.
  read: ViewGroups
}

const readEachMs = 1_000
// Of who died, in case that nobody else lives.
const keptMs = 3_600_000

type Said = Readonly<{
  atMs: number
  groups: ReadonlyMap<string, Readonly<{ digest: string; sinceMs: number }>>
}>

export function openStandings({ state, clock }: Readonly<{ state: State; clock: Clock }>): Standings {
  const rows = openRows(state.db)
  const saidBy = new Map<string, Said>()
  const nothing: Said = { atMs: Number.NEGATIVE_INFINITY, groups: new Map() }

  return {
    async put(process, views, write = unit => state.write(unit)) {
      const nowMs = clock.nowMs()
      const last = saidBy.get(process) ?? nothing
      const standings = standingsOf(views).map(each => {
        const before = last.groups.get(each.key)
        return { ...each, sinceMs: before?.digest === each.digest ? before.sinceMs : nowMs }
      })
      // Who was silent for long may have been forgotten.
      const isNew =
        nowMs - last.atMs >= silentMs ||
        standings.length !== last.groups.size ||
        standings.some(each => each.digest !== last.groups.get(each.key)?.digest)
      const definitions = standings.map(({ digest, text }) => [digest, text] as const)
      const said = standings.map(
        ({ digest, sinceMs, numbers }, place) => [process, place, digest, sinceMs, nowMs, numbers] as const,
      )
      const anew = [
        ...rows.clean(nowMs - keptMs),
        ...rows.define(definitions),
        rows.end(process, standings.length),
      ]
      const unit = [...(isNew ? anew : []), ...rows.say(said)]
      if (unit.length > 0) await write(unit)
      const groups = standings.map(({ key, digest, sinceMs }) => [key, { digest, sinceMs }] as const)
      saidBy.set(process, { atMs: nowMs, groups: new Map(groups) })
    },
    async leave(process) {
      saidBy.delete(process)
      await state.write([rows.date(process, clock.nowMs() - silentMs)])
    },
    read: sharedFor(readEachMs, openReading(state.db), clock),
  }
}

// A group of several parts becomes one.
function standingsOf(views: readonly GroupView[]) {
  const groups = new Map<string, { group: RuleGroup; numbers: Map<string, Numbers[]> }>()
  for (const { group, rules } of views) {
    const key = keyOf(group)
    const own = groups.get(key) ?? { group, numbers: new Map<string, Numbers[]>() }
    groups.set(key, own)
    for (const { rule, alerts: _, ...numbers } of rules) {
      const all = own.numbers.get(rule.id)
      if (all === undefined) own.numbers.set(rule.id, [numbers])
      else all.push(numbers)
    }
  }
  return [...groups].map(([key, { group, numbers }]) => {
    const byRule = new Map([...numbers].map(([rule, all]) => [rule, together(all)]))
    return { key, ...definitionOf(group), numbers: numbersText(byRule) }
  })
}

// Many ask at once, and soon again; nothing is kept longer than it may be told.
function sharedFor<T>(
  keptForMs: number,
  read: (nowMs: number) => Promise<T>,
  clock: Clock,
): () => Promise<T> {
  let last: Promise<T> | undefined
  const forget = (): void => {
    last = undefined
  }
  return () => {
    if (last !== undefined) return last
    last = read(clock.nowMs())
    last.then(() => clock.after(keptForMs, forget), forget)
    return last
  }
}
