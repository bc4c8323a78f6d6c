import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { csvCell, reportCsv } from '../../../capacity/report/csv.ts'
import { reportJson } from '../../../capacity/report/json.ts'
import { type Report, reportOf } from '../../../capacity/report/report-model.ts'
import { reportXlsx } from '../../../capacity/report/xlsx.ts'
import { runs } from '../../runs.ts'
import { believablePlan } from './believable.ts'
import { believableReport } from './reported.ts'
import { unzipped } from './unzipped.ts'

const report = await believableReport()

// As RFC 4180 says.
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain = '', end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
    if (end === '') break
  }
  return rows.filter(row => row.length > 1)
}

test('CSV has a line for each resource and part, and every pool', () => {
  const csv = reportCsv(report)
  expect(csv.startsWith('\uFEFFpool,resource,part,used,')).toBe(true)
  const [head = [], ...rows] = cellsOf(csv)
  expect(new Set(rows.map(row => row.length))).toEqual(new Set([head.length]))
  expect(rows).toHaveLength(
    report.pools.reduce((sum, each) => sum + each.resources.length + each.parts.length, 0),
  )
  const row = rows.find(each => each[0] === 'checkout' && each[1] === 'cpu' && each[2] === '')!
  const of = (name: string): string | undefined => row[head.indexOf(name)]
  expect([of('units'), of('decides'), of('pool_units'), of('early'), of('pool_cost')]).toEqual([
    '46',
    '1',
    '46',
    '2026-12-05',
    '193200',
  ])
  expect(Number(of('used'))).toBe(
    report.pools.find(({ name }) => name === 'checkout')!.resources[0]!.plan.usedNow,
  )
  expect(csv).not.toMatch(/NaN|undefined|\[object/)
})

test('text that a spreadsheet would run is text', () => {
  const t = (text: string, cell: string) => expect(csvCell(text), text).toBe(cell)
  t('=HYPERLINK("http://a")', `"'=HYPERLINK(""http://a"")"`)
  t('+1', "'+1")
  t('-1', "'-1")
  t('@SUM(A1)', "'@SUM(A1)")
  t('\t=1', "'\t=1")
  t('\r=1', `"'\r=1"`)
  t('web, new', '"web, new"')
  t("it's", "it's")
  t('a=1', 'a=1')
  // Numbers are numbers.
  expect([csvCell(-3.5), csvCell(null), csvCell({ day: 0 })]).toEqual(['-3.5', '', '1970-01-01'])
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), text => {
      const cell = csvCell(text)
      const read = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell
      expect(read).not.toMatch(/^[=+\-@\t\r]/)
      expect(read.endsWith(text)).toBe(true)
      if (!cell.startsWith('"')) expect(cell).not.toMatch(/[",\r\n]/)
    }),
    { numRuns: runs(200) },
  )
})

const sheetsOf = async (of: Report, language: 'en' | 'zh') => unzipped(await reportXlsx(of, language))

test('a spreadsheet has five sheets with frozen heads, numbers that are numbers and days that are dates', async () => {
  const files = await sheetsOf(report, 'en')
  const names = [...files.get('xl/workbook.xml')!.matchAll(/<sheet [^>]*name="([^"]+)"/g)].map(
    found => found[1],
  )
  expect(names).toEqual(['Summary', 'Pools', 'Parts', 'Requests', 'Errors'])
  const pools = files.get('xl/worksheets/sheet2.xml')!
  expect(pools).toContain('state="frozen"')
  expect(pools.match(/<row /g)).toHaveLength(report.pools.length + 1)
  // The units to order, as a number; 2026-12-11 is day 46,367 of spreadsheets.
  expect(pools).toMatch(/<c r="C4"[^>]*><v>46<\/v>/)
  expect(pools).toMatch(/<c r="F4"[^>]*><v>46367<\/v>/)
  expect(files.get('xl/styles.xml')).toContain('yyyy-mm-dd')
  expect([...files.values()].join('')).not.toMatch(/NaN|Infinity|undefined/)
})

test('a spreadsheet in Chinese, and text that XML cannot carry, and text that is no formula', async () => {
  const plan = await believablePlan()
  const [first, ...others] = plan.pools
  const pools = [{ ...first!, pool: { ...first!.pool, name: 'a\u0000<b>&\ud800=1' } }, ...others]
  const files = await sheetsOf(reportOf({ plan: { ...plan, pools }, requests: [], before: null }), 'zh')
  expect(files.get('xl/workbook.xml')).toContain('name="资源池"')
  const texts = files.get('xl/sharedStrings.xml')!
  // As a string it is never a formula, so it needs no quote before it.
  expect(texts).toContain('a&lt;b&gt;&amp;=1')
})

test('JSON has every pool, days as text, and null for what is not known', () => {
  const read = JSON.parse(reportJson(report, 'en'))
  expect(read).toMatchObject({ v: 1, month: '2026-12', asOf: '2026-11-24' })
  expect(read.pools).toHaveLength(20)
  const checkout = read.pools.find(({ name }: { name: string }) => name === 'checkout')
  expect(checkout).toMatchObject({
    units: 46,
    early: '2026-12-05',
    risk: 'late',
    cost: { amount: 193_200, currency: 'USD' },
  })
  expect(checkout.lines[0]).toMatchObject({
    resource: 'cpu',
    decides: true,
    units: 46,
    meets: { likely: '2026-12-09' },
  })
  const blind = read.pools.find(({ name }: { name: string }) => name === 'unmeasured-supply')
  expect(blind.lines[0]).toMatchObject({ supply: null, why: 'no_supply' })
  expect(read.summary).toMatchObject({
    orderUnits: [
      { unit: 'server', units: 139 },
      { unit: 'storage node', units: 57 },
      { unit: '台', units: 34 },
      { unit: 'database host', units: 7 },
    ],
    changes: { since: '2026-11' },
  })
})

test('a spreadsheet is whole: each text stands once, each part is declared, and check sums hold', async () => {
  const bytes = await reportXlsx(report, 'en')
  const files = unzipped(bytes)
  const texts = [...files.get('xl/sharedStrings.xml')!.matchAll(/<si><t[^>]*>([^<]*)<\/t><\/si>/g)].map(
    found => found[1],
  )
  expect(new Set(texts).size).toBe(texts.length)
  for (const [name, text] of files) {
    expect(text.startsWith('<?xml '), name).toBe(true)
    for (const [, at] of text.matchAll(/t="s"><v>(\d+)</g)) expect(texts[Number(at)], name).toBeDefined()
  }
  const declared = [...files.get('[Content_Types].xml')!.matchAll(/PartName="\/([^"]+)"/g)].map(
    found => found[1],
  )
  expect(declared.toSorted()).toEqual(
    [...files.keys()].filter(name => name.startsWith('xl/') && !name.endsWith('.rels')).toSorted(),
  )
  const zip = Buffer.from(bytes)
  for (let at = zip.indexOf('PK\x01\x02', 0, 'latin1'); zip.readUInt32LE(at) === 0x02014b50; ) {
    const length = zip.readUInt16LE(at + 28)
    const name = zip.toString('utf8', at + 46, at + 46 + length)
    expect([zip.readUInt32LE(at + 16), zip.readUInt32LE(at + 24)], name).toEqual([
      crc32(files.get(name)!),
      Buffer.byteLength(files.get(name)!),
    ])
    at += 46 + length
  }
})

test('a thread that fails when the caller has gone away takes nobody with it', async () => {
  const { promise, resolve } = Promise.withResolvers<Worker>()
  process.once('worker', resolve)
  const gone = new AbortController()
  const waiting = reportXlsx(report, 'en', gone.signal)
  const thread = await promise
  gone.abort()
  expect(thread.emit('error', new Error('no memory'))).toBe(true)
  await expect(waiting).rejects.toThrow('aborted')
})

test('a report that cannot be told leaves nothing that fails later', async () => {
  const gone = new AbortController()
  const late: unknown[] = []
  const hear = (error: unknown): void => void late.push(error)
  process.on('unhandledRejection', hear)
  onTestFinished(() => void process.off('unhandledRejection', hear))
  await expect(reportXlsx({ ...report, month: '' }, 'en', gone.signal)).rejects.toThrow()
  gone.abort()
  await setImmediate()
  expect(late).toEqual([])
})
