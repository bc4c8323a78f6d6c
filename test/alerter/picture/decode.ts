// A PNG with a palette, as pixels again: enough of the format for what we write, and strict about it. Called by tests of
// pictures.
import { crc32, inflateSync } from 'node:zlib'

export type Decoded = Readonly<{
  width: number
  height: number
  colours: number
  // As 0xrrggbb.
  at(x: number, y: number): number
  // How often a colour is found in a rectangle.
  count(colour: number, box?: Partial<Box>): number
}>

type Box = Readonly<{ left: number; right: number; top: number; bottom: number }>

export function decodePng(bytes: Uint8Array): Decoded {
  const png = Buffer.from(bytes)
  if (png.toString('hex', 0, 8) !== '89504e470d0a1a0a') throw new Error('no PNG')
  const chunks = new Map<string, Buffer>()
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const end = at + 8 + length
    if (crc32(png.subarray(at + 4, end)) !== png.readUInt32BE(end)) throw new Error('a checksum is wrong')
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, end))
    at = end + 4
  }
  if ([...chunks.keys()].join(' ') !== 'IHDR PLTE IDAT IEND') throw new Error([...chunks.keys()].join(' '))
  const head = chunks.get('IHDR')!
  const palette = chunks.get('PLTE')!
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)]
  if (head.toString('hex', 8) !== '0803000000') throw new Error('not 8 bits of a palette')
  const rows = inflateSync(chunks.get('IDAT')!)
  if (rows.length !== (width + 1) * height) throw new Error(`${rows.length} bytes of rows`)
  const at = (x: number, y: number): number => {
    if (rows[y * (width + 1)] !== 0) throw new Error('a row with a filter')
    const index = rows[y * (width + 1) + 1 + x]! * 3
    if (index >= palette.length) throw new Error('no such colour')
    return palette.readUIntBE(index, 3)
  }
  const count = (colour: number, box: Partial<Box> = {}): number => {
    const { left = 0, right = width, top = 0, bottom = height } = box
    let found = 0
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) found += Number(at(x, y) === colour)
    return found
  }
  return { width, height, colours: palette.length / 3, at, count }
}
