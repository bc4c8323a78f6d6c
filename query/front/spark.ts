// The shape of a series as a small picture: what is missing stays open, the last value is a dot, and a line at the
// bottom says where zero is. Pure. Called by view.ts; style.ts gives the classes their colours.
import { type Html, html } from '#core/http/frame.ts'
import type { Range } from '#core/store.ts'

export type Points = Readonly<{ tMs: ArrayLike<number>; values: ArrayLike<number> }>

type Thinned = { tMs: number[]; values: number[] }

// More would not be seen at this width.
const slots = 120

// The mean of each slot, at the mean of its times, but the newest sample as it is. Whatever is no number to be drawn
// is missing. Slots lie where the clock puts them, not the range, so that a line keeps its shape as time goes on.
export function thin({ tMs, values }: Points, { fromMs, toMs }: Range): Thinned {
  const slotMs = (toMs - fromMs) / slots
  const thinned: Thinned = { tMs: [], values: [] }
  let open: { slot: number; count: number; t: number; value: number } | undefined
  let newest: { t: number; value: number } | undefined
  const close = (): void => {
    if (open === undefined) return
    thinned.tMs.push(open.t / open.count)
    thinned.values.push(open.value / open.count)
  }
  for (let at = 0; at < tMs.length; at++) {
    const [t, value] = [tMs[at]!, values[at]!]
    if (t < fromMs || t > toMs || !isDrawable(value)) continue
    const slot = Math.floor(t / slotMs)
    if (open?.slot !== slot) {
      close()
      open = { slot, count: 0, t: 0, value: 0 }
    }
    open.count += 1
    open.t += t
    open.value += value
    newest = { t, value }
  }
  if (newest !== undefined) {
    thinned.tMs.push(newest.t)
    thinned.values.push(newest.value)
  }
  return thinned
}

// Neither NaN nor infinite, nor so large that sums and spans of them would be.
const isDrawable = (value: number): boolean => Math.abs(value) < 1e290

// `top` is where the scale ends at least: 100 for a share. `label` says the picture in words.
export type Picture = Readonly<{ range: Range; label: string; top?: number | undefined }>

const [width, height] = [1_000, 100]
// Nothing touches the upper edge.
const headroom = 1.08

export function spark(points: Points, { range, label, top = 0 }: Picture): Html {
  const { tMs, values } = thin(points, range)
  const low = Math.min(0, ...values)
  const high = Math.max(low, top, ...values.map(value => value * headroom))
  const x = (t: number): number => Math.round(((t - range.fromMs) / (range.toMs - range.fromMs)) * width)
  const y = (value: number): number =>
    Math.round(height - ((value - low) / (high > low ? high - low : 1)) * height)

  const runs = runsOf(tMs).map(([from, to]) =>
    tMs.slice(from, to).map((t, at) => `${x(t)} ${y(values[from + at]!)}`),
  )
  const line = runs.map(run => `M${run.join('L')}${run.length === 1 ? 'h.01' : ''}`).join('')
  const ground = y(0)
  const area = runs
    .filter(run => run.length > 1)
    .map(run => `M${xOf(run[0]!)} ${ground}L${run.join('L')}V${ground}Z`)
    .join('')
  const [lastT, last] = [tMs.at(-1), values.at(-1)]
  const dot =
    lastT !== undefined && last !== undefined && html`<path class="dot" d="M${x(lastT)} ${y(last)}h.01"/>`
  return html`<svg class="spark" role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none"><path class="ground" d="M0 ${ground}H${width}"/>${area !== '' && html`<path class="area" d="${area}"/>`}${line !== '' && html`<path class="line" d="${line}"/>`}${dot}</svg>`
}

const xOf = (point: string): string => point.slice(0, point.indexOf(' '))

// From where to where neighbours belong together: they do unless three times the usual pause lies between them.
function runsOf(times: readonly number[]): (readonly [from: number, to: number])[] {
  const pauses = times.slice(1).map((t, at) => t - times[at]!)
  const usualMs = pauses.toSorted((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? 0
  const breaks = pauses.flatMap((pause, at) => (pause > usualMs * 3 ? [at + 1] : []))
  const starts = times.length === 0 ? [] : [0, ...breaks]
  return starts.map((from, at) => [from, starts[at + 1] ?? times.length])
}
