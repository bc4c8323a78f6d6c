// Makes a message fit where it goes: long texts are said in less, then the least important lines go, the title is cut
// last and the link never. Called by words.ts.
import type { Field } from './field.ts'
import { fits, type Size, shorten } from './shorten.ts'

type Said = Readonly<{ title: string; lines: readonly Readonly<{ label: string; text: string }>[] }>

// Each line in turn within so many code points.
const widths = [600, 300, 160, 100, 60, 40]

export function fitted(title: string, fields: readonly Field[], max: Size, colon: string): Said {
  const isFit = (said: Said): boolean => fits(textOf(said, colon), max)
  for (const width of widths) {
    const said = linesOf(title, fields, width)
    if (isFit(said)) return said
  }
  const narrow = widths.at(-1)!
  // From the most important down, each that still finds room.
  const kept = new Set(fields.filter(({ rank }) => rank === 0))
  for (const field of fields.toSorted((a, b) => a.rank - b.rank)) {
    kept.add(field)
    if (!isFit(linesOf(title, inOrder(fields, kept), narrow)) && field.rank > 0) kept.delete(field)
  }
  const said = linesOf(title, inOrder(fields, kept), narrow)
  if (isFit(said)) return said
  const needed = inOrder(fields, kept)
  const bare = linesOf(shorten(title, { chars: narrow }), needed, narrow)
  if (isFit(bare)) return bare
  const rest = textOf({ title: '', lines: bare.lines }, colon)
  const cut = shorten(title, roomBeside(rest, max))
  // Where not even the link has room, the title alone is worth more than half a link.
  return cut === '' ? { title: shorten(title, max), lines: [] } : { title: cut, lines: bare.lines }
}

const inOrder = (fields: readonly Field[], kept: ReadonlySet<Field>): Field[] =>
  fields.filter(field => kept.has(field))

const linesOf = (title: string, fields: readonly Field[], width: number): Said => ({
  title,
  lines: fields.map(({ label, text }) => ({ label, text: text(width) })).filter(({ text }) => text !== ''),
})

const textOf = ({ title, lines }: Said, colon: string): string =>
  [title, ...lines.map(({ label, text }) => (label === '' ? text : label + colon + text))].join('\n')

function roomBeside(text: string, { chars, bytes, utf16 }: Size): Size {
  return {
    ...(chars !== undefined && { chars: Math.max(0, chars - [...text].length) }),
    ...(bytes !== undefined && { bytes: Math.max(0, bytes - Buffer.byteLength(text)) }),
    ...(utf16 !== undefined && { utf16: Math.max(0, utf16 - text.length) }),
  }
}
