import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attributeOf } from '../../../../alerter/template/html/attribute.ts'
import { beginning, type Context } from '../../../../alerter/template/html/context.ts'
import { readHtml } from '../../../../alerter/template/html/read.ts'

const after = (text: string): Context => readHtml(beginning, text).context

test('knows where it stands after a piece', () => {
  const t = (text: string, wanted: Partial<Context>) => expect(after(text), text).toMatchObject(wanted)

  t('<p>a', { state: 'text' })
  t('<', { state: 'text' })
  t('a <!-- b', { state: 'comment' })
  t('<a', { state: 'tag' })
  t('<a hr', { state: 'name' })
  t('<a href ', { state: 'after name', attribute: 'url' })
  t('<a href=', { state: 'before value', attribute: 'url' })
  t('<a href="', { state: 'value', quote: '"', part: 'start' })
  t("<a href='/p", { state: 'value', quote: "'", part: 'path' })
  t('<a href=/p?', { state: 'value', quote: ' ', part: 'query' })
  t('<a href="x&#63;', { part: 'query' })
  t('<a onclick="', { attribute: 'script' })
  t('<a style="', { attribute: 'css' })
  t('<img SRCSET="', { attribute: 'srcset' })
  t('<title>', { state: 'inside', element: 'title' })
  t('<title></b>', { state: 'inside', element: 'title' })
  t('<title></TITLE >', { state: 'text', element: '' })
  t('<script>if (a < b) "</p>"', { state: 'inside', element: 'script' })
  t('<script type="text/x-template"><b ', { state: 'tag' })
  t('<script type="text/javascript"><b ', { state: 'inside' })
  t('<meta content="5; URL=', { attribute: 'meta content', part: 'path' })
  t('<meta content="5; url=a;', { attribute: 'meta content', part: 'start' })
  t('<meta content="a">', { state: 'text', element: '' })
})

test('escapes what opens no tag, and leaves comments out', () => {
  const t = (text: string, wanted: string) => expect(readHtml(beginning, text).written, text).toBe(wanted)

  t('a < b <3 </ <!DOCTYPE html><?x', 'a &lt; b &lt;3 &lt;/ <!DOCTYPE html>&lt;?x')
  t('a<!-- <b> -->c', 'ac')
  t('<title>a<b></title><x-y>', '<title>a&lt;b></title><x-y>')
  t('<style>a > b { }</style>', '<style>a > b { }</style>')
  t(`<a b = 'c>d' e>`, `<a b = 'c>d' e>`)
})

test('refuses what browsers read in different ways', () => {
  const t = (text: string, wanted: string) => expect(() => after(text), text).toThrow(wanted)

  t('<a b"c>', 'wanted the name of an attribute')
  t('<a =b>', 'wanted an attribute or the end of the tag')
  t('<a b=c"d>', 'wanted quotes around the value of an attribute')
})

test('a piece may end anywhere', () => {
  const part = fc.constantFrom(
    '<p>',
    '<a href="',
    '"',
    '>',
    ' ',
    'x',
    '<!--',
    '-->',
    '<title>',
    '</title>',
    '=',
    "'",
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), parts => {
      let context = beginning
      try {
        for (const each of parts) context = readHtml(context, each).context
      } catch {
        return
      }
      expect(['text', 'tag', 'name', 'after name', 'before value', 'value', 'comment', 'inside']).toContain(
        context.state,
      )
      // Comments begin with another state than they end in, and values know what ends them.
      expect(context.quote === '').toBe(context.state !== 'value')
    }),
  )
})

test('attributes are what their names say', () => {
  const t = (name: string, wanted: string) => expect(attributeOf(name), name).toBe(wanted)

  t('title', 'text')
  t('href', 'url')
  t('xlink:href', 'url')
  t('data-href', 'url')
  t('xmlns:a', 'url')
  t('my-url', 'url')
  t('srclang', 'text')
  t('onclick', 'script')
  t('data-onload', 'script')
  t('style', 'css')
  t('type', 'guarded')
  t('constructor', 'text')
})
