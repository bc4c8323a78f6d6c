// What a picture shows: lines, and what they are compared with. Made by last-hour.ts, drawn by picture.ts and the files
// beside this one.
import type { comparisons } from '#promql/ast.ts'

// Times ascend.
export type Line = Readonly<{ name: string; tMs: ArrayLike<number>; values: ArrayLike<number> }>

export type Threshold = Readonly<{ op: (typeof comparisons)[number]; value: number }>

export type Drawn = Readonly<{
  // The first five have colours, the others are grey.
  lines: readonly Line[]
  threshold: Threshold | undefined
  unit: string
  fromMs: number
  toMs: number
  timeZone: string
  firingSinceMs: number | undefined
  // Points further apart are not connected.
  gapMs: number
}>
