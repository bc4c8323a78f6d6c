// Reads an input without an agent and writes down what it found, a line for each value. For tests of inputs.
import { SimulatedClock } from '#core/clock.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import type { Gathered, InputKind, Named, Periodic } from '../../collector/input.ts'
import type { Machine } from '../../collector/machine.ts'

export type Found = Readonly<{ name: string; labels: Named; value: number }>

export type Reader = Readonly<{
  clock: SimulatedClock
  // Ten seconds after the last one.
  read(): Promise<Found[]>
  // The same for one that fails, after so long.
  tryToRead(takesMs: number): Promise<{ found: Found[]; error: unknown }>
}>

const never = new AbortController().signal

export function openReader(kind: InputKind, machine: Machine, options: object = {}): Reader {
  const clock = new SimulatedClock(1_800_000_000_000)
  const around = { machine, own: openOwnMetrics(), clock, deadlineMs: 5_000 }
  const input = kind.open(kind.options.parse(options), around) as Periodic
  const begin = (): { found: Found[]; end: Promise<void> } => {
    const found: Found[] = []
    const into: Gathered = {
      tMs: clock.nowMs(),
      add(name, value, labels = {}) {
        if (value !== undefined) found.push({ name, labels, value })
      },
      pass: ({ series, value }) => void found.push({ ...series, value }),
      note: () => {},
    }
    return { found, end: (async () => input.gather(into, never))() }
  }
  return {
    clock,
    async read() {
      await clock.runFor(10_000)
      const { found, end } = begin()
      await end
      return found
    },
    async tryToRead(takesMs) {
      await clock.runFor(10_000)
      const { found, end } = begin()
      const error = end.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      await clock.runFor(takesMs)
      return { found, error: await error }
    },
  }
}

export function lineOf({ name, labels, value }: Found): string {
  const pairs = Object.entries(labels).filter(([, text]) => text !== '')
  const braced = pairs.map(([label, text]) => `${label}="${text}"`).join(',')
  return `${name}${braced === '' ? '' : `{${braced}}`} ${value}`
}

export const linesOf = (found: readonly Found[]): string[] => found.map(lineOf).sort()
