// Where everything of a picture is: the field of the lines, its scales, and what is written beside them. Called by
// picture.ts.
import type { Drawn } from './drawn.ts'
import { widthOf } from './lettering.ts'
import { bold, small } from './look.ts'
import { type ValueAxis, valueAxis } from './value-axis.ts'

export type Frame = Readonly<{
  left: number
  right: number
  top: number
  bottom: number
  axis: ValueAxis
  // What stands to the right of the field, at its height.
  now: Mark | undefined
  threshold: Mark | undefined
  xOf(tMs: number): number
  yOf(value: number): number
}>

export type Mark = Readonly<{ value: number; text: string }>

const margin = 12
const gap = 10
const legendHeight = 28
const timesHeight = 32
// Long numbers are cut rather than the lines.
const besideMax = 150

export function frameOf(drawn: Drawn, { width, height }: Readonly<{ width: number; height: number }>): Frame {
  const { lines, fromMs, toMs } = drawn
  const [least, most] = extentOf(drawn)
  const axis = valueAxis(least, most, drawn.unit)
  const mark = (value: number | undefined): Mark | undefined =>
    value === undefined || !Number.isFinite(value) ? undefined : { value, text: axis.say(value) }
  const threshold = mark(drawn.threshold?.value)
  const [only] = lines
  const now = lines.length === 1 ? mark(lastOf(only!, drawn)) : undefined
  const widest = (texts: readonly string[], face: typeof small): number =>
    Math.min(besideMax, Math.max(0, ...texts.map(text => widthOf(text, face))))
  const beside = Math.max(
    widest(threshold ? [threshold.text] : [], small),
    widest(now ? [now.text] : [], bold),
  )
  const left = Math.ceil(
    margin +
      widest(
        axis.ticks.map(({ text }) => text),
        small,
      ) +
      gap,
  )
  const right = Math.floor(width - margin - (beside === 0 ? 0 : beside + gap + 4))
  const top = lines.length > 1 ? margin + legendHeight : margin + 4
  const bottom = height - timesHeight
  return {
    left,
    right,
    top,
    bottom,
    axis,
    now,
    threshold,
    xOf: tMs => left + ((tMs - fromMs) / (toMs - fromMs)) * (right - left),
    // Within the field, whatever comes.
    yOf(value) {
      const share = (value - axis.low) / (axis.high - axis.low)
      return bottom - Math.min(1, Math.max(0, share)) * (bottom - top)
    },
  }
}

// Nothing where the line ends before the picture does.
function lastOf({ tMs, values }: Drawn['lines'][number], { fromMs, toMs, gapMs }: Drawn): number | undefined {
  const lastMs = tMs[tMs.length - 1]
  const isNow = lastMs !== undefined && lastMs >= fromMs && lastMs <= toMs && toMs - lastMs <= gapMs
  return isNow ? values[tMs.length - 1] : undefined
}

function extentOf({ lines, threshold }: Drawn): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const include = (value: number): void => {
    if (!Number.isFinite(value)) return
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  for (const { values } of lines) for (let at = 0; at < values.length; at++) include(values[at]!)
  if (threshold !== undefined) include(threshold.value)
  return least > most ? [0, 1] : [least, most]
}
