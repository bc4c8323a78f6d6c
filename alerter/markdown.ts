// Makes text harmless in Markdown that knows backslashes (Mattermost, Discord), and keeps names with an @ from calling
// anybody. Called by the folders in channels/.

const address = /(https?:\/\/[^\s<>()[\]*_`~|\\@]+)/i
const signs = /[\\`*[\]~|#]/g
// At the edge of a word it is markup, inside of one (node_load1) it is a letter.
const underscores = /(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g
// Quotes, lists, and lines that make a heading of the line above.
const starts = /^([ \t]*)([>+=-])/gm
const numbers = /^([ \t]*\d+)([.)])(?=[ \t]|$)/gm

// Nobody sees it, and what follows is no name any more.
const apart = '@\u200b'
// Mattermost makes links and calls of <…> before it looks for backslashes, so there must be none.
const wideLess = '\uff1c'

export const escapeMarkdown = (text: string): string =>
  text
    .split(address)
    .map((piece, at) => (at % 2 === 1 ? piece : escapePiece(piece)))
    .join('')
    .replace(starts, '$1\\$2')
    .replace(numbers, '$1\\$2')

const escapePiece = (text: string): string =>
  text.replace(signs, '\\$&').replace(underscores, '\\_').replaceAll('<', wideLess).replaceAll('@', apart)

// Where a service shows text as it is.
export const withoutBackslashes = (escaped: string): string => escaped.replace(/\\(.)/g, '$1')
