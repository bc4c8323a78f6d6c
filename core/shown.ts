// Foreign text made fit for a terminal: it cannot move the cursor, paint the screen, write lines of its own, or turn the
// writing around. Called by the log, and by the commands that print lists.

// Among the controls are those above 127, which JSON leaves as they are and some terminals obey.
const unseen = /[\p{Cc}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu

export const shown = (text: string): string =>
  text.replaceAll(unseen, found => {
    const inJson = JSON.stringify(found).slice(1, -1)
    return inJson === found ? `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}` : inJson
  })

// Of several lines, which stay lines.
export const shownLines = (text: string): string =>
  text
    .split(/([\n\t])/)
    .map((piece, at) => (at % 2 === 1 ? piece : shown(piece)))
    .join('')
