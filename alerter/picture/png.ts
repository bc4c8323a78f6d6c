// Pixels → PNG with a palette. Called by picture.ts.
import { crc32, deflateSync } from 'node:zlib'

const coloursMax = 256
const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

type Picture = Readonly<{ width: number; height: number; pixels: Uint32Array }>

export function pngOf({ width, height, pixels }: Picture): Uint8Array {
  const { palette, indexOf } = paletteOf(pixels)
  // Each row begins with its filter: none, which is best for few colours.
  const rows = new Uint8Array((width + 1) * height)
  let [known, index] = [-1, 0]
  for (let y = 0, at = 0; y < height; y++) {
    const row = y * (width + 1) + 1
    for (let x = 0; x < width; x++, at++) {
      const colour = pixels[at]!
      if (colour !== known) {
        known = colour
        index = indexOf.get(colour)!
      }
      rows[row + x] = index
    }
  }
  const head = new DataView(new ArrayBuffer(13))
  head.setUint32(0, width)
  head.setUint32(4, height)
  head.setUint8(8, 8)
  head.setUint8(9, 3)
  const colours = Uint8Array.from(
    palette.flatMap(colour => [colour >> 16, (colour >> 8) & 255, colour & 255]),
  )
  return Buffer.concat([
    signature,
    chunk('IHDR', new Uint8Array(head.buffer)),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', new Uint8Array()),
  ])
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const made = Buffer.alloc(12 + data.length)
  made.writeUInt32BE(data.length, 0)
  made.write(name, 4, 'latin1')
  made.set(data, 8)
  made.writeUInt32BE(crc32(made.subarray(4, 8 + data.length)), 8 + data.length)
  return made
}

type Palette = Readonly<{ palette: readonly number[]; indexOf: ReadonlyMap<number, number> }>

// The most frequent colours; a rare one beyond them becomes the one that is nearest.
function paletteOf(pixels: Uint32Array): Palette {
  const counts = new Map<number, number>()
  for (let at = 0, from = 0; at < pixels.length; at = from) {
    const colour = pixels[at]!
    while (from < pixels.length && pixels[from] === colour) from++
    counts.set(colour, (counts.get(colour) ?? 0) + from - at)
  }
  const colours = [...counts].sort(([, one], [, other]) => other - one).map(([colour]) => colour)
  const palette = colours.slice(0, coloursMax)
  const indexOf = new Map(palette.map((colour, index) => [colour, index]))
  for (const colour of colours.slice(coloursMax)) indexOf.set(colour, nearest(colour, palette))
  return { palette, indexOf }
}

function nearest(colour: number, palette: readonly number[]): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY]
  for (const [index, other] of palette.entries()) {
    const apart = [16, 8, 0].reduce(
      (sum, shift) => sum + (((colour >> shift) & 255) - ((other >> shift) & 255)) ** 2,
      0,
    )
    if (apart < least) [best, least] = [index, apart]
  }
  return best
}
