// Work that asks a source and goes on with the answer, written once and done in either of two ways: at once, where
// the source answers at once, or waiting for it. Called by group.ts and what it calls.

type Question = Readonly<{ now(): unknown; later(): Promise<unknown> }>

export type Asking<T> = Generator<Question, T, unknown>

export function* ask<T>(now: () => T, later: () => Promise<T>): Asking<T> {
  return (yield { now, later }) as T
}

// Nothing is asked; whoever works in pieces may put the work down here.
export const pause: Question = { now() {}, async later() {} }

// Work that may be put down at each step, so that others get their turn. What it works on is nobody else's meanwhile.
export type Pieces<T = void> = Generator<undefined, T, void>

export function* inPieces<T>(work: Asking<T>): Pieces<T> {
  let step = work.next()
  while (step.done !== true) {
    if (step.value === pause) yield
    let answer: unknown
    try {
      answer = step.value.now()
    } catch (error) {
      step = work.throw(error)
      continue
    }
    step = work.next(answer)
  }
  return step.value
}

// How long it takes itself: the turns of others in between do not count.
export function* timed(work: Pieces, monotonicMs: () => number): Pieces<number> {
  let tookMs = 0
  for (;;) {
    const beganMs = monotonicMs()
    const { done } = work.next()
    tookMs += monotonicMs() - beganMs
    if (done === true) return tookMs
    yield
  }
}

// All of it in one go.
export function finish<T>(work: Pieces<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

export function atOnce<T>(work: Asking<T>): T {
  let step = work.next()
  while (step.done !== true) {
    let answer: unknown
    try {
      answer = step.value.now()
    } catch (error) {
      step = work.throw(error)
      continue
    }
    step = work.next(answer)
  }
  return step.value
}

export async function waiting<T>(work: Asking<T>): Promise<T> {
  let step = work.next()
  while (step.done !== true) {
    let answer: unknown
    try {
      answer = await step.value.later()
    } catch (error) {
      step = work.throw(error)
      continue
    }
    step = work.next(answer)
  }
  return step.value
}
