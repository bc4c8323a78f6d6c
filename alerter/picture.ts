// The last hour as a small picture (PNG): lines, what they are compared with, when it began. It holds numbers, units,
// times and values of labels, for words stand in the message beside it. Pure. Called by last-hour.ts.
import { Canvas } from './picture/canvas.ts'
import { drawLines } from './picture/draw-lines.ts'
import type { Drawn } from './picture/drawn.ts'
import { frameOf } from './picture/frame.ts'
import { drawLegend, drawTimes, drawValues } from './picture/labels.ts'
import { colours } from './picture/look.ts'
import { pngOf } from './picture/png.ts'

export type { Drawn, Line, Threshold } from './picture/drawn.ts'

// Twice what a phone shows, so that it is sharp there.
const [width, height] = [640, 240]

export function pictureOf(drawn: Drawn): Uint8Array {
  const canvas = new Canvas(width, height, colours.background)
  const frame = frameOf(drawn, canvas)
  drawLines(canvas, frame, drawn)
  drawValues(canvas, frame)
  drawTimes(canvas, frame, drawn)
  drawLegend(canvas, frame, drawn)
  return pngOf(canvas)
}
