// When is an input read? At once, a second later (shares and rates need two readings, and a new user wants to
// see them), then at whole multiples of its interval. Called by agent.ts.
import type { Clock, Timer } from '#core/clock.ts'

export type Ticks = Readonly<{ stop(): void }>

const secondReadingMs = 1_000

// `tick` gets the time to stamp its values with, and is not waited for.
export function startTicks(clock: Clock, intervalMs: number, tick: (tMs: number) => void): Ticks {
  let timer: Timer | undefined
  const at = (atMs: number, nowMs: number): void => {
    timer = clock.after(atMs - nowMs, () => {
      const wokenMs = clock.nowMs()
      at(nextTick(wokenMs, intervalMs, atMs), wokenMs)
      tick(stampOf(wokenMs, intervalMs))
    })
  }
  const startMs = clock.nowMs()
  const firstMs = nextTick(startMs, intervalMs, startMs)
  const soonMs = startMs + secondReadingMs
  // No sooner than half a second after the second reading, which therefore has a stamp of its own.
  at(firstMs - soonMs >= secondReadingMs / 2 ? soonMs : firstMs, startMs)
  tick(stampOf(startMs, intervalMs))
  return { stop: () => timer?.cancel() }
}

// The multiple that follows now, and not the one that was just due: timers may wake a millisecond early. A
// clock that was set back by more than that is believed.
export function nextTick(nowMs: number, intervalMs: number, dueMs: number): number {
  const fromMs = dueMs > nowMs && dueMs - nowMs < intervalMs ? dueMs : nowMs
  return (Math.floor(fromMs / intervalMs) + 1) * intervalMs
}

// Whole seconds, unless the interval is shorter: round times compress well and line up on a graph.
function stampOf(nowMs: number, intervalMs: number): number {
  return intervalMs < 1_000 ? nowMs : Math.floor(nowMs / 1_000) * 1_000
}
