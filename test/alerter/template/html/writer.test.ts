import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import { openTemplates } from '../../../../alerter/template.ts'
import { runs } from '../../../runs.ts'
import { messageOf } from '../../messages.ts'
import { decoded, structureOf } from './structure.ts'

const ready = openTemplates([])

const page = (text: string, value: string): string =>
  ready.render(text, messageOf({ commonLabels: labelsOf([['x', value]]) }), 'html')

function refusal(text: string): string {
  try {
    return `no refusal: ${page(text, 'v')}`
  } catch (error) {
    return (error as Failure).detail
  }
}

const x = '{{ .CommonLabels.x }}'

test('a value is escaped as its place wants it', () => {
  const t = (text: string, value: string, wanted: string) => expect(page(text, value), text).toBe(wanted)

  t(`<p>${x}</p>`, `<b>"a'&+`, '<p>&lt;b&gt;&#34;a&#39;&amp;&#43;</p>')
  t(`<i title="${x}">`, '"><script>', '<i title="&#34;&gt;&lt;script&gt;">')
  t(`<i title=${x}>`, 'a b', '<i title=a&#32;b>')
  t(`<i title=${x}>`, '', '<i title=ZgotmplZ>')
  t(`<a href="${x}">`, 'https://a.b/?c=d&e f', '<a href="https://a.b/?c=d&amp;e%20f">')
  t(`<a href="${x}">`, 'javascript:alert(1)', '<a href="#ZgotmplZ">')
  t(`<a href="${x}">`, ' JaVaScRiPt:alert(1)', '<a href="#ZgotmplZ">')
  t(`<a href="/?q=${x}">`, 'a&b=c#d', '<a href="/?q=a%26b%3dc%23d">')
  t(`<a href="{{ safeUrl ${x.slice(3, -3)} }}">`, 'tel:+1', '<a href="tel:&#43;1">')
  t(`<title>${x}</title>`, '</title>', '<title>&lt;/title&gt;</title>')
  t(`<b style="color:${x}">`, 'red;background:url(x)', '<b style="color:ZgotmplZ">')
  t(`<b style="color:${x}">`, 'red;position:fixed', '<b style="color:ZgotmplZ">')
  t(`<b style="color:${x}">`, '#d92d20', '<b style="color:#d92d20">')
  t('{{ .CommonLabels.x | urlquery }}', 'a b', 'a&#43;b')
  t(`<b ${x}="y">`, 'onclick', '<b ZgotmplZ="y">')
  t(`<!-- ${x} -->z`, '-->', 'z')
  t(`<img srcset="${x}">`, 'a.png 2x, javascript:b 3x', '<img srcset="a.png 2x,#ZgotmplZ">')
})

test('a style takes addresses in url( ) and in quotes, and words elsewhere', () => {
  const t = (style: string, value: string, wanted: string) => {
    expect(page(`<b style='${style}'>`, value), style).toBe(`<b style='${wanted.replaceAll("'", '&#39;')}'>`)
    expect(page(`<style>${style}</style>`, value), style).toBe(`<style>${wanted}</style>`)
  }

  t(`background:url(${x})`, 'http://h/a b(c)', 'background:url(http://h/a%20b%28c%29)')
  t(`background:url( "${x}/b.png")`, 'http://h', 'background:url( "http://h/b.png")')
  t(`background:url(${x})`, 'javascript:x', 'background:url(#ZgotmplZ)')
  t(`background:url(/p/${x})`, 'a:b', 'background:url(/p/a:b)')
  t(`background:url(/p?q=${x})`, 'a=b/c', 'background:url(/p?q=a%3db%2fc)')
  t(`background:url(/a) ${x}`, 'http://h', 'background:url(/a) ZgotmplZ')
  t(`a:url(/${x}) b:url(${x})`, 'data:x', 'a:url(/data:x) b:url(#ZgotmplZ)')
  t(`my-url(${x})`, 'http://h', 'my-url(ZgotmplZ)')
  t(`font-family:"${x}"`, 'Arial, x;y', 'font-family:"Arial, x\\3by"')
  t(`font-family:"${x}"`, 'javascript:x', 'font-family:"#ZgotmplZ"')
  t(`font-family:${x}`, 'Brush Script', 'font-family:Brush Script')
  t(`color:${x}`, '\\65 x\\pression', 'color:ZgotmplZ')

  // Signs of the style may stand as entities in an attribute, and comments fall away outside of one.
  expect(page(`<b style="a:url&#40;&quot;${x}&quot;)">`, 'http://h')).toContain(';http://h&quot;)')
  expect(page(`<style>/* ${x} */ color: ${x} // ${x}\n</style>`, 'red')).toBe(
    '<style>   color: red \n</style>',
  )
  expect(refusal(`<b style="a:url(\\${x})">`)).toContain('an escape ends inside of a style')
})

test('what is HTML already stays', () => {
  const t = (text: string, wanted: string) => expect(page(text, '<b>&amp;</b>'), text).toBe(wanted)

  t('{{ safeHtml .CommonLabels.x }}', '<b>&amp;</b>')
  t('<i title="{{ safeHtml .CommonLabels.x }}">', '<i title="&amp;">')
  t('{{ .CommonLabels.x | html }}', '&lt;b&gt;&amp;amp;&lt;/b&gt;')
  // No text of a label is: only what safeHtml says.
  t('{{ print (safeHtml .CommonLabels.x) }}', '&lt;b&gt;&amp;amp;&lt;/b&gt;')
})

test('the template may open a place in one definition and fill it in another', () => {
  const text = `{{ define "v" }}${x}{{ end }}<a href="{{ template "v" . }}">{{ template "v" . }}</a>`
  expect(page(text, 'javascript:<')).toBe('<a href="#ZgotmplZ">javascript:&lt;</a>')
})

test('scripts get no values, and a page ends outside of all tags', () => {
  const t = (text: string, wanted: string) => expect(refusal(text), text).toContain(wanted)

  t(`<script>a = ${x}</script>`, 'values inside of a script are refused')
  t(`<a onclick="f('${x}')">`, 'values inside of a script are refused')
  t(`<iframe srcdoc="${x}">`, 'values inside of a script are refused')
  t(`<p><a href="${x}`, 'the page ends inside of a tag')
  t(`<title>${x}`, 'the page ends inside of <title>')
  t('<!-- x', 'the page ends inside of a comment')
  t('<a href=x"y>', 'wanted quotes around the value')
  t(`{{ .CommonLabels.x | html | print }}`, 'predefined escaper "html" disallowed')
  expect(page('<script>a("<p>")</script>', '')).toBe('<script>a("<p>")</script>')
})

const places = fc.constantFrom(
  `<p>${x}</p>`,
  `<i title="${x}">i</i>`,
  `<i title='${x}'>i</i>`,
  `<i title=${x}>i</i>`,
  `<i class=a${x}b id=c>i</i>`,
  `<a href="${x}">a</a>`,
  `<a href='/p/${x}'>a</a>`,
  `<a href=${x}>a</a>`,
  `<a href="/?a=${x}&b=${x}#${x}">a</a>`,
  `<img srcset="${x}">`,
  `<title>${x}</title>`,
  `<textarea>${x}</textarea>`,
  `<style>p { color: ${x} }</style>`,
  `<b style="color: ${x}">b</b>`,
  `<b style="background: url(${x}) url('${x}')">b</b>`,
  `<style>p { font-family: "${x}" /* ${x} */ }</style>`,
  `<meta http-equiv="refresh" content="5;url=${x}">`,
  `<meta name="description" content="${x}">`,
  `<b data-url="${x}" data-x='${x}'>b</b>`,
  `{{ .CommonLabels.x | html }}`,
  `<a href="{{ .CommonLabels.x | html }}">a</a>`,
  `<a href="{{ .CommonLabels.x | urlquery }}">a</a>`,
  `<i title="{{ printf "%q" .CommonLabels.x }}">i</i>`,
  `<i title="{{ toJson .CommonLabels }}">i</i>`,
  `{{ if true }}<i title="{{ end }}${x}">i</i>`,
)
const nasty = fc.constantFrom(
  ...['"', "'", '<', '>', '&', '=', '`', ' ', '\n', '/', '\0', '-->', '<!--', '</title>', '</style>', ']]>'],
  ...[
    '<script>',
    '</script>',
    'javascript:',
    'onload=',
    '&quot;',
    '&#34;',
    '%22',
    '+',
    '#',
    '?',
    '\\',
    ';',
    '}',
    '\ufffd',
  ],
)
const value = fc
  .array(fc.oneof({ weight: 3, arbitrary: nasty }, fc.string({ maxLength: 3, unit: 'binary' })), {
    maxLength: 8,
  })
  .map(pieces => pieces.join(''))

test('no value leaves its place', () => {
  fc.assert(
    fc.property(fc.array(places, { minLength: 1, maxLength: 4 }), value, (parts, given) => {
      const text = parts.join('\n')
      const benign = structureOf(page(text, 'v'))
      const made = structureOf(page(text, given))
      expect(made.shape).toBe(benign.shape)
    }),
    { numRuns: runs(300) },
  )
})

test('no address runs a script', () => {
  const addresses = [
    `<a href="${x}">`,
    `<a href=${x}>`,
    `<img src='${x}'>`,
    `<b data-url="${x}">`,
    `<a href="{{ .CommonLabels.x | html }}">`,
  ]
  fc.assert(
    fc.property(fc.constantFrom(...addresses), value, (text, given) => {
      const { values } = structureOf(page(text, given))
      for (const each of values) {
        const clean = decoded(each).replaceAll(/[\0- ]/g, '')
        expect(clean).not.toMatch(/^(?:javascript|vbscript|data):/i)
      }
    }),
    { numRuns: 800 },
  )
})

test('the reader of this test sees what has left its place', () => {
  expect(structureOf('<p>v</p>').shape).not.toBe(structureOf('<p><b>v</b></p>').shape)
  expect(structureOf('<p title="v">').shape).not.toBe(structureOf('<p title="v" onload="x">').shape)
  expect(structureOf('<a href="javascript:x">').values).toEqual(['javascript:x'])
})
