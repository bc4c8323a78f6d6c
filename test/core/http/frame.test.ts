import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coded, frame, html } from '#core/http/frame.ts'
import { page } from '#core/http/page.ts'

test('a template escapes whatever is not a template itself', () => {
  const t = (made: { html: string }, wanted: string) => expect(made.html).toBe(wanted)

  t(html`<b>${'<i>&"\''}</b>`, '<b>&lt;i&gt;&amp;&quot;&#39;</b>')
  t(html`${1}${0}${-1.5}`, '10-1.5')
  t(html`${html`<b>${'&'}</b>`}`, '<b>&amp;</b>')
  t(html`${['<', html`<br>`, '>']}`, '&lt;<br>&gt;')
  t(html`a${undefined}b${false}c`, 'abc')
  t(html``, '')
})

test('what is to be typed looks like it', () => {
  expect(coded('Run `plimsoll up <a>`, or `-h`.').html).toBe(
    'Run <code>plimsoll up &lt;a&gt;</code>, or <code>-h</code>.',
  )
})

test('no text gets out of its place', () => {
  const tried = fc.property(fc.string({ unit: 'grapheme-composite' }), text => {
    const made = html`<p title="${text}">${text}</p>`.html
    expect(made.match(/[<>"]/g)).toEqual(['<', '"', '"', '>', '<', '>'])
  })
  fc.assert(tried)
})

test('a page is whole, without scripts, and its policy allows its own style and no other', () => {
  const whole = frame({ title: 'A & B', body: html`<h1>Hello</h1>`, language: 'zh' })
  expect(whole).toMatch(/^<!doctype html>\n<html lang="zh">/)
  expect(whole).toContain('<title>A &amp; B · Plimsoll</title>')
  expect(whole).toContain('width=device-width')
  expect(whole).toContain('prefers-color-scheme:dark')
  expect(whole).not.toMatch(/<script|style="|https?:/)
  const policy = page(whole).headers?.['content-security-policy'] ?? ''
  expect(policy.match(/'sha256-[^']+'/g)).toHaveLength(1)
})

test('what one page has beyond the others stands in its head, and its style is allowed too', () => {
  const head = html`<style>p{color:red}</style>`
  const whole = frame({ title: 'A', body: html`<p>`, language: 'en', head })
  expect(whole.indexOf('<style>p{color:red}</style>')).toBeLessThan(whole.indexOf('</head>'))
  expect(page(whole).headers?.['content-security-policy']?.match(/'sha256-[^']+'/g)).toHaveLength(2)
})
