// The part of Markdown that runbooks are written in, as HTML: headings, paragraphs, lists, and what is to be typed. Called
// by runbooks.ts.
import { type Html, html } from '#core/http/frame.ts'

// `hrefOf`: where the page of that name is; nothing, when there is none.
export type Links = (alert: string) => string | undefined

export function markdownHtml(text: string, hrefOf: Links = () => undefined): Html {
  const blocks = text.trim().split(/\n{2,}(?=[^\n])/)
  return html`${wholeFences(blocks).map(block => blockHtml(block, hrefOf))}`
}

const fence = '```'

// An empty line within what is to be typed ends no block.
function wholeFences(blocks: readonly string[]): string[] {
  const whole: string[] = []
  for (const block of blocks) {
    const last = whole.at(-1)
    const isOpen = last?.startsWith(fence) === true && (last === fence || !last.endsWith(`\n${fence}`))
    if (isOpen) whole.push(`${whole.pop()}\n\n${block}`)
    else whole.push(block)
  }
  return whole
}

function blockHtml(block: string, hrefOf: Links): Html {
  if (block.startsWith(fence))
    return html`<pre><code>${block.split('\n').slice(1, -1).join('\n')}</code></pre>\n`
  if (block.startsWith('# ')) return html`<h1>${block.slice(2)}</h1>\n`
  if (block.startsWith('## ')) return html`<h2>${block.slice(3)}</h2>\n`
  if (block.startsWith('- '))
    return html`<ul>${block
      .slice(2)
      .split('\n- ')
      .map(item => html`<li>${linked(joined(item), hrefOf)}</li>`)}</ul>\n`
  return html`<p>${linked(joined(block), hrefOf)}</p>\n`
}

// What stands between backticks is to be typed; names of alerts lead to their pages, there too.
const linked = (text: string, hrefOf: Links): Html =>
  html`${text.split('`').map((piece, at) => {
    const isTyped = at % 2 === 1
    const words = piece.split(/\b((?:[A-Z][a-z]+){2,})\b/).map(word => {
      const href = hrefOf(word)
      return href === undefined ? word : html`<a href="${href}">${word}</a>`
    })
    return isTyped ? html`<code>${words}</code>` : words
  })}`

// Between Chinese characters a line ends without a space.
const joined = (text: string): string =>
  text.replaceAll(/(.)\n\s*(?=(.))/gs, (_, before: string, after: string) =>
    isBare(before, after) ? before : `${before} `,
  )

const isHan = /\p{Script=Han}/u
const isSign = /[\u{3000}-\u{303f}\u{ff00}-\u{ffef}]/u
const isBare = (before: string, after: string): boolean =>
  isSign.test(before) || isSign.test(after) || (isHan.test(before) && isHan.test(after))
