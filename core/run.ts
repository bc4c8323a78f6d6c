// How a process of ours lives and ends: it waits to be asked, stops within a deadline, and ends at once when
// asked twice or when it finds a bug in itself. Called by bin/.
import { afterIfAlive, type Clock, elapsedMs, realClock, type Timer } from './clock.ts'
import { errors, Failure } from './errors.ts'
import type { Log } from './log.ts'

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const
type StopSignal = keyof typeof exitCodes

const dayMs = 86_400_000

// What a terminal or systemd tells a whole group comes twice to whoever has a parent that passes it on, as npm does.
const echoOfMs = 500

export type Stopping = Disposable & Readonly<{ signal: Promise<string> }>

// `signal` resolves with the first one; the second one ends the process. Keeps Node alive until then, which signal
// handlers alone do not; or until it is disposed, so that a start that failed ends.
export function askedToStop(echoMs = echoOfMs): Stopping {
  let alive = realClock.after(dayMs, stay)
  function stay(): void {
    alive = realClock.after(dayMs, stay)
  }
  const signal = new Promise<string>(resolve => {
    let asked: { signal: StopSignal; atMs: number } | undefined
    const onSignal = (signal: StopSignal): void => {
      const isEcho = asked?.signal === signal && elapsedMs() - asked.atMs < echoMs
      if (isEcho) return
      if (asked !== undefined) process.exit(exitCodes[signal])
      asked = { signal, atMs: elapsedMs() }
      alive.cancel()
      resolve(signal)
    }
    for (const signal of Object.keys(exitCodes)) process.on(signal, () => onSignal(signal as StopSignal))
  })
  return { signal, [Symbol.dispose]: () => alive.cancel() }
}

// So long a start that was under way may still come to its end, before it is given up.
const startGraceMs = 5_000

export type GraceOptions = Readonly<{ log: Log; graceMs?: number }>

// A start may wait for servers for minutes, and whoever asks us to stop does not wait so long: then the start is told to
// give up, rejects when it has, and there is nothing. One that fails meanwhile has come to the same.
export async function startedUnlessAsked<T>(
  start: (givenUp: AbortSignal) => Promise<T>,
  { signal }: Stopping,
  { log, graceMs = startGraceMs }: GraceOptions,
): Promise<T | undefined> {
  const givingUp = new AbortController()
  let isOver = false
  let isAsked = false
  let timer: Timer | undefined
  const giveUp = (signal: string): void => {
    log.warn('run', 'asked to stop before it had started, so it gives up', { signal })
    givingUp.abort()
  }
  void signal.then(found => {
    isAsked = true
    if (!isOver) timer = realClock.after(graceMs, () => giveUp(found))
  })
  try {
    return await start(givingUp.signal)
  } catch (error) {
    if (!givingUp.signal.aborted) {
      if (!isAsked || !(error instanceof Failure)) throw error
      log.warn('run', 'asked to stop before it had started, and then it could not start', { error })
    }
    return undefined
  } finally {
    isOver = true
    timer?.cancel()
  }
}

export type Part = Readonly<{ name: string; stop: () => unknown }>

export type StopOptions = Readonly<{ deadlineMs?: number; clock?: Clock }>

// Stops the last part first. Answers with what failed or did not stop in time, by name: all is well when that
// is empty. One that hangs uses up half of the time left, since those below may hold what must be written.
export async function withDeadline(
  parts: readonly Part[],
  { deadlineMs = 10_000, clock = realClock }: StopOptions = {},
): Promise<string[]> {
  const troubles: string[] = []
  const untilMs = clock.monotonicMs() + deadlineMs
  for (const [left, { name, stop }] of [...parts.entries()].toReversed()) {
    const leftMs = Math.max(0, untilMs - clock.monotonicMs())
    const trouble = await ended(stop, left === 0 ? leftMs : leftMs / 2, clock)
    if (trouble !== undefined) troubles.push(`${name} ${trouble}`)
  }
  return troubles
}

function ended(stop: Part['stop'], withinMs: number, clock: Clock): Promise<string | undefined> {
  return new Promise(resolve => {
    const timer = clock.after(withinMs, () => resolve('did not stop in time'))
    const settle = (trouble: string | undefined): void => {
      timer.cancel()
      resolve(trouble)
    }
    Promise.resolve()
      .then(stop)
      .then(
        () => settle(undefined),
        error => settle(`failed to stop: ${error instanceof Error ? error.message : String(error)}`),
      )
  })
}

// The parts of a process: started downwards, stopped upwards when the block ends.
//   await using life = openLife({ log })
//   const store = life.use('store', await openStore())
export interface Life extends AsyncDisposable {
  // Throws when it has ended: what comes later is stopped at once.
  use<T extends AsyncDisposable | Disposable>(name: string, part: T): T
}

export function openLife({ log, ...options }: StopOptions & Readonly<{ log: Log }>): Life {
  const parts: Part[] = []
  let hasEnded = false
  return {
    use(name, part) {
      const stop = async (): Promise<void> =>
        Symbol.asyncDispose in part ? part[Symbol.asyncDispose]() : part[Symbol.dispose]()
      if (hasEnded) {
        stop().catch(error => log.warn('run', 'did not stop cleanly', { part: name, error }))
        throw new Failure('stopping', `${name} came too late`)
      }
      parts.push({ name, stop })
      return part
    },
    async [Symbol.asyncDispose]() {
      hasEnded = true
      const troubles = await withDeadline(parts.splice(0), options)
      if (troubles.length === 0) return
      log.error('run', 'did not stop cleanly', { troubles })
      log.flush()
      // What hangs would keep the process.
      process.exit(1)
    },
  }
}

// So long what was closed may take until it is gone.
const leftMs = 2_000

export type End = Disposable &
  Readonly<{
    // What is left is known, and nobody waits for it.
    withoutAWord(): void
  }>

// A connection that a library has forgotten would keep a process for ever that has stopped. `using` it comes first in
// the block that the process lives in, so that it is the last to go.
export function endsOnceStopped({ log, graceMs = leftMs }: GraceOptions): End {
  let isQuiet = false
  const end = (): void => {
    const left = process.getActiveResourcesInfo()
    if (!isQuiet) log.warn('run', 'all has stopped, and something keeps the process: it ends', { left })
    log.flush()
    process.exit()
  }
  return {
    withoutAWord() {
      isQuiet = true
    },
    [Symbol.dispose]: () => void afterIfAlive(isQuiet ? 0 : graceMs, end),
  }
}

// A bug is a crash: what was promised by then is on disk, and whoever started us starts us again.
export function crashOnBugs(log: Log): void {
  const tell = (error: unknown): void => {
    if (error instanceof Failure && error.code === 'state_ended') {
      const { means, todo } = errors[error.code]
      log.error('run', 'the process ends', { error, means, todo })
    } else log.error('run', 'this is a bug, so the process ends', { error })
    log.flush()
  }
  const crash = (error: unknown): void => {
    try {
      tell(error)
    } finally {
      process.exit(70)
    }
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
}
