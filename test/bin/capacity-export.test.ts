import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serviceThat, world } from './world.ts'

const answer = () => ({ body: 'the report' })

test('the ending of the file says the format, and a flag says it otherwise', async () => {
  const { url, asked } = await serviceThat(answer)
  const w = world({}, { env: { PLIMSOLL_URL: url, PLIMSOLL_TOKEN: 't' } })
  const t = async (words: string[], query: string) => {
    const { exit, err } = await w.run('capacity', 'export', ...words)
    expect([exit, asked.at(-1)?.url], err).toEqual([0, `/api/plimsoll/v1/capacity/report?${query}`])
  }
  await t(['--out', 'a.pdf'], 'format=pdf')
  await t(
    ['--out', 'a.XLSX', '--language', 'zh', '--month', '2026-12'],
    'format=xlsx&month=2026-12&language=zh',
  )
  await t(['--out', 'report', '--format', 'csv'], 'format=csv')
  await t(['--out', 'a.htm'], 'format=html')
  await t(['--format', 'csv'], 'format=csv')
  await t(['--json'], 'format=json')
  expect(readFileSync(join(w.cwd, 'a.pdf'), 'utf8')).toBe('the report')
})

test('it says where the file is, for people and for programs', async () => {
  const { url } = await serviceThat(answer)
  const w = world({}, { env: { PLIMSOLL_URL: url, PLIMSOLL_TOKEN: 't' } })
  const human = await w.run('capacity', 'export', '--out', 'a.csv')
  expect([human.out, human.err]).toEqual(['', `Written: ${join(w.cwd, 'a.csv')}, csv, 1 kB.\n`])
  const { out } = await w.run('capacity', 'export', '--out', 'a.csv', '--json')
  expect(JSON.parse(out)).toEqual({ file: join(w.cwd, 'a.csv'), format: 'csv', bytes: 10 })
  expect((await w.run('capacity', 'export', '--format', 'csv')).out).toBe('the report')
})

test('what cannot be is said before anything is asked', async () => {
  const { url, asked } = await serviceThat(answer)
  const w = world({}, { env: { PLIMSOLL_URL: url, PLIMSOLL_TOKEN: 't' } })
  const t = async (words: string[], said: string) => {
    const { exit, err } = await w.run('capacity', 'export', ...words)
    expect([exit, err]).toEqual([2, expect.stringContaining(said)])
  }
  await t([], 'wanted one of html, pdf, xlsx, csv, json by --format')
  await t(['--out', 'report.docx'], 'report.docx: wanted one of html')
  await t(['--format', 'docx'], 'html, pdf, xlsx, csv, json')
  await t(['--format', 'pdf'], 'pdf wants --out FILE')
  expect(asked).toEqual([])
})

test('a refusal of the service is said, and no file is written', async () => {
  const refusal = { error: { code: 'pdf_unavailable', detail: 'no browser that prints was found' } }
  const { url } = await serviceThat(() => ({ status: 501, body: refusal }))
  const w = world({}, { env: { PLIMSOLL_URL: url, PLIMSOLL_TOKEN: 't' } })
  const { exit, err } = await w.run('capacity', 'export', '--out', 'a.pdf')
  expect([exit, err]).toEqual([1, expect.stringContaining('no browser that prints was found')])
  expect(() => readFileSync(join(w.cwd, 'a.pdf'))).toThrow('ENOENT')
  const nowhere = await w.run('capacity', 'export', '--out', 'no/such/folder/a.csv')
  expect(nowhere.exit).toBe(1)
})
