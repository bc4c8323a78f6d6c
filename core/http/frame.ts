// How every page that this server writes itself looks: one stylesheet inside, no scripts, nothing from elsewhere,
// readable on a phone and in the dark. Called by core/auth for the pages of the door and by the front page; goes
// out by page() of page.ts.
import type { Language } from './language.ts'
import { escapeHtml } from './page.ts'

// Text that is HTML already. Everything else that goes into a template is escaped.
export type Html = Readonly<{ html: string }>

type Piece = string | number | Html | false | undefined | readonly Piece[]

export const html = (strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html => ({
  html: strings.map((text, at) => (at === 0 ? text : written(pieces[at - 1]) + text)).join(''),
})

function written(piece: Piece): string {
  if (piece === undefined || piece === false) return ''
  if (typeof piece === 'string' || typeof piece === 'number') return escapeHtml(String(piece))
  return 'html' in piece ? piece.html : piece.map(written).join('')
}

// Words for people, where what stands between backticks is to be typed.
export const coded = (text: string): Html =>
  html`${text.split('`').map((piece, at) => (at % 2 === 1 ? html`<code>${piece}</code>` : piece))}`

// Colours have names, so that a page is right in light and in dark.
const style = `
:root{color-scheme:light dark;--ink:#14212b;--soft:#5a6b78;--paper:#f4f6f7;--card:#fff;--line:#d6dde2;--mark:#0b6e8f;--on-mark:#fff;--good:#1d7a46;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf1;--soft:#93a4b0;--paper:#0f171d;--card:#17222a;--line:#2b3a45;--mark:#5cc0e0;--on-mark:#06222d;--good:#63d297;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
header,main{max-width:60rem;margin:0 auto;padding:1rem}
header a{display:inline-flex;align-items:center;gap:.6rem;font-weight:650;color:inherit;text-decoration:none}
header svg{width:2rem;height:2rem;color:var(--mark)}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
p{margin:.5rem 0}
a{color:var(--mark)}
.soft{color:var(--soft)}
.good{color:var(--good)}
.bad{color:var(--bad)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem}
.door{max-width:24rem;margin:6vh auto 0}
label{display:block;margin-top:1rem;font-weight:550}
input{display:block;width:100%;margin-top:.25rem;padding:.65rem .75rem;font:inherit;font-weight:400;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.5rem}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--mark);outline-offset:2px}
button{margin-top:1.25rem;padding:.65rem 1.1rem;font:inherit;font-weight:600;color:var(--on-mark);background:var(--mark);border:0;border-radius:.5rem;cursor:pointer}
.door button{width:100%}
[role=alert]{margin:1rem 0 0;padding:.65rem .75rem;border:1px solid var(--bad);border-radius:.5rem;color:var(--bad)}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.4rem .5rem;border-bottom:1px solid var(--line);text-align:left}
th{color:var(--soft);font-weight:550}
.number{text-align:right}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em}
pre{overflow-x:auto;margin:.5rem 0;padding:.75rem;background:var(--paper);border:1px solid var(--line);border-radius:.5rem}
@media (max-width:30rem){.door{margin-top:1rem}header,main{padding:.75rem}}
`

// The load line: a ring, and the water that must not rise above it.
const mark: Html = {
  html: '<svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="3" aria-hidden="true"><circle cx="16" cy="16" r="10"/><path d="M1 16h30"/></svg>',
}

// The same for the tab, in a colour that both light and dark bear.
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http%3A//www.w3.org/2000/svg' viewBox='0 0 32 32' fill='none' stroke='%230b8fb5' stroke-width='4'%3E%3Ccircle cx='16' cy='16' r='10'/%3E%3Cpath d='M1 16h30'/%3E%3C/svg%3E"

// `head` is what one page has beyond the others, like styles of its own. A file is passed on and opened far from here: it
// has no way home, and brings along the policy that the server says with other pages.
export type Frame = Readonly<{
  title: string
  body: Html
  language: Language
  head?: Html
  isFile?: boolean
}>

const filePolicy = html`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
`

export function frame({ title, body, language, head, isFile = false }: Frame): string {
  const whole = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${isFile && filePolicy}<link rel="icon" href="${icon}">
<title>${title} · Plimsoll</title>
<style>${{ html: style }}</style>
${head}
</head>
<body>
<header>${isFile ? html`<a>${mark}<span>Plimsoll</span></a>` : html`<a href="/">${mark}<span>Plimsoll</span></a>`}</header>
<main>
${body}
</main>
</body>
</html>
`
  return whole.html
}
