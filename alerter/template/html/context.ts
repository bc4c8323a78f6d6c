// Where in a page a piece of output stands. What the template says moves it on; what comes out of data never does. Made by
// read.ts, asked by writer.ts.
import type { Attribute } from './attribute.ts'

export type Element = '' | 'script' | 'style' | 'textarea' | 'title' | 'meta'

export type Context = Readonly<{
  // text | <tag | <tag na|me | <tag name |= | <tag name=| "…" | <!-- … | <element> … </element>
  state: 'text' | 'tag' | 'name' | 'after name' | 'before value' | 'value' | 'comment' | 'inside'
  element: Element
  attribute: Attribute | 'script type' | 'meta content'
  // What ends the value; a space stands for all that end one without quotes.
  quote: '"' | "'" | ' ' | ''
  part: Part
  style: Style
}>

// How far an address has come: a value at its beginning chooses the scheme, one behind ? or # must not end it.
export type Part = 'start' | 'path' | 'query'

// Where in a style: outside of all of these, in an address, in quotes, in a comment.
export type Style = 'plain' | 'url' | '"url' | "'url" | '"' | "'" | '/*' | '//'

export const beginning: Context = {
  state: 'text',
  element: '',
  attribute: 'text',
  quote: '',
  part: 'start',
  style: 'plain',
}
