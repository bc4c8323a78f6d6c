// The files beside the page /push: its script, the worker that shows notifications, and what makes it an app of the home
// screen. Called by push-routes.ts.
import { readFileSync } from 'node:fs'
import type { Answer } from '#core/http/route.ts'
import { Canvas } from '../../picture/canvas.ts'
import { pngOf } from '../../picture/png.ts'

const textOf = (url: URL): string => readFileSync(url, 'utf8')

// So that what is new is there after the next start.
const headers = { 'cache-control': 'no-cache', 'cross-origin-resource-policy': 'same-origin' }
const script = { ...headers, 'content-type': 'text/javascript; charset=utf-8' }

export const pageScript = (): Answer => ({
  headers: script,
  body: textOf(new URL('./push-page.js', import.meta.url)),
})

// It asks this server and nobody else, and runs nothing else.
export const workerScript = (): Answer => ({
  headers: {
    ...script,
    'content-security-policy': "default-src 'none'; connect-src 'self'; img-src 'self'",
  },
  body: textOf(new URL('./push-worker.js', import.meta.url)),
})

const sizes = [192, 512] as const
type Size = (typeof sizes)[number]

// Its addresses are as seen from where it stands, whatever the prefix.
export const manifest = (): Answer => ({
  headers: { ...headers, 'content-type': 'application/manifest+json; charset=utf-8' },
  body: JSON.stringify({
    name: 'Plimsoll',
    short_name: 'Plimsoll',
    id: 'push',
    start_url: 'push',
    scope: './',
    display: 'standalone',
    background_color: '#f4f6f7',
    theme_color: '#0b6e8f',
    icons: sizes.map(size => ({
      src: size === 192 ? 'push-icon.png' : 'push-icon-512.png',
      sizes: `${size}x${size}`,
      type: 'image/png',
      purpose: 'any maskable',
    })),
  }),
})

const made = new Map<Size, Uint8Array>()

export function icon(size: Size): Answer {
  const body = made.get(size) ?? drawn(size)
  made.set(size, body)
  return { headers: { ...headers, 'cache-control': 'max-age=86400', 'content-type': 'image/png' }, body }
}

// The load line, as the pages have it, small enough for the round masks of phones.
function drawn(size: Size): Uint8Array {
  const [paper, mark, turns] = [0xf4f6f7, 0x0b6e8f, 64]
  const canvas = new Canvas(size, size, paper)
  const at = (part: number): number => part * size
  const ring = Array.from({ length: turns + 1 }, (_, nth) => {
    const angle = (2 * Math.PI * nth) / turns
    return [at(0.5 + 0.21 * Math.cos(angle)), at(0.5 + 0.21 * Math.sin(angle))]
  })
  canvas.stroke(ring.flat(), at(0.06))
  canvas.stroke([at(0.18), at(0.5), at(0.82), at(0.5)], at(0.06))
  canvas.paint(mark)
  return pngOf(canvas)
}
