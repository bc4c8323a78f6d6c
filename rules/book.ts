// What of the alerts survives: the alerts themselves, how far they have read, and the transitions that are still to be
// published, saved together. Called by scribe.ts and, at start, by the engine.
import type { AlertTransition } from '#core/model.ts'
import type { Row } from '#core/state/in-sizes.ts'
import type { State } from '#core/state.ts'
import { alertText, readAlert, readTransition } from './book/alert-text.ts'
import { alertsAfter, lastSeq, openStatements, outboxAfter, placesOf } from './book/statements.ts'
import type { Alerts, Tracked } from './state.ts'

// Of an alert that is no more there is nothing.
export type Entry = Readonly<{ rule: string; fingerprint: string; alert: Tracked | undefined }>

// What has changed. A part is what has one owner: `all` on one machine.
export type Page = Readonly<{
  part: string
  entries: readonly Entry[]
  transitions: readonly AlertTransition[]
  // By partition.
  places?: ReadonlyMap<number, Place>
}>

// How far the samples of a partition are in the alerts: the next one to read, and the engine's time of then.
export type Place = Readonly<{ next: number; atMs: number }>

export type Saved = Readonly<{
  // By rule, then by fingerprint.
  alerts: ReadonlyMap<string, Alerts>
  // Perhaps not published yet, in their order.
  untold: readonly AlertTransition[]
  places: ReadonlyMap<number, Place>
}>

export interface Book {
  // Whoever becomes the owner of a part loads it before he saves.
  load(part: string): Promise<Saved>
  // All or nothing, durable when it resolves. Of two entries for one alert the later counts. Storms are cut into
  // pieces by the scribe: more than `rowsMax` at once would hold up others, and the thread of the state for long.
  save(pages: readonly Page[], write?: State['write' | 'append']): Promise<void>
  // These are published.
  told(ids: readonly string[]): Promise<void>
}

export const rowsMax = 20_000
// At a time: about 5 MiB of rows, and 20 ms.
const readAtOnce = 5_000
const forgottenAtOnce = 2_048

export function openBook({ state }: Readonly<{ state: State }>): Book {
  const statements = openStatements(state.db)
  const seqs = new Map<string, number>()

  async function learnSeq(part: string): Promise<void> {
    const found = await lastSeq(state.db, part)
    seqs.set(part, Math.max(seqs.get(part) ?? 0, found?.seq ?? 0))
  }
  function nextSeq(part: string): number {
    const next = (seqs.get(part) ?? 0) + 1
    seqs.set(part, next)
    return next
  }
  return {
    async load(part) {
      await learnSeq(part)
      const alerts = await loadAlerts(state, part)
      const untold = await loadUntold(state, part)
      const places = await placesOf(state.db, part)
      const placed = places.map(({ partition, next, at_ms: atMs }) => [partition, { next, atMs }] as const)
      return { alerts, untold, places: new Map(placed) }
    },
    async save(pages, write = unit => state.append(unit)) {
      for (const { part, transitions } of pages) {
        if (transitions.length > 0 && !seqs.has(part)) await learnSeq(part)
      }
      const { upserts, ends, places, transitions, size } = rowsOf(pages)
      if (size > rowsMax) throw new Error(`${size} rows are more than the ${rowsMax} of one save`)
      const out = transitions.map(
        ({ part, each }) => [each.id, part, nextSeq(part), JSON.stringify(each)] as const,
      )
      const unit = [
        ...ends.flatMap(each => statements.endAlerts(each.part, each.rule, each.fingerprints)),
        ...statements.saveAlerts(upserts.sort(byKey)),
        ...statements.putOut(out.sort(byKey)),
        ...statements.savePlaces(places),
      ]
      if (unit.length > 0) await write(unit)
    },
    async told(ids) {
      const sorted = [...ids].sort()
      for (let at = 0; at < sorted.length; at += forgottenAtOnce) {
        await state.append(statements.takeIn(sorted.slice(at, at + forgottenAtOnce)))
      }
    },
  }
}

type Ends = Readonly<{ part: string; rule: string; fingerprints: string[] }>

// Each row once, because no statement may change a row twice.
function rowsOf(pages: readonly Page[]) {
  const last = new Latest()
  const places = new Map<string, readonly [string, number, number, number]>()
  const transitions = new Map<string, Readonly<{ part: string; each: AlertTransition }>>()
  for (const { part, entries, transitions: told, places: read = [] } of pages) {
    for (const entry of entries) last.put(part, entry)
    for (const each of told) transitions.set(each.id, { part, each })
    for (const [partition, { next, atMs }] of read)
      places.set(`${part} ${partition}`, [part, partition, next, atMs])
  }
  const size = last.size + transitions.size + places.size
  return { ...last.rows(), places: [...places.values()], transitions: [...transitions.values()], size }
}

// By part, rule and fingerprint: one key of all three would have to be made and hashed for every alert of a storm.
class Latest {
  readonly #parts = new Map<string, Map<string, Map<string, Tracked | undefined>>>()

  put(part: string, { rule, fingerprint, alert }: Entry): void {
    within(within(this.#parts, part), rule).set(fingerprint, alert)
  }

  get size(): number {
    return this.#rules().reduce((sum, { alerts }) => sum + alerts.size, 0)
  }

  rows(): Readonly<{ upserts: Row[]; ends: Ends[] }> {
    const upserts: Row[] = []
    const ends: Ends[] = []
    for (const { part, rule, alerts } of this.#rules()) {
      const fingerprints: string[] = []
      for (const [fingerprint, alert] of alerts) {
        if (alert === undefined) fingerprints.push(fingerprint)
        else upserts.push([part, rule, fingerprint, alertText(alert)])
      }
      if (fingerprints.length > 0) ends.push({ part, rule, fingerprints })
    }
    return { upserts, ends }
  }

  #rules() {
    return [...this.#parts].flatMap(([part, rules]) =>
      [...rules].map(([rule, alerts]) => ({ part, rule, alerts })),
    )
  }
}

function within<V>(of: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const known = of.get(key) ?? new Map<string, V>()
  if (known.size === 0) of.set(key, known)
  return known
}

// Rows that lie beside each other are written in half the time.
function byKey(one: Row, other: Row): number {
  for (let at = 0; at < one.length; at++) {
    if (one[at]! < other[at]!) return -1
    if (one[at]! > other[at]!) return 1
  }
  return 0
}

async function loadAlerts(state: State, part: string): Promise<Map<string, Alerts>> {
  const alerts = new Map<string, Map<string, Tracked>>()
  let after = { rule: '', fingerprint: '' }
  for (;;) {
    const rows = await alertsAfter(state.db, part, after, readAtOnce)
    for (const { rule, fingerprint, alert } of rows) {
      const ofRule = alerts.get(rule) ?? new Map<string, Tracked>()
      alerts.set(rule, ofRule)
      ofRule.set(fingerprint, readAlert(alert, `rule_alerts (${part}, ${rule}, ${fingerprint})`))
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < readAtOnce) return alerts
    after = last
  }
}

async function loadUntold(state: State, part: string): Promise<AlertTransition[]> {
  const untold: AlertTransition[] = []
  let seq = 0
  for (;;) {
    const rows = await outboxAfter(state.db, part, seq, readAtOnce)
    for (const { id, record } of rows) untold.push(readTransition(record, `alert_outbox (${id})`))
    const last = rows.at(-1)
    if (last === undefined || rows.length < readAtOnce) return untold
    seq = last.seq
  }
}
