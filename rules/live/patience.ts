// How long a rule that has failed is evaluated as a whole: until it has been healthy for a minute, and for twice as long
// each time that it fails again soon after. Called by live-seat.ts.

const leastMs = 60_000
const mostMs = 3_600_000

export function openPatience() {
  let waitMs = 0
  let healthySinceMs: number | undefined
  let recoveredAtMs: number | undefined
  return {
    failed(nowMs: number): void {
      // One that has gone well for as long as it had to wait begins anew.
      const wentWell = recoveredAtMs !== undefined && nowMs - recoveredAtMs >= waitMs
      waitMs = wentWell || waitMs === 0 ? leastMs : Math.min(2 * waitMs, mostMs)
      recoveredAtMs = undefined
      healthySinceMs = undefined
    },
    // Asked after each evaluation as a whole.
    isOver(isHealthy: boolean, nowMs: number): boolean {
      healthySinceMs = isHealthy ? (healthySinceMs ?? nowMs) : undefined
      return healthySinceMs !== undefined && nowMs - healthySinceMs >= waitMs
    },
    recovered(nowMs: number): void {
      recoveredAtMs = nowMs
    },
  }
}
