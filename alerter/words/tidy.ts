// Foreign text made fit for a person's screen: nothing in it can break a line, hide, or turn the writing around.
// Called for every label, annotation and value before it is said.

// Controls, and marks that change the direction of what follows: text could be made to show as something else.
const hidden = /[\p{Cc}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/gu
const halves = /\p{Surrogate}/gu
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

// Marks that we set ourselves, for places that show them as boxes.
export const isolates = /[\u2068\u2069]/g

// Whoever writes from right to left keeps doing so, and what stands beside it stays where it is.
const isolated = (text: string): string => (rightToLeft.test(text) ? `\u2068${text}\u2069` : text)

// More than this nobody is shown anywhere, and nobody waits for it to be cleaned.
const lineMax = 4_000
const textMax = 40_000

// What most labels are: nothing to do, and ten thousand of them are looked at.
const plain = /^[\x21-\x7e]{0,200}$/

// On one line.
export const tidy = (text: string): string => (plain.test(text) ? text : cleaned(text))

const cleaned = (text: string): string =>
  isolated(
    text
      .slice(0, lineMax)
      .replace(/\s+/g, ' ')
      .replace(hidden, '')
      .replace(halves, '\ufffd')
      .replace(/ {2,}/g, ' ')
      .trim(),
  )

// Line breaks are kept; never two empty lines.
export const tidyLines = (text: string): string =>
  text
    .slice(0, textMax)
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map(tidy)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
