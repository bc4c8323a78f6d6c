// From values at any times to rows of days: each value goes to its five minutes, parts add up to the whole at each of
// them, and a day is closed when its room is needed. Bounded memory, whatever the order. Called by the readers of this
// folder.
//
// Hot: millions of values of one line in a row, so the day that was last is looked at first.
import { Failure } from '#core/errors.ts'
import { noLabels } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { dayOf, dayStartMs } from '../days.ts'
import { mergeRows } from '../history/day-row.ts'
import type { DayRow, Track } from '../history.ts'
import { type Line, lineKey } from '../pool.ts'
import { type PartRow, rowsOfDay, sumOf } from './close-day.ts'
import { emptySlots, type Group, type OpenDay, type Slots, slotMs, type Unlabelled } from './slots.ts'
import { type ImportedLine, withoutSmallWholes } from './wholes.ts'

export type { ImportedLine } from './wholes.ts'

// What a value belongs to. `source` tells those apart that add up to one part, like items of several hosts.
export type Target = Readonly<{
  pool: string
  resource: string
  track: Track
  part: Labels
  source: string
  unlabelled: Unlabelled
}>

// Why days of a line were left out: `mixed` and `small` of the whole, `pieces` of anything that is a sum.
export type Why = 'mixed' | 'small' | 'pieces'
export type LeftOut = Readonly<{ line: Line; track: Track; why: Why; days: ReadonlySet<number> }>

// Stands for as long as it says, with its own extremes: an hour of a trend.
export type Span = Readonly<{ tMs: number; value: number; forMs: number; least: number; most: number }>
// The handle of a target, so that nobody looks it up for each value.
export type Put = Readonly<{ value(tMs: number, value: number): void; span(span: Span): void }>

export type BinsOptions = Readonly<{
  zone: string
  // Sources and days that are open at once: 16 384 of them take 60 MB.
  openMax?: number
}>

const rowsMax = 4_000_000

export class Bins {
  readonly #zone: string
  readonly #openMax: number
  readonly #groups = new Map<string, Group>()
  readonly #lines = new Map<string, ImportedLine>()
  // Of a single source its key, else a sum.
  readonly #madeOf = new Map<ImportedLine, string>()
  // Wholes that were added up here, so that nobody stated them.
  readonly #added = new Set<ImportedLine>()
  readonly #leftOut = new Map<string, LeftOut & Readonly<{ days: Set<number> }>>()
  // The one that was touched longest ago first.
  readonly #open = new Set<OpenDay>()
  #openSources = 0
  #rows = 0
  readonly counts = { values: 0, twice: 0, splitDays: 0 }

  constructor({ zone, openMax = 16_384 }: BinsOptions) {
    this.#zone = zone
    this.#openMax = openMax
  }

  target(target: Target): Put {
    const group = this.#group(target)
    let day: OpenDay | undefined
    let slots: Slots | undefined
    const at = (tMs: number): Slots => {
      const isThere = day !== undefined && tMs >= day.startMs && tMs < day.endMs
      // Another line may have closed it.
      if (!isThere || slots === undefined || !this.#open.has(day!)) {
        day = this.#day(group, tMs)
        slots = this.#slots(day, target)
      }
      return slots
    }
    return {
      value: (tMs, value) => {
        this.counts.values++
        const found = at(tMs)
        if (putValue(found, slotOf(tMs, day!), { tMs, value })) this.counts.twice++
      },
      span: span => {
        this.counts.values++
        const endMs = span.tMs + span.forMs
        for (let tMs = span.tMs; tMs < endMs; tMs += slotMs) {
          const found = at(tMs)
          const isNew = putSpan(found, slotOf(tMs, day!), span)
          if (!isNew && tMs === span.tMs) this.counts.twice++
        }
      },
    }
  }

  // A day that somebody else has counted; of two the later wins.
  row(line: Line, track: Track, row: DayRow): void {
    const into = this.#line(line, track)
    const { rows } = into
    this.#madeOf.set(into, sumOf)
    if (rows.has(row.day)) this.counts.twice++
    else this.#oneMore()
    this.counts.values++
    rows.set(row.day, row)
  }

  // Closes what is open.
  close(): readonly ImportedLine[] {
    for (const day of [...this.#open]) this.#closeDay(day)
    const lines = [...this.#lines.values()]
    for (const { line, day } of withoutSmallWholes(lines, whole => this.#added.has(whole)))
      this.#leave(line, 'small', day)
    return lines.filter(({ rows }) => rows.size > 0)
  }

  leftOut(): readonly LeftOut[] {
    return [...this.#leftOut.values()]
  }

  #day(group: Group, tMs: number): OpenDay {
    const day = dayOf(this.#zone, tMs)
    const known = group.days.get(day) ?? {
      group,
      day,
      startMs: dayStartMs(this.#zone, day),
      endMs: dayStartMs(this.#zone, day + 1),
      sources: new Map<string, Slots>(),
    }
    group.days.set(day, known)
    this.#open.delete(known)
    this.#open.add(known)
    return known
  }

  #slots(day: OpenDay, { part, source, unlabelled }: Target): Slots {
    const key = JSON.stringify([part, source])
    const known = day.sources.get(key)
    if (known !== undefined) return known
    const made = emptySlots(part, unlabelled)
    day.sources.set(key, made)
    this.#openSources++
    for (const oldest of this.#open) {
      if (this.#openSources <= this.#openMax || oldest === day) break
      this.#closeDay(oldest)
    }
    return made
  }

  #closeDay(day: OpenDay): void {
    this.#open.delete(day)
    day.group.days.delete(day.day)
    this.#openSources -= day.sources.size
    const { pool, resource, track } = day.group
    const { rows, isMixed } = rowsOfDay(day)
    if (isMixed) {
      const whole = this.#line({ pool, resource, part: noLabels }, track)
      whole.rows.delete(day.day)
      this.#leave(whole, 'mixed', day.day)
    }
    for (const each of rows) {
      const into = this.#line({ pool, resource, part: each.part }, track)
      if (each.isAdded) this.#added.add(into)
      this.#take(into, each)
    }
  }

  #take(into: ImportedLine, { row, firstMs, madeOf }: PartRow): void {
    const { rows } = into
    const made = (this.#madeOf.get(into) ?? madeOf) === madeOf ? madeOf : sumOf
    this.#madeOf.set(into, made)
    if (this.#isLeft(into, row.day)) return
    const before = rows.get(row.day)
    if (before === undefined) {
      this.#oneMore()
      rows.set(row.day, row)
    } else if (made === sumOf && firstMs <= before.lastMs) {
      // What belongs together at one time came in different pieces: no sum of it is known.
      rows.delete(row.day)
      this.#leave(into, 'pieces', row.day)
    } else {
      this.counts.splitDays++
      rows.set(row.day, mergeRows(before, row))
    }
  }

  #leave({ line, track }: Pick<ImportedLine, 'line' | 'track'>, why: Why, day: number): void {
    const key = `${why} ${track} ${lineKey(line)}`
    const known = this.#leftOut.get(key) ?? { line, track, why, days: new Set<number>() }
    this.#leftOut.set(key, known)
    known.days.add(day)
  }

  #isLeft({ line, track }: ImportedLine, day: number): boolean {
    if (this.#leftOut.size === 0) return false
    const key = `${track} ${lineKey(line)}`
    return (['mixed', 'pieces'] as const).some(why => this.#leftOut.get(`${why} ${key}`)?.days.has(day))
  }

  #line(line: Line, track: Track): ImportedLine {
    const key = `${track} ${lineKey(line)}`
    const known = this.#lines.get(key) ?? { line, track, rows: new Map<number, DayRow>() }
    this.#lines.set(key, known)
    return known
  }

  #oneMore(): void {
    if (++this.#rows <= rowsMax) return
    const what = `wanted at most ${rowsMax} days of lines in one import: import it in pieces`
    throw new Failure('bad_import', what)
  }

  #group({ pool, resource, track }: Target): Group {
    const key = JSON.stringify([pool, resource, track])
    const known = this.#groups.get(key) ?? { pool, resource, track, days: new Map<number, OpenDay>() }
    this.#groups.set(key, known)
    return known
  }
}

const slotOf = (tMs: number, { startMs }: OpenDay): number => Math.floor((tMs - startMs) / slotMs)

// Answers whether there was one at this time; the later of the two wins.
function putValue(
  slots: Slots,
  slot: number,
  { tMs, value }: Readonly<{ tMs: number; value: number }>,
): boolean {
  const isTwice = tMs === slots.lastMs
  if (isTwice) slots.sums[slot]! -= slots.lastValue
  else slots.counts[slot]!++
  slots.sums[slot]! += value
  if (tMs >= slots.lastMs) {
    slots.lastMs = tMs
    slots.lastValue = value
  }
  return isTwice
}

function putSpan(slots: Slots, slot: number, { value, least, most }: Span): boolean {
  slots.least = Number.isNaN(slots.least) ? least : Math.min(slots.least, least)
  slots.most = Number.isNaN(slots.most) ? most : Math.max(slots.most, most)
  if (slots.counts[slot]! > 0) return false
  slots.counts[slot] = 1
  slots.sums[slot] = value
  return true
}
