// A report printed by the browser of this machine; where there is none, that it says so.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { reportHtml } from '../../capacity/report/html.ts'
import { reportPdf } from '../../capacity/report/pdf.ts'
import { believableReport } from '../capacity/report/reported.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const isThere = names.some(name => spawnSync(name, ['--version']).status === 0)

test.skipIf(!isThere)('a report becomes a PDF of several pages (skipped: no Chromium on PATH)', async () => {
  const page = reportHtml(await believableReport(), { language: 'zh', isFile: true, inFull: 3 })
  const pdf = Buffer.from(await reportPdf(page)).toString('latin1')
  expect(pdf.startsWith('%PDF-')).toBe(true)
  expect(pdf.match(/\/Type\s*\/Page\b/g)?.length).toBeGreaterThan(2)
})

test.skipIf(isThere)('without a browser it says what to install (skipped: there is one)', async () => {
  await expect(reportPdf('<p>x</p>')).rejects.toMatchObject({ code: 'pdf_unavailable' })
})
