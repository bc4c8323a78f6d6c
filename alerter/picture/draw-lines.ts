// The field of a picture: the grid, the lines with their gaps, what of them is beyond the threshold, and when it began.
// Called by picture.ts.

import type { Canvas } from './canvas.ts'
import type { Drawn, Line } from './drawn.ts'
import type { Frame } from './frame.ts'
import { colours, lineColours } from './look.ts'

const thickness = 3
const dash = { on: 9, off: 7 }

// Points that belong together, as x, y, x, y ….
type Run = readonly number[]

export function drawLines(canvas: Canvas, frame: Frame, drawn: Drawn): void {
  const { left, right, bottom, axis } = frame
  const all = drawn.lines.map(line => runsOf(line, frame, drawn))
  const [lonely] = all.length === 1 ? all : []
  // A field from elsewhere than zero would say something that is not so.
  if (axis.low === 0) for (const run of lonely ?? []) fill(canvas, run, bottom)
  canvas.paint(colours.below)
  shade(canvas, frame, { runs: all.slice(0, lineColours.length).flat(), threshold: drawn.threshold })
  canvas.paint(colours.beyond)
  for (const { value } of axis.ticks)
    canvas.box(left, Math.round(frame.yOf(value)) - 1, { width: right - left, height: 1 })
  canvas.paint(colours.grid)
  for (const run of all.slice(lineColours.length).flat()) canvas.stroke(run, 2)
  canvas.paint(colours.other)
  drawBegin(canvas, frame, drawn)
  drawThreshold(canvas, frame)
  // The first on top.
  for (const [nth, runs] of [...all.slice(0, lineColours.length).entries()].reverse()) {
    for (const run of runs) canvas.stroke(run, thickness)
    if (lonely !== undefined && frame.now !== undefined) canvas.stroke(runs.at(-1)!.slice(-2), 10)
    canvas.paint(lineColours[nth]!)
  }
}

function runsOf({ tMs, values }: Line, frame: Frame, { fromMs, toMs, gapMs }: Drawn): readonly Run[] {
  const runs: number[][] = []
  let beforeMs = Number.NEGATIVE_INFINITY
  for (let at = 0; at < tMs.length; at++) {
    const [t, value] = [tMs[at]!, values[at]!]
    if (!Number.isFinite(value) || t < fromMs || t > toMs) continue
    if (t - beforeMs > gapMs) runs.push([])
    runs.at(-1)!.push(frame.xOf(t), frame.yOf(value))
    beforeMs = t
  }
  return runs
}

// From the line to some height.
function fill(canvas: Canvas, run: Run, to: number, isMeant = (_y: number): boolean => true): void {
  for (let at = 0; at + 3 < run.length; at += 2) {
    const [x0, y0, x1, y1] = [run[at]!, run[at + 1]!, run[at + 2]!, run[at + 3]!]
    // Columns whose middle is on this piece.
    for (let x = Math.ceil(x0 - 0.5); x + 0.5 < x1; x++) {
      const y = y0 + ((x + 0.5 - x0) / (x1 - x0)) * (y1 - y0)
      if (isMeant(y)) canvas.column(x, y, to)
    }
  }
}

type Shaded = Readonly<{ runs: readonly Run[]; threshold: Drawn['threshold'] }>

function shade(canvas: Canvas, frame: Frame, { runs, threshold }: Shaded): void {
  if (threshold === undefined || frame.threshold === undefined) return
  const at = frame.yOf(threshold.value)
  const isAbove = threshold.op.startsWith('>')
  if (!isAbove && !threshold.op.startsWith('<')) return
  for (const run of runs) fill(canvas, run, at, y => (isAbove ? y < at : y > at))
}

function drawThreshold(canvas: Canvas, { threshold, left, right, yOf }: Frame): void {
  if (threshold === undefined) return
  const y = Math.round(yOf(threshold.value)) - 1
  for (let x = left; x < right; x += dash.on + dash.off)
    canvas.box(x, y, { width: Math.min(dash.on, right - x), height: 2 })
  canvas.paint(colours.alarm)
}

// A flag where it began.
function drawBegin(
  canvas: Canvas,
  { top, bottom, xOf }: Frame,
  { firingSinceMs, fromMs, toMs }: Drawn,
): void {
  if (firingSinceMs === undefined || firingSinceMs < fromMs || firingSinceMs > toMs) return
  const x = Math.round(xOf(firingSinceMs))
  canvas.box(x - 1, top, { width: 2, height: bottom - top })
  canvas.paint(colours.alarm, 0.55)
  for (let across = -7; across <= 7; across++)
    canvas.column(x + across, bottom, bottom - 11 + Math.abs(across) * 1.5)
  canvas.paint(colours.alarm)
}
