// Pixels of a small picture. What is drawn gathers in a mask first, so that strokes which meet do not darken each other,
// and is laid on in one colour then. Half of the 3 to 5 ms that a picture takes are spent in these loops. Called by
// picture.ts and its parts.

export type Colour = number

// Of an edge. More would only make more colours than a palette has.
const levels = 8

export class Canvas {
  readonly width: number
  readonly height: number
  // 0xrrggbb, row by row.
  readonly pixels: Uint32Array
  readonly #mask: Uint8Array
  // What of the mask is in use.
  #left = Number.POSITIVE_INFINITY
  #right = -1
  #top = Number.POSITIVE_INFINITY
  #bottom = -1

  constructor(width: number, height: number, background: Colour) {
    this.width = width
    this.height = height
    this.pixels = new Uint32Array(width * height).fill(background)
    this.#mask = new Uint8Array(width * height)
  }

  // Through points in pairs: x, y, x, y …, with round ends. A single point is a dot.
  stroke(path: readonly number[], thickness: number): void {
    if (path.length === 2) this.#segment(path, 0, { to: 0, reach: thickness / 2 })
    for (let at = 0; at + 3 < path.length; at += 2)
      this.#segment(path, at, { to: at + 2, reach: thickness / 2 })
  }

  // One column of pixels from one height to another.
  column(x: number, from: number, to: number): void {
    if (x < 0 || x >= this.width) return
    const top = Math.max(0, Math.min(from, to))
    const bottom = Math.min(this.height, Math.max(from, to))
    for (let y = Math.floor(top); y < bottom; y++)
      this.#cover(x, y, Math.min(y + 1, bottom) - Math.max(y, top))
  }

  // A rectangle of whole pixels.
  box(x: number, y: number, { width, height }: Readonly<{ width: number; height: number }>): void {
    for (let column = x; column < x + width; column++) this.column(column, y, y + height)
  }

  // Lays the colour on all that was drawn since the last time.
  paint(colour: Colour, opacity = 1): void {
    const { width, pixels } = this
    const mask = this.#mask
    for (let y = this.#top; y <= this.#bottom; y++) {
      for (let at = y * width + this.#left; at <= y * width + this.#right; at++) {
        const level = mask[at]!
        if (level === 0) continue
        pixels[at] = mixed(pixels[at]!, colour, (level / levels) * opacity)
        mask[at] = 0
      }
    }
    this.#left = this.#top = Number.POSITIVE_INFINITY
    this.#right = this.#bottom = -1
  }

  #segment(
    path: readonly number[],
    from: number,
    { to, reach }: Readonly<{ to: number; reach: number }>,
  ): void {
    const x0 = path[from]!
    const y0 = path[from + 1]!
    const dx = path[to]! - x0
    const dy = path[to + 1]! - y0
    const square = dx * dx + dy * dy
    const outer = reach + 0.5
    const left = Math.max(0, Math.floor(Math.min(x0, x0 + dx) - outer))
    const right = Math.min(this.width - 1, Math.ceil(Math.max(x0, x0 + dx) + outer))
    const top = Math.max(0, Math.floor(Math.min(y0, y0 + dy) - outer))
    const bottom = Math.min(this.height - 1, Math.ceil(Math.max(y0, y0 + dy) + outer))
    for (let y = top; y <= bottom; y++) {
      const py = y + 0.5 - y0
      for (let x = left; x <= right; x++) {
        const px = x + 0.5 - x0
        const along = square === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / square))
        const ox = px - along * dx
        const oy = py - along * dy
        const apart = ox * ox + oy * oy
        if (apart < outer * outer) this.#cover(x, y, outer - Math.sqrt(apart))
      }
    }
  }

  #cover(x: number, y: number, share: number): void {
    const level = share >= 1 ? levels : Math.round(share * levels)
    const at = y * this.width + x
    if (level <= this.#mask[at]!) return
    this.#mask[at] = level
    if (x < this.#left) this.#left = x
    if (x > this.#right) this.#right = x
    if (y < this.#top) this.#top = y
    if (y > this.#bottom) this.#bottom = y
  }
}

function mixed(under: Colour, over: Colour, share: number): Colour {
  if (share >= 1) return over
  const part = (shift: number): number => {
    const below = (under >> shift) & 255
    return Math.round(below + (((over >> shift) & 255) - below) * share) << shift
  }
  return part(16) | part(8) | part(0)
}
