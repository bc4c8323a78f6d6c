// A line before it is known how much room there is: it can be said in less. Made by fields.ts, cut by fitted.ts.
import { shorten } from './shorten.ts'
import type { Tongue } from './tongue.ts'

export type Field = Readonly<{
  label: string
  // What must go goes from the highest rank down. Nothing of rank 0 goes.
  rank: number
  // Within so many code points.
  text(charsMax: number): string
}>

export const plainField = (label: string, rank: number, text: string): Field => ({
  label,
  rank,
  text: charsMax => shorten(text, { chars: charsMax }),
})

// An address that is cut leads nowhere.
export const wholeField = (label: string, rank: number, text: string): Field => ({
  label,
  rank,
  text: () => text,
})

// Names as many as find room, and counts the others.
export function listText(items: readonly string[], more: number, tongue: Tongue) {
  return (charsMax: number): string => {
    let text = ''
    for (const [at, item] of items.entries()) {
      const others = items.length - at - 1 + more
      const next =
        at === 0 ? shorten(item, { chars: Math.max(8, charsMax - 16) }) : text + tongue.comma + item
      const tail = others > 0 ? tongue.andOthers(others) : ''
      if (at > 0 && next.length + tail.length > charsMax) {
        return text + tongue.andOthers(items.length - at + more)
      }
      text = next
    }
    return more > 0 ? text + tongue.andOthers(more) : text
  }
}
