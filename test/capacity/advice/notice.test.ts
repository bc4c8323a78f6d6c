import { expect, test } from 'vitest'
import type { Advice, Why } from '../../../capacity/advice/hive.ts'
import type { Judged } from '../../../capacity/advice/judged.ts'
import { noticeOf } from '../../../capacity/advice/notice.ts'
import { placedLines, reasonText } from '../../../capacity/advice/words.ts'
import { minute, poolOf, startMs } from './world.ts'

const advice: Advice = {
  ...{ id: 'x', way: 'grow', from: 4, to: 5 },
  ...{ busySeconds: 200, atMs: startMs, waitsSinceMs: startMs },
}
const judgedOf = (more: Partial<Judged> = {}): Judged => ({
  ...{ pool: 'web', atMs: startMs + minute, why: 'grow', missing: null, busySeconds: 200, processes: 4 },
  ...{ share: 200 / 240, wanted: 5, advice, placed: null },
  ...more,
})

test('what programs read fits, however many machines there are', () => {
  const places = Array.from({ length: 4_000 }, (_, at) => ({
    host: `${'h'.repeat(250)}${at}`,
    proxy: 'p'.repeat(60),
    count: 1,
  }))
  const notice = noticeOf(poolOf(), judgedOf({ placed: { places, left: 7, why: null } }), 'en')
  expect(JSON.stringify(notice?.data).length).toBeLessThan(65_536)
  expect(notice?.data).toMatchObject({ left: 7, morePlaces: 3_850, places: places.slice(0, 150) })
  expect(notice?.text.split('\n').length).toBeLessThan(150)
})

test('the same advice has the same key, whatever else is true by now', () => {
  const first = noticeOf(poolOf(), judgedOf(), 'en')
  const later = noticeOf(
    poolOf(),
    judgedOf({ atMs: startMs + 9 * minute, busySeconds: 300, processes: 3 }),
    'zh',
  )
  expect(later?.id).toBe(first?.id)
  expect(later?.data?.['key']).toBe(first?.data?.['key'])
  expect(noticeOf(poolOf('db'), judgedOf(), 'en')?.id).not.toBe(first?.id)
})

test('nobody is told of nothing', () => {
  expect(noticeOf(poolOf(), judgedOf({ advice: null }), 'en')).toBeUndefined()
  expect(noticeOf(poolOf('web', { webhook: undefined }), judgedOf(), 'en')).toBeUndefined()
})

test('each reason has words in both languages', () => {
  const t = (more: Partial<Judged>, en: string, zh: string) => {
    expect(reasonText(poolOf(), judgedOf(more), 'en')).toContain(en)
    expect(reasonText(poolOf(), judgedOf(more), 'zh')).toContain(zh)
  }
  const none = (why: Why): Partial<Judged> => ({ why, advice: null })
  t({}, 'Advice: 5 processes instead of 4.', '建议：进程数由 4 调整为 5。')
  t(none('enough'), 'No more and no fewer are needed.', '无需增减进程。')
  t(none('may_grow'), 'More are advised if this lasts 2 min.', '若持续 2 min，将建议扩容。')
  t(none('may_shrink'), 'Fewer are advised if this lasts 10 min.', '若持续 10 min，将建议缩容。')
  t(none('at_most'), 'More are needed, and 100 is the most that may be.', '已达上限 100')
  t(
    { missing: 'busy: x', busySeconds: null, processes: null },
    'no measurement: busy: x.',
    '缺少测量数据，不给出建议：busy: x。',
  )

  const placed = { places: [{ host: 'a', proxy: 'p', count: 2 }], left: 3, why: null }
  expect(placedLines('shrink', placed, 'en')).toEqual([
    '−2 on a behind p',
    '3 were not found on any machine.',
  ])
  expect(placedLines('shrink', placed, 'zh')).toEqual(['a（代理 p） −2', '有 3 个进程在各机器上均未找到。'])
})
