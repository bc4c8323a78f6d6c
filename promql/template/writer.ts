// How a template is written where its output is not plain text: HTML needs other escapes in a link than in a title. Made
// by whoever expands a template into such a language, called by walk.ts.
import type { Pipe } from './node.ts'
import type { Value } from './value.ts'

// One run has one writer, which sees everything in the order of the output. Each throws CallRefused where it cannot.
export type Writer = Readonly<{
  // What the template itself says.
  text(text: string): string
  // What came out of an action; `pipe` is how, since it may have been escaped there.
  value(value: Value, pipe: Pipe, lengthMax: number): string
  // Complains where the output ends in the middle of something.
  end(): void
}>
