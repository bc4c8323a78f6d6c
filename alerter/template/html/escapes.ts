// How a text is written so that it stays a text where it stands in a page, character for character as Go does. Called by
// writer.ts.
import { attributeOf } from './attribute.ts'
import { beginning } from './context.ts'
import { readHtml } from './read.ts'
import { styleUnescaped } from './style.ts'

// Stands for what must not be written.
export const refusedText = 'ZgotmplZ'

const signs: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  '&': '&amp;',
  "'": '&#39;',
  '+': '&#43;',
  '<': '&lt;',
  '>': '&gt;',
}
const swap = (found: string): string => signs[found] ?? found

export const inQuotes = (text: string): string => text.replaceAll(/[\0"&'+<>]/g, swap)
// Of what is HTML already: its entities stay.
export const entitiesKept = (text: string): string => text.replaceAll(/[\0"'+<>]/g, swap)

const entities: Readonly<Record<string, string>> = {
  '&#34;': '"',
  '&#39;': "'",
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
}
// Of what the function `html` has escaped.
export const withoutEntities = (text: string): string =>
  text.replaceAll(/&(?:#3[49]|amp|lt|gt);/g, found => entities[found]!)

const bareSigns: Readonly<Record<string, string>> = {
  ...signs,
  '\0': '&#xfffd;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\v': '&#11;',
  '\f': '&#12;',
  '\r': '&#13;',
  ' ': '&#32;',
  '=': '&#61;',
  '`': '&#96;',
}
const bare = /[\0\t\n\v\f\r "&'+<=>`\ufdd0-\ufdef\ufff0-\uffff]/g

export function withoutQuotes(text: string, keepsEntities: boolean): string {
  return text.replaceAll(bare, found => {
    if (found === '&' && keepsEntities) return found
    return bareSigns[found] ?? `&#x${found.charCodeAt(0).toString(16)};`
  })
}

export const withoutTags = (html: string): string =>
  html.includes('<') ? readHtml(beginning, html).visible.replaceAll('&lt;', '<') : html

export function attributeName(text: string): string {
  const small = text.toLowerCase()
  return /^[a-z\d]+$/.test(small) && attributeOf(small) === 'text' ? small : refusedText
}

export const isSafeUrl = (url: string): boolean => /^(?:[^:]*$|[^:]*\/|(?:https?|mailto):)/i.test(url)

const percent = (found: string): string =>
  [...Buffer.from(found)].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')

// Of one that is whole, or its path: signs with a meaning in it stay.
export const normalUrl = (url: string): string =>
  url.toWellFormed().replaceAll(/%(?![\da-f]{2})|[^\w!#$&*+,/:;=?@[\]\-.~%]+/gi, percent)

// Of a piece of a query.
export const urlPiece = (text: string): string => text.toWellFormed().replaceAll(/[^\w\-.~]+/g, percent)

// Addresses with sizes, between commas.
export const srcset = (text: string): string => text.split(',').map(srcsetPart).join(',')

function srcsetPart(part: string): string {
  const [, before = '', url = '', size = ''] = /^([ \t\n\f\r]*)([^ \t\n\f\r]*)(.*)$/s.exec(part) ?? []
  if (!isSafeUrl(url) || !/^[ \t\n\f\r\da-z]*$/i.test(size)) return `#${refusedText}`
  return before + normalUrl(url) + size
}

// Values of styles: words, numbers and colours, nothing that ends one, and no addresses.
export function styleValue(text: string): string {
  const plain = styleUnescaped(text)
  if (/[\0"'()/;@[\\\]`{}<>]|--/.test(plain)) return refusedText
  const letters = plain.replaceAll(/[^\w-]/g, '').toLowerCase()
  return /expression|mozbinding/.test(letters) ? refusedText : plain
}

// Between the quotes of a style. A space ends the number of an escape where the next sign could belong to it.
export const styleText = (text: string): string =>
  text.replaceAll(/[\0\t\n\f\r"&'()+/:;<>\\{}]/g, (found, at: number) => {
    if (found === '\\') return '\\\\'
    const isOpen = /^(?:$|[\da-f\t\n\f\r ])/i.test(text.slice(at + 1, at + 2))
    return `\\${found.charCodeAt(0).toString(16)}${isOpen ? ' ' : ''}`
  })
