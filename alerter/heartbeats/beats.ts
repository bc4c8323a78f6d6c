// What was heard of others, as rows of the state: the last beat, the last failure, and the alert that fires because of it.
// Called by heartbeats.ts, in any process for beats and in one for alerts.

import type { Alert } from '#core/model.ts'
import { readSaved } from '#core/state/saved-json.ts'
import type { Tables } from '#core/state/tables.ts'
import type { State } from '#core/state.ts'

export type Beats = Readonly<{
  name: string
  // When it was first waited for.
  sinceMs: number
  // Null: never.
  beatMs: number | null
  // Later than the last beat.
  failed: Readonly<{ atMs: number; text: string }> | null
  // What fires, as it was told.
  alert: Alert | null
}>

type Db = State['db']

export async function readBeats(db: Db): Promise<readonly Beats[]> {
  return (await db.selectFrom('heartbeats').selectAll().orderBy('name').execute()).map(read)
}

function read(row: Tables['heartbeats']): Beats {
  const { name, since_ms: sinceMs, beat_ms: beatMs, failed_ms: failedMs, failed_text: text, alert } = row
  return {
    ...{ name, sinceMs, beatMs },
    failed: failedMs === null ? null : { atMs: failedMs, text: JSON.parse(text) as string },
    alert: alert === null ? null : readSaved<Alert>(alert, wanted(name)),
  }
}

const wanted = (name: string) => ({
  at: `heartbeats (${name})`,
  wanted: 'an alert',
  isWhole: (found: Alert) => typeof found?.fingerprint === 'string',
})

const nothing = '""'

// Waited for from now on, unless it is already.
export const expectStatement = (db: Db, name: string, sinceMs: number) =>
  db
    .insertInto('heartbeats')
    .values({ name, since_ms: sinceMs, beat_ms: null, failed_ms: null, failed_text: nothing, alert: null })
    .onConflict(on => on.column('name').doNothing())

export const beatStatement = (db: Db, name: string, atMs: number) =>
  db
    .insertInto('heartbeats')
    .values({ name, since_ms: atMs, beat_ms: atMs, failed_ms: null, failed_text: nothing, alert: null })
    .onConflict(on => on.column('name').doUpdateSet({ beat_ms: atMs, failed_ms: null, failed_text: nothing }))

export const failStatement = (db: Db, name: string, failed: NonNullable<Beats['failed']>) => {
  // A JSON string, because PostgreSQL's texts have no NUL.
  const rest = { failed_ms: failed.atMs, failed_text: JSON.stringify(failed.text) }
  return db
    .insertInto('heartbeats')
    .values({ name, since_ms: failed.atMs, beat_ms: null, alert: null, ...rest })
    .onConflict(on => on.column('name').doUpdateSet(rest))
}

export const alertStatement = (db: Db, name: string, alert: Alert | null) =>
  db
    .updateTable('heartbeats')
    .set({ alert: alert === null ? null : JSON.stringify(alert) })
    .where('name', '=', name)

// A clock was set back: who was heard of ahead of it was heard of now, else he would not be missed for as long.
export const isAhead = ({ sinceMs, beatMs }: Beats, nowMs: number): boolean =>
  Math.max(sinceMs, beatMs ?? sinceMs) > nowMs

export const setBack = (beats: Beats, nowMs: number): Beats => ({
  ...beats,
  sinceMs: Math.min(beats.sinceMs, nowMs),
  beatMs: beats.beatMs === null ? null : Math.min(beats.beatMs, nowMs),
})

export const setBackStatements = (db: Db, nowMs: number) => [
  db.updateTable('heartbeats').set({ since_ms: nowMs }).where('since_ms', '>', nowMs),
  db.updateTable('heartbeats').set({ beat_ms: nowMs }).where('beat_ms', '>', nowMs),
]

export const forgetStatement = (db: Db, name: string) => db.deleteFrom('heartbeats').where('name', '=', name)
