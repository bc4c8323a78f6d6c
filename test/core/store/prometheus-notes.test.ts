// Notes in the state: found by series and time, each once, and forgotten when they are too old.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { noRows } from '#core/batch.ts'
import { SimulatedClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import { SeriesTable } from '#core/series.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { Notes } from '#core/store/prometheus/notes.ts'

const startMs = Date.UTC(2026, 10, 20, 12)
const dayMs = 86_400_000
const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

async function openState(clock: SimulatedClock): Promise<State> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-notes-'))
  const state = await openSqliteState({ file: join(folder, 'state.db'), clock })
  undo.push(async () => {
    await state.close()
    rmSync(folder, { recursive: true })
  })
  return state
}

// Two of them on one state are two processes.
function openNotes(state: State, clock: SimulatedClock) {
  const table = new SeriesTable()
  const notes = new Notes({
    state,
    table,
    clock,
    log: openLog({ clock, write: () => {} }),
    keepMs: 30 * dayMs,
  })
  undo.push(() => notes.close())
  const write = (host: string, ...lines: (readonly [tMs: number, text: string])[]) => {
    const series = table.intern('kernel_line', labelsOf([['host', host]]))
    const rows = lines.map(([tMs, text]) => ({ series, tMs, text }))
    return notes.add([{ receivedAtMs: startMs, partition: 0, rows: noRows, notes: rows }])
  }
  const texts = async (host: string, range = always, limit = 100) =>
    (await notes.find([{ name: 'host', op: '=~', value: host }], range, limit)).map(({ text }) => text)
  return { notes, write, texts }
}

test('are found by series and range, newest first, as many as are wanted', async () => {
  const clock = new SimulatedClock(startMs)
  const { write, texts } = openNotes(await openState(clock), clock)
  await write('a', [startMs, 'one'], [startMs + 2, 'three'], [startMs + 1, 'two'])
  await write('b', [startMs + 1, 'other'])

  expect(await texts('a')).toEqual(['three', 'two', 'one'])
  expect(await texts('a', always, 2)).toEqual(['three', 'two'])
  expect(await texts('.*', { fromMs: startMs + 1, toMs: startMs + 1 })).toHaveLength(2)
  expect(await texts('c')).toEqual([])
})

test('the same line again changes nothing, and any text comes back as it was', async () => {
  const clock = new SimulatedClock(startMs)
  const { write, texts } = openNotes(await openState(clock), clock)
  const odd = 'NUL \0, half \ud800, "quoted"\n机'
  await Promise.all([write('a', [startMs, odd], [startMs, odd]), write('a', [startMs, odd])])
  await write('a', [startMs, odd], [startMs, 'another of that time'])

  expect((await texts('a')).sort()).toEqual([odd, 'another of that time'].sort())
})

test('what another process writes is found, its new series too', async () => {
  const clock = new SimulatedClock(startMs)
  const state = await openState(clock)
  const [sink, reader] = [openNotes(state, clock), openNotes(state, clock)]
  await sink.write('a', [startMs, 'first'])
  expect(await reader.texts('.*')).toEqual(['first'])
  await clock.runFor(10 * 60_000)
  await sink.write('b', [startMs + 1, 'second'])
  await sink.write('a', [startMs + 2, 'third'])
  expect(await reader.texts('.*')).toEqual(['third', 'second', 'first'])
  expect((await reader.notes.series([])).map(({ labels }) => labels['host'])).toEqual(['a', 'b'])
})

test('are found among thousands of series and lines', async () => {
  const clock = new SimulatedClock(startMs)
  const { write, texts } = openNotes(await openState(clock), clock)
  // More series than are named in a question, and many lines of one time.
  for (let at = 0; at < 700; at++)
    await write(`h${at}`, [startMs, 'x'], [startMs + 1, 'x'], [startMs + 1, 'y'])
  await write('other', ...Array.from({ length: 2_500 }, (_, at) => [startMs + 5, String(at)] as const))

  expect(await texts('h.*', always, 5_000)).toHaveLength(2_100)
  expect(await texts('h.*', { fromMs: startMs + 1, toMs: startMs + 9 }, 3)).toEqual(
    expect.arrayContaining(['x', 'y']),
  )
  expect(new Set(await texts('other', always, 5_000)).size).toBe(2_500)
})

test('what is older than what is kept is deleted, in steps, and its series with it', async () => {
  const clock = new SimulatedClock(startMs)
  const state = await openState(clock)
  const { write, texts, notes } = openNotes(state, clock)
  await write(
    'old',
    ...Array.from({ length: 2_500 }, (_, at) => [startMs - 40 * dayMs + at, String(at)] as const),
  )
  await write('old', [startMs - 29 * dayMs, 'kept'])
  await write('young', [startMs - dayMs, 'kept as well'])
  await notes.forget()
  expect(await texts('old', always, 5_000)).toEqual(['kept'])

  // By itself, each hour.
  await clock.runFor(2 * dayMs)
  await expect.poll(() => texts('old')).toEqual([])
  expect(await notes.series([])).toHaveLength(2)
  await clock.runFor(32 * dayMs)
  await expect.poll(() => notes.series([])).toEqual([])
  expect(await state.db.selectFrom('note_series').selectAll().execute()).toEqual([])

  // Whoever comes again is known again.
  await write('old', [clock.nowMs(), 'back'])
  expect(await texts('old')).toEqual(['back'])
})

test('a process whose clock is years ahead deletes nothing of the others', async () => {
  const clock = new SimulatedClock(startMs)
  const state = await openState(clock)
  const { write, texts } = openNotes(state, clock)
  await write('a', [startMs, 'young'])
  const ahead = new SimulatedClock(startMs + 1_000 * dayMs)
  const { notes: other } = openNotes(state, ahead)
  await other.forget()
  expect(await texts('a')).toEqual(['young'])

  // Nor one whose clock is set while it runs.
  const { notes: leaping } = openNotes(state, clock)
  await leaping.forget()
  Object.defineProperty(clock, 'nowMs', { value: () => startMs + 1_000 * dayMs })
  await leaping.forget()
  expect(await texts('a')).toEqual(['young'])
})
