// What comes from others stays text on a terminal.
import { expect, test } from 'vitest'
import { shown, shownLines } from '#core/shown.ts'

test('controls and marks that turn the writing around are told, not obeyed', () => {
  const t = (text: string, seen: string) => expect(shown(text)).toBe(seen)

  t('plain, 磁盘, é, 🚢', 'plain, 磁盘, é, 🚢')
  t('a\tb\nc', 'a\\tb\\nc')
  t('\u001b[2J', '\\u001b[2J')
  // JSON leaves these as they are.
  t('\u009b2J\u0085', '\\u009b2J\\u0085')
  t('\u007f', '\\u007f')
  t('\u202egnp.exe', '\\u202egnp.exe')
})

test('of several lines each is shown, and they stay lines', () => {
  expect(shownLines('a\u001b[31m\n\tb\r\n')).toBe('a\\u001b[31m\n\tb\\r\n')
})
