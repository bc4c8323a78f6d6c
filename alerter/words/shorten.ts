// A text cut to a size, as services count it: code points, bytes of UTF-8, or units of UTF-16. Called wherever a service
// has a limit.

export type Size = Readonly<{ chars?: number; bytes?: number; utf16?: number }>

const ellipsis = '…'
const letters = new Intl.Segmenter('und', { granularity: 'grapheme' })

// Cuts between letters as a reader sees them: no half emoji, no accent alone. What does not fit even so is empty.
export function shorten(text: string, max: Size): string {
  if (fits(text, max)) return text
  const left = less(max, ellipsis)
  if (left === undefined) return ''
  let room = left
  let end = 0
  for (const { segment, index } of letters.segment(text)) {
    const next = less(room, segment)
    if (next === undefined) break
    room = next
    end = index + segment.length
  }
  const kept = text.slice(0, end).trimEnd()
  // A turn of direction that was opened is closed.
  const open = kept.lastIndexOf('\u2068') > kept.lastIndexOf('\u2069')
  if (!open) return kept + ellipsis
  const closed = `${kept.slice(0, kept.lastIndexOf('\u2068'))}${kept.slice(kept.lastIndexOf('\u2068') + 1)}`
  return closed + ellipsis
}

export const charsOf = (text: string): number => {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    const isPair = unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length
    if (isPair && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) at++
    count++
  }
  return count
}

export function fits(text: string, { chars, bytes, utf16 }: Size): boolean {
  if (utf16 !== undefined && text.length > utf16) return false
  // Three bytes of UTF-8 for a unit of UTF-16 are the most there can be.
  if (bytes !== undefined && text.length * 3 > bytes && Buffer.byteLength(text) > bytes) return false
  return chars === undefined || text.length <= chars || charsOf(text) <= chars
}

// What remains of a size; nothing where the text does not fit.
function less({ chars, bytes, utf16 }: Size, text: string): Size | undefined {
  if (!fits(text, { ...(chars !== undefined && { chars }), ...(bytes !== undefined && { bytes }) }))
    return undefined
  if (utf16 !== undefined && text.length > utf16) return undefined
  return {
    ...(chars !== undefined && { chars: chars - charsOf(text) }),
    ...(bytes !== undefined && { bytes: bytes - Buffer.byteLength(text) }),
    ...(utf16 !== undefined && { utf16: utf16 - text.length }),
  }
}
