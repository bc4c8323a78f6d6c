// What a page on paper relies on: no break in the head of a pool, and room for names of any length.
import { expect, test } from 'vitest'
import { reportHtml } from '../../../capacity/report/html.ts'
import { style } from '../../../capacity/report/style.ts'
import { wordsOf } from '../../../capacity/words.ts'
import { believableReport } from './reported.ts'

// All that is said of a selector in a piece of CSS.
const saidOf = (css: string, selector: string): string =>
  [...css.matchAll(/([^{}]+)\{([^{}]*)\}/g)]
    .filter(([, selectors = '']) => selectors.split(',').some(each => each.trim() === selector))
    .map(found => found[2])
    .join(';')

const css = style('a', wordsOf('en'))

test('the head of a pool is not torn apart on paper', () => {
  const paper = css.slice(css.indexOf('@media print'))
  for (const selector of ['.pool-head', '.labels', '.why', '.facts']) {
    expect(saidOf(paper, selector), selector).toContain('break-inside:avoid')
    expect(saidOf(paper, selector), selector).toContain('break-after:avoid')
  }
})

test('a long name of a unit goes on in the next line, and takes no room from the names of pools', async () => {
  expect(saidOf(css, 'td.units')).toContain('overflow-wrap:anywhere')
  for (const selector of ['.tile', '.facts', '.do'])
    expect(saidOf(css, selector)).toContain('overflow-wrap:anywhere')
  expect(saidOf(css, '.tile .sum')).not.toContain('nowrap')
  const page = reportHtml(await believableReport(), { language: 'en', isFile: true, inFull: 5 })
  const cells = [...page.matchAll(/<td class="([^"]*)"[^>]*>[^<]*\d (?:servers?|storage nodes?|台)</g)]
  expect(cells.length).toBeGreaterThan(20)
  for (const [cell, names = ''] of cells) expect(names.split(' '), cell).toContain('units')
})
