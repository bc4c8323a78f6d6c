// Text on a picture: how wide it is, what of it fits, and its strokes. Signs that glyphs.ts has not are left out. Called
// by picture.ts and its parts.
import type { Canvas } from './canvas.ts'
import { written } from './glyphs.ts'

// `cap` is how high capitals are, in pixels.
export type Face = Readonly<{ cap: number; thickness: number }>

type Glyph = Readonly<{ width: number; strokes: readonly (readonly number[])[] }>

const capOfGlyphs = 20
const gap = 4.6
const arcDegrees = 20

const glyphs: ReadonlyMap<string, Glyph> = new Map(
  Object.entries(written).map(([sign, text]) => [sign, glyphOf(text)]),
)

function glyphOf(text: string): Glyph {
  const [width = '', drawn = ''] = text.split('|')
  const strokes = drawn.split(';').map(strokeOf)
  return { width: Number(width), strokes: strokes.filter(({ length }) => length > 0) }
}

function strokeOf(text: string): readonly number[] {
  return [...text.matchAll(/\(([^)]*)\)|[^\s()]+/g)].flatMap(([word, arc]) =>
    arc === undefined ? [Number(word)] : arcOf(arc.split(' ').map(Number)),
  )
}

function arcOf([cx = 0, cy = 0, rx = 0, ry = 0, from = 0, to = 0]: readonly number[]): number[] {
  const steps = Math.ceil(Math.abs(to - from) / arcDegrees)
  return Array.from({ length: steps + 1 }, (_, step) => {
    const angle = ((from + ((to - from) * step) / steps) * Math.PI) / 180
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)]
  }).flat()
}

// What of it can be drawn.
export const drawable = (text: string): string => [...text].filter(sign => glyphs.has(sign)).join('')

export function widthOf(text: string, { cap }: Face): number {
  let width = -gap
  for (const sign of drawable(text)) width += glyphs.get(sign)!.width + gap
  return Math.max(0, width) * (cap / capOfGlyphs)
}

// The beginning, with `…` where something is missing.
export function fitted(text: string, face: Face, room: number): string {
  if (widthOf(text, face) <= room) return text
  const signs = [...drawable(text)]
  while (signs.length > 0 && widthOf(`${signs.join('')}…`, face) > room) signs.pop()
  return signs.length === 0 ? '' : `${signs.join('').trimEnd()}…`
}

// From `x` on, standing on `y`; to be painted then.
export function letter(
  canvas: Canvas,
  text: string,
  face: Face,
  { x, y }: Readonly<{ x: number; y: number }>,
) {
  const scale = face.cap / capOfGlyphs
  let from = x
  for (const sign of drawable(text)) {
    const { width, strokes } = glyphs.get(sign)!
    for (const stroke of strokes) {
      const moved = stroke.map((each, at) => (at % 2 === 0 ? from + each * scale : y - each * scale))
      canvas.stroke(moved, face.thickness)
    }
    from += (width + gap) * scale
  }
}
