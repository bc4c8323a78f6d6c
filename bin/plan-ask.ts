// Asks the service for what stands on the plan of capacity, and shows on a terminal how far the plan is, where it takes
// long to make. Called by the commands `capacity pools`, `forecast`, `explain` and `export`.
import type { Making } from '../capacity/planner.ts'
import { openAsk } from './ask.ts'
import type { Call } from './command.ts'

const path = '/api/plimsoll/v1/capacity/making'
const everyMs = 1_000

type Ask = ReturnType<typeof openAsk>

export async function askPlan<T>(call: Call, work: (ask: Ask) => Promise<T>): Promise<T> {
  const ask = openAsk(call)
  const { io } = call
  if (!io.isTerminal) return work(ask)
  const done = new AbortController()
  const showing = show(ask, io, done.signal)
  try {
    return await work(ask)
  } finally {
    done.abort()
    await showing
  }
}

async function show(ask: Ask, { clock, err }: Call['io'], signal: AbortSignal): Promise<void> {
  let isShown = false
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal).catch(() => undefined)
    if (signal.aborted) break
    // Whatever is wrong with it, the answer that is waited for says so.
    const found = await ask.send('GET', path).catch(() => ({ making: null }))
    const { making } = found as { making: Making | null }
    if (making === null) continue
    err(`\rforecasts: ${making.done} of ${making.of}\u001b[K`)
    isShown = true
  }
  if (isShown) err('\r\u001b[K')
}
