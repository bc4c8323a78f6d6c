// One tile for each reading: what it is, how much now, what explains it, and its picture. Called by view.ts.
import { type Html, html } from '#core/http/frame.ts'
import type { Language } from '#core/http/language.ts'
import type { Range } from '#core/store.ts'
import type { Reading } from './machine.ts'
import { bytes, bytesText, count, digits, type Figure, figureText, percent } from './numbers.ts'
import { type Points, spark } from './spark.ts'
import type { Texts } from './texts.ts'

// `span` says the length of the range.
export type Around = Readonly<{ say: Texts; language: Language; range: Range; span: string }>

// `top` is where a picture's scale ends at least, `high` where a value deserves red until rules say more.
type Face = Readonly<{
  title: string
  figure: (value: number) => Figure
  note?: string | undefined
  top?: number
  high?: number
}>

export function tile(reading: Reading, around: Around): Html {
  const { title, figure, note, top, high = Number.POSITIVE_INFINITY } = faceOf(reading, around)
  const last = lastOf(reading.points)
  if (last === undefined) return html``
  const { number, unit } = figure(last)
  const { range } = around
  const label = labelOf({ title, figure }, reading.points, around)
  return html`<div class="card tile${last >= high && ' high'}">
<h3>${title}</h3>
<p class="figure">${number}${unit !== '' && html`<span>${unit}</span>`}</p>
<p class="note">${note}</p>
${spark(reading.points, { range, label, top })}
</div>`
}

const share = { top: 100 } as const

function faceOf({ what, of = '', used, total, free }: Reading, { say, language }: Around): Face {
  const amount = (part: number | undefined, write: (part: string, whole: string) => string) =>
    part === undefined || total === undefined
      ? undefined
      : write(bytesText(part, language), bytesText(total, language))
  const inPercent = (value: number): Figure => percent(value, language)
  const inBytes = (value: number): Figure => {
    const { number, unit } = bytes(value, language)
    return { number, unit: `${unit}/s` }
  }
  const faces: Readonly<Record<Reading['what'], Face>> = {
    cpu: {
      ...share,
      title: say.cpu,
      figure: inPercent,
      note: total === undefined ? undefined : say.processors(total),
    },
    load: {
      title: say.load,
      figure: value => ({ number: digits(value, language), unit: '' }),
      note: total === undefined ? undefined : say.loadNote(total),
      top: total ?? 1,
    },
    memory: {
      ...share,
      title: say.memory,
      figure: inPercent,
      note: amount(used, say.ofTotal),
      high: 95,
    },
    swap: { ...share, title: say.swap, figure: inPercent, note: amount(used, say.ofTotal) },
    received: { title: say.received, figure: inBytes, note: of },
    sent: { title: say.sent, figure: inBytes, note: of },
    processes: {
      title: say.processes,
      figure: value => ({ number: count(value, language), unit: '' }),
      note: used === undefined ? undefined : say.runningNow(count(used, language)),
    },
    disk: {
      ...share,
      title: `${say.diskUsed} ${of}`,
      figure: inPercent,
      note: amount(free, say.freeOf),
      high: 90,
    },
  }
  return faces[what]
}

export function lastOf({ values }: Points): number | undefined {
  for (let at = values.length - 1; at >= 0; at--) if (Number.isFinite(values[at])) return values[at]
  return undefined
}

// The picture in words.
export function labelOf(
  { title, figure }: Pick<Face, 'title' | 'figure'>,
  { values }: Points,
  { say, span }: Pick<Around, 'say' | 'span'>,
): string {
  const known = Array.from(values).filter(value => Number.isFinite(value))
  const low = known.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const high = known.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  const [from, to, now] = [low, high, known.at(-1) ?? 0].map(value => figureText(figure(value)))
  return say.picture(title, span, say.figures(from!, to!, now!))
}
