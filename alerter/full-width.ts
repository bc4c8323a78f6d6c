// Makes text harmless where Markdown has no way to escape it (DingTalk, WeCom): what would be markup becomes the
// full-width sign that looks like it, and addresses stay addresses. Called by the folders in channels/.

const address = /(https?:\/\/\S+)/i
const signs = /[\\`*[\]<~|]/g
// At the edge of a word it is markup, inside of one (node_load1) it is a letter.
const underscores = /(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g
// Headings, quotes, rules, lists. `-3.5` and `94.2` are numbers.
const starts = /^([ \t]*)(#+|>+|={2,}|-{2,}|[-+](?=[ \t]|$)|\d+(?=[.)](?:[ \t]|$)))/gm

const wide = (sign: string): string => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0)
const percent = (sign: string): string => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`

export const fullWidth = (text: string): string =>
  text
    .split(address)
    .map((piece, at) =>
      at % 2 === 1
        ? piece.replace(signs, percent).replace(/_/g, percent)
        : piece.replace(signs, wide).replace(underscores, wide),
    )
    .join('')
    .replace(starts, (_, space: string, sign: string) => space + sign.replace(/./g, wide))
