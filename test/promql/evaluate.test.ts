// What the evaluator promises beside values: what it reads, when it gives up, and that it lets others work.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elapsedMs } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import type { Matcher } from '#core/model.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import { evaluate, evaluateNow, type Options } from '#promql/evaluate.ts'
import { type FunctionSpec, functions } from '#promql/functions.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { parse } from '#promql/parse.ts'
import type { Source } from '#promql/source.ts'
import type { Value } from '#promql/value.ts'
import { runs } from '../runs.ts'
import { source as arbitrarySource, expression } from './evaluate/expressions.ts'

const seriesOf = (count: number, samples = 1): SeriesSamples[] => {
  const tMs = Float64Array.from({ length: samples }, (_, at) => at * 1_000)
  return Array.from({ length: count }, (_, at) => ({
    series: { name: 'x', labels: labelsOf([['host', String(at)]]) },
    tMs,
    values: new Float64Array(samples).fill(at),
  }))
}

// Remembers what it was asked.
const asked = (rows: readonly SeriesSamples[] = []): Source & { ranges: Range[] } => {
  const ranges: Range[] = []
  return {
    ranges,
    select(_: readonly Matcher[], range: Range) {
      ranges.push(range)
      return rows
    },
  }
}

test('reads what all steps of a selector look at, open at the left end', () => {
  const t = (text: string, ...ranges: [number, number][]) => {
    const source = asked()
    evaluateNow(parse(text), source, { startMs: 1_000_000, endMs: 2_000_000, stepMs: 500_000 })
    expect(
      source.ranges.map(({ fromMs, toMs }) => [fromMs, toMs]),
      text,
    ).toEqual(ranges)
  }

  t('x', [700_001, 2_000_000])
  t('x offset 1m', [640_001, 1_940_000])
  t('x offset -1m', [760_001, 2_060_000])
  t('x @ 500', [200_001, 500_000])
  t('x @ start() + x @ end()', [700_001, 1_000_000], [1_700_001, 2_000_000])
  t('rate(x[10m])', [400_001, 2_000_000])
  t('rate(x[10m] @ 1000 offset 100s)', [300_001, 900_000])
  // From the first multiple of 300 s after 400 s.
  t('max_over_time(x[10m:5m])', [300_001, 1_800_000])
  t('max_over_time(rate(x[1m])[10m:5m] offset 5m)', [240_001, 1_500_000])
  t('1 + time()')
})

test('reads once what several selectors look at', () => {
  const t = (text: string, count: number) => {
    const source = asked()
    evaluateNow(parse(text), source, { atMs: 1_000_000 })
    expect(source.ranges.length, text).toBe(count)
  }

  t('x / x', 1)
  t('x > 1 and rate(x[10m]) > 2', 1)
  t('x - x offset 1m', 1)
  t('x - x offset 1w', 2)
  t('x{a="1"} / x{a="2"}', 2)
  t('x{a="1"} / x{a!="1"}', 2)
  t('x{a="~1"} / x{a=~"1"}', 2)
})

test('all selectors are read at the same time', async () => {
  let waiting = 0
  const most: number[] = []
  const source: Source = {
    async select() {
      most.push(++waiting)
      await new Promise(resolve => setImmediate(resolve))
      waiting--
      return []
    },
  }
  await evaluate(parse('a + b + c'), source, { atMs: 0 })
  expect(Math.max(...most)).toBe(3)
})

test('a source that answers later needs somebody who waits', () => {
  const source: Source = { select: async () => [] }
  expect(() => evaluateNow(parse('x'), source, { atMs: 0 })).toThrow('use evaluate()')
})

test('a source that fails half-way fails the question', async () => {
  const source: Source = {
    async select([matcher]) {
      if (matcher?.value === 'b') throw new Error('the disk is gone')
      return []
    },
  }
  await expect(evaluate(parse('a + b'), source, { atMs: 0 })).rejects.toThrow('the disk is gone')
})

test('limits are named when they are met', () => {
  const rows = asked(seriesOf(10, 100))
  const t = (text: string, limits: Options['limits'], said: string) =>
    expect(
      () => evaluateNow(parse(text), rows, { startMs: 0, endMs: 99_000, stepMs: 1_000 }, { limits: limits! }),
      text,
    ).toThrow(said)

  t('x', { samples: 999 }, 'too_many_samples: 1000 samples are needed, at most 999')
  t('x', { series: 9 }, 'a selector finds 10 series, at most 9')
  t('x', { steps: 99 }, 'too_many_steps: the range has 100 steps, at most 99')
  t('x + x', { samples: 1_500 }, 'numbers would be held at one time')
  t('sum_over_time(vector(1)[1y:1s])', {}, 'too_many_samples')
  t('sum_over_time(sum_over_time(x[1d:1s])[1y:1s])', {}, 'too_many_samples')
  t('x', { timeMs: -1 }, 'query_timeout')
  t('((((x))))', { depth: 3 }, 'nested')
  // What is enough is enough.
  evaluateNow(parse('x'), rows, { atMs: 99_000 }, { limits: { samples: 1_000, series: 10 } })
})

test('a question has to make sense', () => {
  const t = (text: string, question: object, said: string) =>
    expect(() => evaluateNow(parse(text), asked(), question as { atMs: number }), text).toThrow(said)

  t('x', { startMs: 0, endMs: 1, stepMs: 0 }, 'a step above zero')
  t('x', { startMs: 0, endMs: 1, stepMs: Number.NaN }, 'a step above zero')
  t('x[5m]', { startMs: 0, endMs: 1, stepMs: 1 }, 'window')
  t('"text"', { startMs: 0, endMs: 1, stepMs: 1 }, 'string')
})

test('a range that ends before it begins is empty', () => {
  const { value } = evaluateNow(parse('vector(1)'), asked(), { startMs: 5, endMs: 4, stepMs: 1 })
  expect(value).toEqual({ kind: 'matrix', series: [] })
})

test('stops when it is told to', async () => {
  const rows = asked(seriesOf(50_000))
  const gone = AbortSignal.abort(new Error('nobody waits any more'))
  await expect(evaluate(parse('x'), rows, { atMs: 0 }, { signal: gone })).rejects.toThrow('nobody waits')

  const later = new AbortController()
  const long = `${'sum by (host) ('.repeat(40)}x${')'.repeat(40)}`
  const answer = evaluate(parse(long), rows, { atMs: 0 }, { signal: later.signal })
  setImmediate(() => later.abort(new Error('nobody waits any more')))
  await expect(answer).rejects.toThrow('nobody waits')
  // What was under way when it stopped is in order again.
  const { value } = await evaluate(parse('count(sum by (host) (x))'), rows, { atMs: 0 })
  expect(value).toMatchObject({ kind: 'vector', values: Float64Array.of(50_000) })
})

test('what many selectors find together is limited, and the rest is not read', async () => {
  let reads = 0
  const rows: Source = {
    select: async () => {
      reads++
      return seriesOf(10)
    },
  }
  const text = (selectors: number) =>
    Array.from({ length: selectors }, (_, at) => `x{n!="${at}"}`).join(' or ')
  const limits = { series: 10 }
  await evaluate(parse(text(5)), rows, { atMs: 0 }, { limits })
  reads = 0
  await expect(evaluate(parse(text(100)), rows, { atMs: 0 }, { limits })).rejects.toThrow(
    'the selectors find 60 series together, at most 50 may be',
  )
  expect(reads).toBeLessThan(20)
})

test('stops in the middle of one series whose windows are long', async () => {
  const one = new MemorySource()
  one.add(
    { name: 'x', labels: labelsOf([]) },
    Array.from({ length: 4_000 }, (_, at) => at % 97),
    1_000,
  )
  const gone = new AbortController()
  const range = { startMs: 2_000_000, endMs: 3_999_000, stepMs: 1_000 }
  const answer = evaluate(parse('mad_over_time(x[2000s])'), one, range, { signal: gone.signal })
  setImmediate(() => gone.abort(new Error('nobody waits any more')))
  await expect(answer).rejects.toThrow('nobody waits')
})

test('lets others work while it takes long, and questions do not disturb each other', async () => {
  const rows = asked(seriesOf(30_000))
  let turns = 0
  let isOver = false
  const others = (): void => {
    turns++
    if (!isOver) setImmediate(others)
  }
  setImmediate(others)
  const text = 'count(sum by (host) (x) * on (host) group_left sum by (host) (x))'
  const before = elapsedMs()
  const answers = await Promise.all([1, 2, 3].map(() => evaluate(parse(text), rows, { atMs: 0 })))
  isOver = true
  for (const { value } of answers) expect(value).toMatchObject({ values: Float64Array.of(30_000) })
  expect(turns).toBeGreaterThan(Math.min(3, (elapsedMs() - before) / 100))
})

test('every function of the table is there', () => {
  const source = asked(seriesOf(2, 100))
  const argument = { vector: 'x', matrix: 'x[1m]', scalar: '0.5', string: '"z"' }
  for (const [name, spec] of Object.entries<FunctionSpec>(functions)) {
    const args = spec.args.slice(0, Math.max(spec.min, 1)).map(type => argument[type])
    const text = `${name}(${args.join(', ')})`
    for (const question of [{ atMs: 99_000 }, { startMs: 60_000, endMs: 99_000, stepMs: 1_000 }]) {
      const { value } = evaluateNow(parse(text), source, question)
      expect(['vector', 'matrix', 'scalar'], text).toContain(value.kind)
    }
  }
})

// Which values, of which series.
const valuesOf = (value: Value): Record<string, number> => {
  if (value.kind !== 'vector') throw new Error(`wanted a vector, found a ${value.kind}`)
  return Object.fromEntries(value.series.map((each, row) => [JSON.stringify(each), value.values[row]!]))
}

test('sums of sums, counts of counts and extremes of extremes are those of all', () => {
  fc.assert(
    fc.property(expression, arbitrarySource, fc.integer({ min: 0, max: 600_000 }), (text, source, atMs) => {
      const of = (query: string): Record<string, number> | undefined => {
        try {
          return valuesOf(evaluateNow(parse(query), source, { atMs }).value)
        } catch {
          return undefined
        }
      }
      // Sums of what is infinite, or not a quarter of something, depend on the order.
      const whole = `round(clamp(${text}, -1000000, 1000000), 0.25) >= -1000000`
      if (of(text) === undefined) return
      for (const [outer, inner] of [
        ['sum', 'sum'],
        ['sum', 'count'],
        ['min', 'min'],
        ['max', 'max'],
      ]) {
        expect(of(`${outer} by (dc) (${inner} by (dc, host) (${whole}))`), text).toEqual(
          of(`${inner} by (dc) (${whole})`),
        )
      }
    }),
    { numRuns: runs(20) },
  )
})

test('whether the source gives the same objects again makes no difference', () => {
  fc.assert(
    fc.property(expression, arbitrarySource, (text, source) => {
      const fresh: Source = {
        select: (matchers, range) =>
          source.select(matchers, range).map(({ series, tMs, values }) => ({
            series: { name: series.name, labels: labelsOf(Object.entries(series.labels)) },
            tMs: tMs.slice(),
            values: values.slice(),
          })),
      }
      const of = (from: Source): object => {
        try {
          return evaluateNow(parse(text), from, { startMs: 60_000, endMs: 540_000, stepMs: 40_000 })
        } catch (error) {
          return { failed: (error as Error).message }
        }
      }
      expect(of(fresh), text).toEqual(of(source))
    }),
    { numRuns: 100 },
  )
})

test('names of labels and values may be anything', () => {
  const texts = ['', '🚢', '\u0000', '__proto__', 'constructor', 'a\nb', '"', '\u202e', 'Ω']
  const source = new MemorySource()
  for (const [at, text] of texts.entries())
    source.add({ name: 'x', labels: labelsOf([['l', text]]) }, [at], 1)
  const { value } = evaluateNow(parse('sum by (l) (x) + on (l) x'), source, { atMs: 0 })
  const found = Object.entries(valuesOf(value)).map(([series, sum]) => [
    JSON.parse(series).labels.l ?? '',
    sum,
  ])
  expect(new Map(found as [string, number][])).toEqual(new Map(texts.map((text, at) => [text, at * 2])))

  const odd = new MemorySource()
  odd.add(
    {
      name: 'x',
      labels: labelsOf([
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ]),
    },
    [1],
    1,
  )
  const t = (text: string, ...labels: [string, string][]) => {
    const { value } = evaluateNow(parse(text), odd, { atMs: 0 })
    if (value.kind !== 'vector') throw new Error('wanted a vector')
    expect(
      value.series.map(each => Object.entries(each.labels)),
      text,
    ).toEqual([labels])
  }
  t('sum by (__proto__) (x)', ['__proto__', 'a'])
  t('sum without (__proto__) (x)', ['constructor', 'b'])
  t('sum by (toString) (x)')
  t(
    'label_replace(x, "toString", "$1$constructor", "constructor", "(.)")',
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['toString', 'b'],
  )
})

test('windows of series that become one are refused', () => {
  const source = new MemorySource()
  for (const name of ['a', 'b']) source.add({ name, labels: labelsOf([]) }, [1, 2, 3], 60_000)
  const t = (text: string) => evaluateNow(parse(text), source, { atMs: 120_000 }).value
  expect(t('{__name__=~"a|b"}[2m:1m]')).toMatchObject({
    series: [{ series: { name: 'a' } }, { series: { name: 'b' } }],
  })
  expect(t('abs(a)[2m:1m]')).toMatchObject({
    series: [{ series: { name: '' }, values: Float64Array.of(2, 3) }],
  })
  expect(() => t('abs({__name__=~"a|b"})[2m:1m]')).toThrow('same labelset')
})

test('a matrix is sorted as Prometheus sorts labels', () => {
  const source = new MemorySource()
  const add = (name: string, ...labels: [string, string][]) =>
    source.add({ name, labels: labelsOf(labels) }, [1], 1)
  add('b')
  add('a', ['x', '1'])
  add('a', ['A', '1'])
  add('a')
  add('a', ['x', '1'], ['y', '1'])
  const { value } = evaluateNow(parse('{__name__=~".+"}'), source, { startMs: 0, endMs: 0, stepMs: 1 })
  if (value.kind !== 'matrix') throw new Error('wanted a matrix')
  const found = value.series.map(({ series }) => series.name + Object.entries(series.labels).join(' '))
  // Capital letters stand before __name__.
  expect(found).toEqual(['aA,1', 'a', 'ax,1', 'ax,1 y,1', 'b'])
})
