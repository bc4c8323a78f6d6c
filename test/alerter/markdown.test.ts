// The two ways to make text harmless in Markdown.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fullWidth } from '../../alerter/full-width.ts'
import { escapeMarkdown, withoutBackslashes } from '../../alerter/markdown.ts'

test('what is no markup stays as it is', () => {
  const t = (text: string) => {
    expect(fullWidth(text)).toBe(text)
    expect(escapeMarkdown(text)).toBe(text)
  }

  t('node_load1 of db-7 is 94.2 (alerts at > 90)')
  t('磁盘 /var 已满：94%')
  t('https://e.org/a?b=c&d=e-f.html')
  t('a - b + c = d, 1.5')
})

test('what is markup is shown as text', () => {
  const t = (text: string, wide: string, escaped: string) => {
    expect(fullWidth(text)).toBe(wide)
    expect(escapeMarkdown(text)).toBe(escaped)
  }

  t('**a**', '＊＊a＊＊', '\\*\\*a\\*\\*')
  t('_a_ __b__', '＿a＿ ＿＿b＿＿', '\\_a\\_ \\_\\_b\\_\\_')
  t('[x](javascript:y)', '［x］(javascript:y)', '\\[x\\](javascript:y)')
  t('<font>', '＜font>', '＜font>')
  t('`c` ~~d~~ |e|', '｀c｀ ～～d～～ ｜e｜', '\\`c\\` \\~\\~d\\~\\~ \\|e\\|')
  t('\\[x]', '＼［x］', '\\\\\\[x\\]')
  t('# h', '＃ h', '\\# h')
  t('a\n> q', 'a\n＞ q', 'a\n\\> q')
  t('- l', '－ l', '\\- l')
  t('1. l', '１. l', '1\\. l')
  t('--- ', '－－－ ', '\\--- ')
  // Numbers are none.
  expect(fullWidth('-3.5')).toBe('-3.5')
  expect(fullWidth('94.2')).toBe('94.2')
  // Addresses still lead where they led.
  expect(fullWidth('https://e.org/a*b_c')).toBe('https://e.org/a%2Ab%5Fc')
  expect(escapeMarkdown('see https://e.org/a-b#c, now')).toBe('see https://e.org/a-b#c, now')
  // Names with an @ are cut in two.
  expect(escapeMarkdown('@all')).toBe('@\u200ball')
})

test('a reader gets back what was said', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab_*[]()<>#`~|\\-+=1. \n@') }), text => {
      const read = withoutBackslashes(escapeMarkdown(text)).replaceAll('\u200b', '').replaceAll('＜', '<')
      expect(read).toBe(text)
      const wide = fullWidth(text).replace(/[\uff01-\uff5e]/g, sign =>
        String.fromCodePoint(sign.codePointAt(0)! - 0xfee0),
      )
      expect(wide).toBe(text)
    }),
  )
})
