// The demonstration goes on: every five minutes its machines send what they measure, by HTTP like everybody. Called by the
// command `demo` when its service runs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, Timer } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import { type Fill, slotMs } from './fill.ts'

export type FeedOptions = Readonly<{
  origin: string
  data: string
  fill: Fill
  // What is there already.
  untilMs: number
  clock: Clock
  log: Log
}>

const laterMs = 2_000

export function openFeed({ origin, data, fill, clock, log, ...from }: FeedOptions): Disposable {
  let { untilMs } = from
  let timer: Timer | undefined
  let waiting = ''
  const send = async (): Promise<void> => {
    const nowMs = clock.nowMs()
    const toMs = nowMs - (nowMs % slotMs)
    if (toMs > untilMs) waiting += fill.lines({ fromMs: untilMs + slotMs, toMs })
    untilMs = Math.max(untilMs, toMs)
    timer = clock.after(toMs + slotMs + laterMs - nowMs, () => void send())
    if (waiting === '') return
    const token = readFileSync(join(data, 'token'), 'utf8').trim()
    try {
      const headers = { authorization: `Token ${token}` }
      const response = await fetch(`${origin}/api/v2/write?precision=ms`, {
        method: 'POST',
        headers,
        body: waiting,
      })
      await response.text()
      if (response.ok) waiting = ''
      else log.warn('demo', 'samples were not taken', { status: response.status })
    } catch (error) {
      log.warn('demo', 'samples cannot be sent', { error })
    }
  }
  void send()
  return { [Symbol.dispose]: () => timer?.cancel() }
}
