// What is written around the field of a picture: values, times, and which line is which. Called by picture.ts.

import type { Canvas, Colour } from './canvas.ts'
import type { Drawn } from './drawn.ts'
import type { Frame } from './frame.ts'
import { type Face, fitted, letter, widthOf } from './lettering.ts'
import { bold, colours, lineColours, small } from './look.ts'
import { timeText, timeTicks } from './time-axis.ts'

const gap = 10
const lineHeight = 22

type Place = Readonly<{ x: number; y: number; colour: Colour; face: Face }>

// Its middle at this height.
function write(canvas: Canvas, text: string, { x, y, colour, face }: Place): void {
  letter(canvas, text, face, { x, y: y + face.cap / 2 })
  canvas.paint(colour)
}

export function drawValues(canvas: Canvas, frame: Frame): void {
  const { left, right, axis, yOf } = frame
  for (const { value, text } of axis.ticks) {
    const said = fitted(text, small, left - gap)
    const x = left - gap - widthOf(said, small)
    write(canvas, said, { x, y: yOf(value), colour: colours.text, face: small })
  }
  const x = right + gap + 4
  const room = canvas.width - x - 4
  const [now, threshold] = apart(frame)
  const isSame = frame.now?.text === frame.threshold?.text
  if (frame.threshold !== undefined && !isSame) {
    const said = fitted(frame.threshold.text, small, room)
    write(canvas, said, { x, y: threshold, colour: colours.alarm, face: small })
  }
  if (frame.now !== undefined) {
    const said = fitted(frame.now.text, bold, room)
    write(canvas, said, { x, y: now, colour: lineColours[0]!, face: bold })
  }
}

// The heights of both, so that neither covers the other.
function apart({ now, threshold, top, bottom, yOf }: Frame): readonly [number, number] {
  const [highest, lowest] = [top + 4, bottom]
  const within = (y: number): number => Math.min(lowest, Math.max(highest, y))
  const at = threshold === undefined ? 0 : within(yOf(threshold.value))
  const y = now === undefined ? 0 : within(yOf(now.value))
  if (now === undefined || threshold === undefined || Math.abs(y - at) >= lineHeight) return [y, at]
  // The threshold gives way at the edge of the picture.
  if (now.value > threshold.value) {
    const moved = Math.max(highest, at - lineHeight)
    return [moved, Math.max(at, moved + lineHeight)]
  }
  const moved = Math.min(lowest, at + lineHeight)
  return [moved, Math.min(at, moved - lineHeight)]
}

export function drawTimes(canvas: Canvas, frame: Frame, drawn: Drawn): void {
  const { fromMs, toMs, timeZone, firingSinceMs } = drawn
  const y = frame.bottom + 19
  const taken: (readonly [number, number])[] = []
  const say = (tMs: number, text: string, colour: Colour): void => {
    const width = widthOf(text, small)
    const x = Math.min(canvas.width - 6 - width, Math.max(6, frame.xOf(tMs) - width / 2))
    if (taken.some(([from, to]) => x < to + 2 * gap && x + width > from - 2 * gap)) return
    taken.push([x, x + width])
    write(canvas, text, { x, y, colour, face: small })
  }
  if (firingSinceMs !== undefined && firingSinceMs >= fromMs && firingSinceMs <= toMs)
    say(firingSinceMs, timeText(firingSinceMs, timeZone), colours.alarm)
  for (const { tMs, text } of timeTicks(fromMs, toMs, timeZone)) {
    canvas.box(Math.round(frame.xOf(tMs)) - 1, frame.bottom, { width: 2, height: 5 })
    canvas.paint(colours.other)
    say(tMs, text, colours.text)
  }
}

const swatch = 18

// Only where there is more than one.
export function drawLegend(canvas: Canvas, { top }: Frame, { lines }: Drawn): void {
  if (lines.length < 2) return
  const shown = lines.slice(0, lineColours.length)
  const more = lines.length - shown.length
  const y = top - 22
  const tail = more > 0 ? `+${more}` : ''
  const room = canvas.width - 24 - (tail === '' ? 0 : widthOf(tail, small) + 2 * gap)
  let left = room
  let x = 12
  for (const [nth, { name }] of shown.entries()) {
    // Short names leave room to the long ones after them.
    const share = left / (shown.length - nth) - swatch - 6 - 2 * gap
    const said = fitted(name, small, share)
    canvas.stroke([x + 2, y, x + swatch - 2, y], 4)
    canvas.paint(lineColours[nth]!)
    write(canvas, said, { x: x + swatch + 6, y, colour: colours.text, face: small })
    const width = swatch + 6 + widthOf(said, small) + 2 * gap
    x += width
    left -= width
  }
  if (tail !== '') write(canvas, tail, { x, y, colour: colours.text, face: small })
}
