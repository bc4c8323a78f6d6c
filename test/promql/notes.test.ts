// What an answer says beside its values, and what it refuses in Prometheus' words.
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { evaluate, type Question } from '#promql/evaluate.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { parse } from '#promql/parse.ts'

const source = new MemorySource()
source.add({ name: 'up', labels: labelsOf([['host', 'a']]) }, [1, 2, 3], 60_000)
const ask = (text: string, question: Question) => evaluate(parse(text), source, question)
const range = { startMs: 0, endMs: 120_000, stepMs: 60_000 }

test('sorting is said to be in vain over several times alone', async () => {
  const t = async (text: string, question: Question, warnings: number) =>
    expect((await ask(text, question)).warnings, text).toHaveLength(warnings)
  await t('sort(up)', range, 1)
  await t('sort(up)', { ...range, stepMs: 600_000 }, 1)
  await t('sort(up)', { ...range, startMs: 120_000 }, 0)
  await t('sort(up @ 60)', range, 0)
  await t('sort_by_label(up @ 60, "host")', { ...range, stepMs: 600_000 }, 0)
  await t('sort_desc(up)', { atMs: 0 }, 0)
})

test('bad parameters are refused in the words of Prometheus', async () => {
  const t = (text: string, detail: string, question: Question = { atMs: 120_000 }) =>
    expect(ask(text, question), text).rejects.toMatchObject({ detail })
  const smoothing = (sf: string, tf: string) => `double_exponential_smoothing(up[2m], ${sf}, ${tf})`
  await t(smoothing('2', '0.5'), 'invalid smoothing factor. Expected: 0 < sf < 1, got: 2.000000')
  await t(smoothing('0.5', '-Inf'), 'invalid trend factor. Expected: 0 < tf < 1, got: -Inf')
  await t('topk(scalar(up) * 1e18 / (scalar(up) < bool 3), up)', 'Scalar value Infinity overflows int64')
  // A step without a number comes before one with too large a one.
  await t('topk((time() / time()) * 1e20, up)', 'Parameter value is NaN', { ...range })
})
