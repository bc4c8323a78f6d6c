// What an input of the agent is: the one contract. An input is a folder below inputs/ that exports an
// InputKind, and one line in inputs/index.ts. Called by agent.ts.
import type { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import type { InputMetricName } from '#core/metrics-inputs.ts'
import type { Sample } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Machine } from './machine.ts'

export type Named = Readonly<Record<string, string>>

// Takes what an input found. `host` and the configured tags are added; a label of the input's own wins.
export interface Gathered {
  // The time of this tick, with which its values are stamped; of a stream, the time now.
  readonly tMs: number
  // A value that is not there is left out: absent is not 0.
  add(name: InputMetricName, value: number | undefined, labels?: Named): void
  // In somebody else's words: scraped, received, or the service's own.
  pass(sample: Sample): void
  // A line of text: a kernel message, a change.
  note(name: string, text: string, labels?: Named): void
}

// Read again and again, or running until it is told to stop. Neither has to catch what it throws: it is
// counted, said once, and the next tick (or the next start, after a pause) comes all the same.
export type Input = Periodic | Stream

export type Periodic = Readonly<{
  gather(into: Gathered, signal: AbortSignal): Promise<void> | void
}>

export type Stream = Readonly<{
  run(into: Gathered, signal: AbortSignal): Promise<void>
}>

// What an input may look at.
export type Around = Readonly<{
  machine: Machine
  own: OwnMetrics
  clock: Clock
  // Within which a reading must end.
  deadlineMs: number
}>

export type InputKind<Options extends z.ZodObject = z.ZodObject> = Readonly<{
  // Read by the configuration, so that a mistake is told with its line; open() gets what passed.
  options: Options
  // Left out: any.
  platforms?: readonly string[]
  open(options: z.output<Options>, around: Around): Input
}>

// Keeps the types of the options between the schema and open(), and forgets them for the registry.
export const inputKind = <Options extends z.ZodObject>(kind: InputKind<Options>): InputKind =>
  kind as unknown as InputKind
