// The thread that owns the embedded store's files. It answers questions (messages.ts) by the engine, and
// flushes and merges when appends or the clock make it due.
import { parentPort, workerData } from 'node:worker_threads'
import { Failure } from '../../errors.ts'
import { Engine } from './engine.ts'
import type { Found } from './found.ts'
import type { Definition } from './journal.ts'
import {
  type Ask,
  type Asks,
  type Opened,
  type Opening,
  type Question,
  type Refusal,
  slabRows,
} from './messages.ts'
import { refuseReserve } from './reserve.ts'
import { DamagedFile } from './segment-read.ts'

const port = parentPort
if (port === null) throw new Error('worker.ts runs as a thread')
const { options, nowMs: openedMs } = workerData as Opening

const definitions: Definition[] = []
const engine = open() ?? process.exit()

type Answers = { [A in Ask]: (value: Asks[A][0], nowMs: number) => Promise<Asks[A][1]> }

const answers: Answers = {
  async append({ slab, count, definitions, notes }, nowMs) {
    await engine.untilRoom(nowMs)
    refuseReserve(options.folder)
    engine.append({ rows: slabRows(slab, count), definitions, notes }, nowMs)
    flushSoon(nowMs)
    return undefined
  },
  select: wanted => engine.select(wanted),
  present: looked => engine.present(looked),
  notes: ({ wanted, limit }) => engine.notes(wanted, limit),
  async tend(_, nowMs) {
    await engine.tend(nowMs)
    await mergeAll(nowMs)
    return engine.takeFindings()
  },
  async compact(_, nowMs) {
    await engine.compact(nowMs)
    return undefined
  },
  async backup({ into }, nowMs) {
    await engine.backup(into, nowMs)
    return undefined
  },
  size: async () => engine.size(),
  async close(_, nowMs) {
    await engine.close(nowMs)
    return undefined
  },
}

port.on('message', async <A extends Ask>({ id, ask, value, nowMs }: Question<A>) => {
  try {
    const answer = await answers[ask](value, nowMs)
    port.postMessage({ id, value: answer }, ask === 'select' ? buffersOf(answer as Found[]) : [])
    if (ask === 'close') port.close()
  } catch (error) {
    port.postMessage({ id, failure: refusal(error) })
  }
})

function open(): Engine | undefined {
  try {
    const engine = new Engine(options, definition => definitions.push(definition), openedMs)
    const { ids, forgotten } = engine
    const opened: Opened = { definitions, ids, findings: engine.takeFindings(), forgotten }
    port?.postMessage({ id: 0, value: opened })
    definitions.length = 0
    return engine
  } catch (error) {
    port?.postMessage({ id: 0, failure: refusal(error) })
    return undefined
  }
}

// In the background. What fails is tried again at the next tend, which reports it; a writer hears of it only when
// there is no room left. A merge may be long, so nothing here waits for one.
function flushSoon(nowMs: number): void {
  engine
    .flushIfDue(nowMs)
    .then(async hasFlushed => hasFlushed && (await mergeAll(nowMs)))
    .catch(() => {})
}

async function mergeAll(nowMs: number): Promise<void> {
  while (await engine.mergeIfDue(nowMs));
}

const buffersOf = (found: readonly Found[]): ArrayBuffer[] =>
  found.flatMap(({ ids, starts, tMs, values }) =>
    [ids, starts, tMs, values].map(each => each.buffer as ArrayBuffer),
  )

function refusal(error: unknown): Refusal {
  if (error instanceof Failure) return { code: error.code, message: error.detail }
  if (error instanceof DamagedFile) return { code: 'store_corrupt', message: error.message }
  const { code, message, syscall } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return { code: 'store_full', message }
  if (code === 'EACCES' || code === 'EPERM') return { code: 'data_folder_not_ours', message }
  // EIO; or the folder is gone, or no file may be opened any more: what the system refuses is no bug of ours.
  if (syscall !== undefined) return { code: 'store_failing', message }
  return { code: undefined, message: (error as Error).stack ?? message }
}
