// Series that are evaluated apart from others: what would be a mistake of all of them together is one of the part.
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { evaluateNow } from '#promql/evaluate.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { parse } from '#promql/parse.ts'

const twice = 'found duplicate series for the match group {host="b"} on the right hand-side'
const doubled = new MemorySource()
for (const path of ['/', '/x']) {
  doubled.put(
    {
      name: 'size',
      labels: labelsOf([
        ['host', 'b'],
        ['path', path],
      ]),
    },
    0,
    100,
  )
}

const find = (expr: string, isPart: boolean) =>
  evaluateNow(parse(expr), doubled, { atMs: 0 }, { isPart }).value

test('two of one group are a mistake even where the other side has nothing', () => {
  const t = (expr: string) => {
    expect(find(expr, false), expr).toMatchObject({ series: [] })
    expect(() => find(expr, true), expr).toThrow(twice)
  }
  t('used / on (host) size')
  t('used / on (host) group_left () size')
  t('used > on (host) size')
})

test('what is no mistake of all of them is none of a part', () => {
  const t = (expr: string, count: number) => {
    const { series } = find(expr, true) as { series: readonly unknown[] }
    expect(series, expr).toHaveLength(count)
  }
  t('size and on (host) used', 0)
  t('size unless on (host) used', 2)
  t('size / size', 2)
  t('used / size', 0)
  t('size / on (host, path) used', 0)
})
