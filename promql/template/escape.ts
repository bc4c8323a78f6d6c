// How a text is written inside HTML, JavaScript and the query of a URL, character for character as Go does. Called by
// builtins.ts and the functions that make links.
import { printable } from './format-scalar.ts'

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[\0"'&<>]/g, found => htmlEscapes[found]!)

export const escapeJs = (text: string): string =>
  text.replaceAll(/[\\'"]|[^ !#-%(-;?-[\]-~\x7f]/gu, found => {
    if (found === '\\' || found === "'" || found === '"') return `\\${found}`
    const code = found.codePointAt(0)!
    if (code >= 0x80 && printable.test(found)) return found
    return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
  })

// Spaces become +.
export const escapeQuery = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll('%20', '+')
    .replaceAll(/[!'()*]/g, found => `%${found.charCodeAt(0).toString(16).toUpperCase()}`)
