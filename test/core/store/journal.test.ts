// The journal: what was appended comes back, and of a file with a wrong bit or without its end, only that.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { type Append, Journal, replay } from '#core/store/embedded/journal.ts'

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-journal-'))
const path = join(folder, '1.log')
afterAll(() => rmSync(folder, { recursive: true }))

const append = (id: number): Append => ({
  definitions: [[id, `m${id}`, labelsOf([['host', 'a']])]],
  rows: {
    series: Uint32Array.of(id, id),
    tMs: Float64Array.of(1, 2),
    values: Float64Array.of(0.5, id),
  },
  notes: [[id, 3, 'PLJR is how a record begins, so it may stand in a text']],
})

// Each record as one text.
function records(of: (each: (append: Append) => void) => void): string[] {
  const found: string[] = []
  of(({ definitions, rows, notes }) => {
    if (definitions.length > 0) found.push(JSON.stringify(definitions))
    if (rows.series.length > 0) found.push(JSON.stringify([...rows.series, ...rows.tMs, ...rows.values]))
    if (notes.length > 0) found.push(JSON.stringify(notes))
  })
  return found
}

const journal = new Journal(path)
for (const id of [1, 2, 3]) journal.append(append(id))
journal.close()
const whole = readFileSync(path)
const all = records(each => [1, 2, 3].forEach(id => void each(append(id))))

function replayed(bytes: Uint8Array): { found: string[]; lost: number } {
  writeFileSync(path, bytes)
  let lost = 0
  const found = records(each => {
    lost = replay(path, each)
  })
  return { found, lost }
}

test('what was appended comes back', () => {
  expect(replayed(whole)).toEqual({ found: all, lost: 0 })
})

test('any wrong bit costs one record, which is told, and is never taken for another', () => {
  for (let at = 0; at < whole.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 1 << bit
      const { found, lost } = replayed(bytes)
      const missing = all.filter(each => !found.includes(each))
      const isRight = missing.length === 1 && found.length === 8 && lost > 0
      if (!isRight) expect.fail(`bit ${bit} of byte ${at}: lost ${lost}, found ${found.join('\n')}`)
    }
  }
})

test('a journal that ends early has what was whole, and nothing is told: it was never acknowledged', () => {
  for (let length = 0; length < whole.length; length++) {
    const { found, lost } = replayed(whole.subarray(0, length))
    expect(found, String(length)).toEqual(all.slice(0, found.length))
    expect(lost, String(length)).toBe(0)
  }
})
