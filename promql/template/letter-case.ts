// Letters large and small as Go has them: one by one, so that the length of a text stays what it is. Called by
// alert-functions.ts.

const ascii = /^[\0-\x7f]*$/

function eachLetter(text: string, change: (letter: string) => string): string {
  if (ascii.test(text)) return change(text)
  let changed = ''
  for (const letter of text) {
    const other = change(letter)
    changed += [...other].length === 1 ? other : letter
  }
  return changed
}

export const upperCase = (text: string): string => eachLetter(text, each => each.toUpperCase())
// Only the dotted capital İ becomes two.
export const lowerCase = (text: string): string =>
  eachLetter(text, each => (each === 'İ' ? 'i' : each.toLowerCase()))

const words = new Intl.Segmenter('en', { granularity: 'word' })
const firstLetter = /[\p{Lu}\p{Ll}\p{Lt}]/u

// The first letter of each word is made large, the others stay.
export function titleCase(text: string): string {
  let title = ''
  for (const { segment } of words.segment(text)) {
    title += segment.replace(firstLetter, letter => {
      const [first = '', ...others] = letter.toUpperCase()
      return first + others.join('').toLowerCase()
    })
  }
  return title
}
