// How many messages a text is by SMS, and where it is cut: GSM-7 takes 160 characters or 153 of each part, UCS-2 70 or
// 67. Called for texts that are sent and paid by part, and by sms-smpp.
import { charsOf } from './words/shorten.ts'

export type Encoding = 'gsm7' | 'ucs2'
export type Segments = Readonly<{ encoding: Encoding; parts: readonly string[] }>

// GSM 03.38, in the order of its codes; \u001b leads to the second table.
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const extended = new Map([
  ['\f', 0x0a],
  ['^', 0x14],
  ['{', 0x28],
  ['}', 0x29],
  ['\\', 0x2f],
  ['[', 0x3c],
  ['~', 0x3d],
  [']', 0x3e],
  ['|', 0x40],
  ['€', 0x65],
])
const codes = new Map([...basic].map((char, code) => [char, code] as const))
codes.delete('\u001b')

const toExtended = 0x1b
const sizes = { gsm7: { whole: 160, part: 153 }, ucs2: { whole: 70, part: 67 } } as const

// The codes of a character, one or two; nothing where GSM-7 has none.
function codesOf(char: string): readonly number[] | undefined {
  const code = codes.get(char)
  if (code !== undefined) return [code]
  const second = extended.get(char)
  return second === undefined ? undefined : [toExtended, second]
}

export const isGsm7 = (text: string): boolean => [...text].every(char => codesOf(char) !== undefined)

// One code per byte, as SMPP carries it; characters that GSM-7 lacks become `?`.
export const gsm7Bytes = (text: string): Uint8Array =>
  Uint8Array.from([...text].flatMap(char => codesOf(char) ?? [codes.get('?') ?? 0x3f]))

// No character is cut in two, neither an escaped one nor a pair of UTF-16.
export function segmentsOf(text: string): Segments {
  const encoding = isGsm7(text) ? 'gsm7' : 'ucs2'
  const widthOf = (char: string): number => (encoding === 'gsm7' ? (codesOf(char)?.length ?? 1) : char.length)
  const { whole, part } = sizes[encoding]
  const chars = [...text]
  if (chars.reduce((sum, char) => sum + widthOf(char), 0) <= whole) return { encoding, parts: [text] }
  const parts: string[] = []
  let [open, width] = ['', 0]
  for (const char of chars) {
    if (width + widthOf(char) > part) {
      parts.push(open)
      open = ''
      width = 0
    }
    open += char
    width += widthOf(char)
  }
  return { encoding, parts: [...parts, open] }
}

const plainer = new Map(
  Object.entries({
    '…': '...',
    '‘': "'",
    '’': "'",
    '‚': "'",
    '“': '"',
    '”': '"',
    '„': '"',
    '–': '-',
    '—': '-',
    '−': '-',
    '‑': '-',
    '•': '-',
    '·': '-',
    '×': 'x',
    '≥': '>=',
    '≤': '<=',
    '≠': '!=',
    '→': '->',
    '°': ' deg ',
    µ: 'u',
    '`': "'",
    '\u00a0': ' ',
    '\u202f': ' ',
    '\u2009': ' ',
    '\t': ' ',
    '\u2068': '',
    '\u2069': '',
    '\u200d': '',
    '\ufe0f': '',
  }),
)

// One curly quote would more than halve what fits. Where typography and pictures are all that stands in the way, they
// give way; text in another script stays as it is.
export function asGsm7(text: string): string {
  const plain = [...text].map(char => plainer.get(char) ?? char).join('')
  const bare = plain
    .replace(/\p{Extended_Pictographic}\p{Emoji_Modifier}?/gu, '')
    .replace(/ {2,}/g, ' ')
    .trim()
  return isGsm7(bare) && charsOf(bare) > 0 ? bare : text
}

// The other way round; what has no meaning is `?`.
export function gsm7Text(bytes: Uint8Array): string {
  const chars = [...basic]
  const second = new Map([...extended].map(([char, code]) => [code, char] as const))
  let text = ''
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at] ?? 0
    if (code === toExtended) text += second.get(bytes[++at] ?? 0) ?? '?'
    else text += chars[code] ?? '?'
  }
  return text
}
