// Puts number and text where the operator wants them, escaped for the place: a quote in an alert cannot end a string of
// JSON, an ampersand cannot begin a field. Called by index.ts.
import { chinese, international } from '../../sms/numbers.ts'

type Values = Readonly<Record<string, string>>

const xmlSign = (sign: string): string => `&#${sign.charCodeAt(0)};`

// Of a type of content, or of an address.
function escapeOf(place: string): (text: string) => string {
  if (place === 'url' || /x-www-form-urlencoded/i.test(place)) return encodeURIComponent
  if (/json/i.test(place)) return text => JSON.stringify(text).slice(1, -1)
  if (/xml/i.test(place)) return text => text.replace(/[&<>"']/g, xmlSign)
  return text => text
}

// Braces around other names stay: JSON has many.
export function fill(template: string, place: string, values: Values): string {
  const escaped = escapeOf(place)
  // A hook has been through URL, which writes braces as %7B.
  return template.replace(/(?:\{|%7B)(\w+)(?:\}|%7D)/gi, (whole, name: string) => {
    const value = values[name]
    return value === undefined ? whole : escaped(value)
  })
}

export function formOf(number: string, form: '+' | 'digits' | 'as_written'): string {
  if (form === '+') return international(number)
  return form === 'digits' ? international(number).slice(1) : chinese(number)
}
