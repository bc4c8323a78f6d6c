// Sends test messages when they are due. Called by watchdog.ts, which waits for what becomes of them; it does not wait here,
// because a state that hangs must not keep it from saying so.
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { Alerter } from '../alerter.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import { type Slots, slotMs } from './slots.ts'

export type TestingOptions = Readonly<{
  alerter: Pick<Alerter, 'test'>
  clock: Clock
  log: Log
  timeZone: string
  sent(entry: OutboxEntry, withinMs: number): void
}>

type Tested = ReadonlyMap<string, Slots & Readonly<{ withinMs: number }>>

export type Testing = Readonly<{
  // Those that are due by now, one after the other.
  send(receivers: Tested): void
}>

export function openTesting({ alerter, clock, log, timeZone, sent }: TestingOptions): Testing {
  // Of receivers, the last one that is in the outbox, or was.
  const last = new Map<string, string>()
  let isBusy = false

  async function send(receivers: Tested): Promise<void> {
    for (const [name, { withinMs, ...slots }] of receivers) {
      const slot = slotMs(slots, name, timeZone, clock.nowMs())
      const id = `${name}/${slot}`
      if (slot === undefined || last.get(name) === id) continue
      try {
        for (const entry of await alerter.test(name, id)) sent(entry, withinMs)
        last.set(name, id)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        // It ends, and whoever has the turn next goes on.
        if (error.code === 'stopping') return
        log.warn('watchdog', 'cannot send a test message, and tries again', { receiver: name, error })
      }
    }
  }
  return {
    send(receivers) {
      if (isBusy) return
      isBusy = true
      void send(receivers).finally(() => {
        isBusy = false
      })
    },
  }
}
