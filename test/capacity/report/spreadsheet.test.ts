// What a person sees who opens the spreadsheet: nothing is cut, and it prints.
import { expect, test } from 'vitest'
import type { Cell } from '../../../capacity/report/columns.ts'
import { reportCsv } from '../../../capacity/report/csv.ts'
import { reportJson } from '../../../capacity/report/json.ts'
import { type Report, reportOf } from '../../../capacity/report/report-model.ts'
import type { PlainSheet } from '../../../capacity/report/xlsx/sheet-xml.ts'
import { spreadsheetOf } from '../../../capacity/report/xlsx/spreadsheet.ts'
import { reportXlsx } from '../../../capacity/report/xlsx.ts'
import { planOf, pooled, poolOf, requestOf } from '../requests/made.ts'
import { believableReport } from './reported.ts'
import { unzipped } from './unzipped.ts'

const sheetOf = (rows: readonly (readonly Cell[])[], sheet: Partial<PlainSheet> = {}) => {
  const columns = rows[sheet.headAt ?? 0]!.map(() => ({}))
  return unzipped(spreadsheetOf([{ name: 'Pools', rows, headAt: 0, columns, ...sheet }]))
}
const widthsOf = (files: ReadonlyMap<string, string>): number[] =>
  [...files.get('xl/worksheets/sheet1.xml')!.matchAll(/<col [^>]*width="(\d+)"/g)].map(found =>
    Number(found[1]),
  )

test('a column is as wide as the longest that is shown in it', () => {
  const t = (cell: Cell, width: number, head = 'a') => {
    const [found] = widthsOf(sheetOf([[head], [cell]]))
    expect(found, String(cell)).toBeGreaterThanOrEqual(width)
    expect(found, String(cell)).toBeLessThan(width + 8)
  }
  // 1,234,567,890,123 and -1,234,567,890,123.00.
  t(1_234_567_890_123, 17)
  t({ money: -1_234_567_890_123 }, 21)
  t(-12.5, 8)
  t({ day: 20_000 }, 12)
  t('https://wiki/storage', 20)
  t('冷数据归档集群', 14)
  t(1, 'Days left (early)'.length, 'Days left (early)')
  t(null, 8)
  t('x'.repeat(500), 40)
  // A title is no part of the table below it.
  expect(widthsOf(sheetOf([['x'.repeat(50)], ['a', 'b'], ['c', 1]], { headAt: 1 }))).toEqual([8, 8])
})

test('what is longer than a column goes on in further lines', () => {
  const files = sheetOf([['why'], ['short'], ['long '.repeat(40)]])
  const rows = files.get('xl/worksheets/sheet1.xml')!
  expect(rows).toContain('<row r="2"><c r="A2" t="s">')
  // Two hundred characters in six lines of forty, and no row is higher than the format knows.
  expect(rows).toContain('<row r="3" ht="90" customHeight="1">')
  expect(sheetOf([['why'], ['x'.repeat(9_000)]]).get('xl/worksheets/sheet1.xml')).toContain('ht="409"')
  const [, look] = /<c r="A3" s="(\d+)" t="s">/.exec(rows)!
  const looks = files
    .get('xl/styles.xml')!
    .match(/<cellXfs.*<\/cellXfs>/s)![0]
    .match(/<xf .*?(?:\/>|<\/xf>)/g)!
  expect(looks[Number(look)]).toContain('wrapText="1"')
  expect(files.get('xl/styles.xml')).toContain(`<cellXfs count="${looks.length}">`)
})

test('a table prints across the paper with its head on each page, and has buttons that filter', () => {
  const files = sheetOf([['as of'], [], ['pool', 'units'], ['web', 3]], { name: "it's", headAt: 2 })
  const rows = files.get('xl/worksheets/sheet1.xml')!
  expect(rows).toContain('<autoFilter ref="A3:B4"/>')
  expect(rows).toMatch(/<pageSetup [^>]*orientation="landscape" fitToWidth="1" fitToHeight="0"\/>/)
  expect(rows).toContain('<pageSetUpPr fitToPage="1"/>')
  const book = files.get('xl/workbook.xml')!
  expect(book).toMatch(/name="_xlnm.Print_Titles" localSheetId="0">'it''s'!\$3:\$3</)
  expect(book).toMatch(/name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'it''s'!\$A\$3:\$B\$4</)
  // Of no rows there is a head all the same.
  expect(sheetOf([['pool']]).get('xl/worksheets/sheet1.xml')).toContain('<autoFilter ref="A1:A1"/>')
})

test('the parts of a sheet come in the order that the format wants', () => {
  const rows = sheetOf([['pool'], ['web']]).get('xl/worksheets/sheet1.xml')!
  const wanted = 'sheetPr sheetViews cols sheetData autoFilter pageMargins pageSetup headerFooter'.split(' ')
  const places = wanted.map(name => rows.indexOf(`<${name}`))
  expect(places).not.toContain(-1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
})

// Three at a tenth each, which is 0.30000000000000004.
const priced = (): Report => {
  const pool = poolOf('web', { cost: { perUnit: 0.1, currency: 'CNY' } })
  const requests = [requestOf({ cost: { amount: 0.1 * 3, currency: 'CNY' } })]
  return reportOf({ plan: planOf([pooled('web', 3, { pool, cost: 0.1 * 3 })]), requests, before: null })
}

test('money has its cents, and nothing behind them', async () => {
  const files = unzipped(await reportXlsx(priced(), 'en'))
  const money = '<c r="[A-Z]+[0-9]+" s="7"><v>0.3</v>'
  for (const nth of [1, 2, 4]) expect(files.get(`xl/worksheets/sheet${nth}.xml`)).toMatch(new RegExp(money))
  expect(files.get('xl/worksheets/sheet1.xml')!.match(new RegExp(money, 'g'))).toHaveLength(2)
  expect(files.get('xl/styles.xml')).toContain('formatCode="#,##0.00"')
  expect([...files.values()].join('')).not.toContain('0.3000')
  expect(reportCsv(priced())).toMatch(/,0\.3,CNY,/)
  expect(reportJson(priced(), 'en')).not.toContain('0.3000')
})

test('the summary says of each number what it is, in either language', async () => {
  const report = await believableReport()
  const t = async (language: 'en' | 'zh', wanted: readonly string[]) => {
    const texts = unzipped(await reportXlsx(report, language)).get('xl/sharedStrings.xml')!
    for (const each of wanted) expect(texts, each).toContain(`>${each}</t>`)
  }
  const contradicted = 'Pools at risk of which the formula would give some back'
  await t('en', ['Units to order (server)', 'To be spent (USD)', 'Pools at risk', contradicted])
  await t('en', ['Units that may be given back (server)'])
  await t('zh', ['待采购数量（server）', '预计花费（USD）', '有风险的资源池数', '可回收数量（server）'])
  await t('zh', ['有风险但按公式可回收的资源池数'])
})
