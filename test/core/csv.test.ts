// Cells that a spreadsheet must not take for a formula.
import { expect, test } from 'vitest'
import { csvQuoted, csvText } from '#core/csv.ts'

test('text that a spreadsheet would compute begins with an apostrophe, in full width too', () => {
  for (const sign of ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t'])
    expect(csvText(`${sign}HYPERLINK(1)`)).toBe(`'${sign}HYPERLINK(1)`)
  expect(csvText('＝A1,2')).toBe('"\'＝A1,2"')
  for (const fine of ['a=1', '1-2', '（＝）', '']) expect(csvText(fine)).toBe(fine)
  expect(csvQuoted('-5')).toBe('-5')
})
