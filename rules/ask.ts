// Work that asks a source and goes on with the answer, written once and done in either of two ways: at once, where
// the source answers at once, or waiting for it. Called by group.ts and what it calls.

type Question = Readonly<{ now(): unknown; later(): Promise<unknown> }>

export type Asking<T> = Generator<Question, T, unknown>

export function* ask<T>(now: () => T, later: () => Promise<T>): Asking<T> {
  return (yield { now, later }) as T
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
