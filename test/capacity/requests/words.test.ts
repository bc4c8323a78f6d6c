// What a run came to, and what was done to a request, as people read it in both languages.
import { expect, test } from 'vitest'
import { beforeOf } from '../../../capacity/report/report-model.ts'
import { measured, money } from '../../../capacity/requests/amount.ts'
import { draftsOf } from '../../../capacity/requests/drafts.ts'
import { type RunSummary, summaryOf } from '../../../capacity/requests/summary.ts'
import { factWhyText, requestWords, whyText } from '../../../capacity/requests/words.ts'
import { basisOf, deed, forecastOf, lineOf, planOf, pooled, poolOf, requestOf, today } from './made.ts'

const soon = forecastOf({ meets: { earlyDay: today + 3, likelyDay: today + 9, lateDay: null } })
const calm = forecastOf({ meets: { earlyDay: null, likelyDay: null, lateDay: null } })
const plan = planOf([
  pooled('web', 12, { lines: [lineOf('web', 12, { forecast: soon })] }),
  pooled('db', 1, { pool: poolOf('db', { unit: 'disk', cost: { perUnit: 20_512, currency: 'CNY' } }) }),
  pooled('idle', -4, { lines: [lineOf('idle', -4, { forecast: calm })] }),
  // Short in twenty days, and more than enough on the day that the formula looks at.
  pooled('torn', -2),
  pooled('new', 0, { binding: null, lines: [lineOf('new', 0, { forecast: null, why: 'no_history' })] }),
])
const of = async (language: 'en' | 'zh', more: Partial<Parameters<typeof summaryOf>[1]> = {}) => {
  const words = requestWords(language)
  const { drafts } = await draftsOf(plan, () => 0)
  return words.run(
    summaryOf(drafts, { plan, planned: beforeOf(plan).pools, before: null, waiting: 0, ...more }),
  )
}

test('a run says what to order, what it costs, what is at risk and what has changed', async () => {
  const before = {
    month: '2026-11',
    pools: Object.entries({ web: 8, idle: -4, gone: 3, new: 5 }).map(([name, units]) => ({
      ...{ name, units, unit: 'server', likelyDay: null },
    })),
  }
  const { title, text } = await of('en', { before, waiting: 2 })
  expect(title).toBe('Capacity for 2026-12: order 12 servers, 1 disk, 32,500 CNY, give back 4 servers')
  expect(text.split('\n')).toEqual([
    'For 2026-12, 2 pools need 12 servers, 1 disk: 32,500 CNY.',
    '1 pool can give back 4 servers.',
    'Not among these is 1 pool of which the formula would give some back, though at risk before its day: torn.',
    '- db: 1 disk by 2026-12-15 for cpu, 20,500 CNY',
    '- web: 12 servers by 2026-11-28 for cpu, 12,000 CNY',
    '- idle: give back 4 servers',
    'At risk before an order of today could help: web (cpu) from 2026-11-28, an order serves on 2026-12-25; db (cpu) from 2026-12-15, an order serves on 2026-12-25; torn (cpu) from 2026-12-15, an order serves on 2026-12-25.',
    'Nothing is known of new: no history, or no supply.',
    'Changed since 2026-11: web 8 → 12, torn 0 → -2, db 0 → 1.',
    '2 requests of people wait to be merged or decided on.',
    'The drafts are at /capacity, and by `plimsoll capacity requests`.',
  ])
})

test('and in Chinese', async () => {
  const { title, text } = await of('zh')
  expect(title).toBe('2026-12 容量：采购 12 server、1 disk，32,500 CNY，可回收 4 server')
  expect(text).toContain('2026-12 有 2 个资源池需要 12 server、1 disk，费用 32,500 CNY。')
  expect(text).toContain('- web：2026-11-28 前需要 12 server（cpu），12,000 CNY')
  expect(text).toContain('web（cpu）最早 2026-11-28 触及，现在下单 2026-12-25 才可用')
  expect(text).toContain('另有 1 个资源池按公式可回收，但在目标日之前有不足的风险，未计入：torn。')
  // Nothing is left in the other language.
  expect(text.replaceAll(/`[^`]*`|- \w+|\/capacity/g, '')).not.toMatch(/\b(order|pool|since|the|risk)\b/)
})

test('a month without needs says so, and thousands of pools are counted, not listed', async () => {
  const words = requestWords('en')
  const quiet: RunSummary = summaryOf([], {
    ...{ plan: planOf([]), planned: [], waiting: 0 },
    before: { month: '2026-11', pools: [] },
  })
  const { title, text } = words.run(quiet)
  expect(title).toBe('Capacity for 2026-12: nothing to order')
  expect(text.split('\n').slice(0, 3)).toEqual([
    'For 2026-12 nothing needs to be ordered.',
    'No pool meets its waterline before an order of today could help.',
    'Nothing has changed since 2026-11.',
  ])
  const many = planOf(Array.from({ length: 1_000 }, (_, at) => pooled(`p${at}`, 1)))
  const { drafts } = await draftsOf(many, () => 0)
  const long = words.run(summaryOf(drafts, { plan: many, planned: [], before: null, waiting: 0 }))
  expect(long.title).toContain('order 1,000 servers, 1,000,000 CNY')
  expect(long.text.length).toBeLessThan(2_500)
  expect(long.text).toContain('and 990 more')
})

test('a change of a request is one title and a few lines', async () => {
  const fact = {
    ...{ id: '1/2', request: 1, details: {} },
    what: 'rejected' as const,
    ...deed({ why: 'too dear' }),
  }
  const request = requestOf({ state: 'rejected', part: { zone: 'a' }, dueDay: today })
  expect(requestWords('en').change(request, fact)).toEqual({
    title: 'Request 1 (web, 12 servers): rejected',
    text: 'Order 12 servers for web (zone=a), needed by 2026-12-25.\nState: rejected, due on 2026-11-25.\nCost: 12,000 CNY.\nBy ann: too dear',
  })
  expect(requestWords('zh').change(request, fact).title).toBe('申请 1（web，12 server）：已驳回')
})

test('numbers have their unit, and three digits that mean something', async () => {
  const t = (value: number, unit: string, wanted: string) => expect(measured(value, unit)).toBe(wanted)

  t(0, 'cores', '0 cores')
  t(1234.5, 'cores', '1,230 cores')
  t(0.012345, 's', '0.0123 s')
  t(2e12, 'bytes', '2 TB')
  t(999, 'bytes', '999 B')
  t(12, '', '12')
  expect(money(1_234_567, 'CNY')).toBe('1,230,000 CNY')
})

test('where nothing is known, that nothing is to be ordered is no good news', () => {
  const blind = planOf([
    pooled('new', 0, { binding: null, lines: [lineOf('new', 0, { forecast: null, why: 'no_history' })] }),
  ])
  const summary = summaryOf([], { plan: blind, planned: [], before: null, waiting: 0 })
  const [en, zh] = (['en', 'zh'] as const).map(language => requestWords(language).run(summary))
  expect(en!.title).toBe('Capacity for 2026-12: nothing to order, nothing known of 1 pool')
  expect(en!.text).toContain('For 2026-12 nothing needs to be ordered, as far as is known.')
  expect(zh!.title).toBe('2026-12 容量：无需采购，1 个资源池无法预测')
  expect(zh!.text).toContain('就已知部分而言无需采购。')
})

test('units are counted as they are called', () => {
  const t = (unit: string, units: number, said: string) =>
    expect(
      requestWords('en').change(requestOf({ unit, units }), {
        ...{ id: '1/1', request: 1, what: 'made', details: {} },
        ...deed(),
      }).title,
    ).toContain(`, ${said})`)
  t('server', 1, '1 server')
  t('server', 2, '2 servers')
  t('processes', 2, '2 processes')
  t('box', 2, '2 boxes')
  t('台', 2, '2 台')
})

test('why a draft is there is said in the language of whoever reads it', () => {
  const parts = [{ part: { zone: 'a' }, units: 2 }]
  const request = requestOf({ why: '', basis: basisOf({ parts, onOrderUnits: 3 }) })
  expect(whyText(request, 'en')).toBe(
    'cpu: 84 cores on 2027-01-30 (80 cores to 90 cores) of 100 cores, of which 70 % may be used. The waterline is met on 2026-12-25 (early 2026-12-15, late not foreseen). On order already: 3. Needed most in zone=a (2).',
  )
  expect(whyText(request, 'zh')).toBe(
    'cpu：预计 2027-01-30 用量 84 cores（80 cores 至 90 cores），现有 100 cores，水位线 70 %。预计 2026-12-25 触及水位线（最早 2026-12-15，最晚 未预见）。在途 3。缺口最大：zone=a（2）。',
  )
})

test('what a person typed, and what older versions wrote, stays as it is', () => {
  const t = (why: string, basis = basisOf()) => {
    expect(whyText(requestOf({ why, basis }), 'en')).toBe(why)
    expect(whyText(requestOf({ why, basis }), 'zh')).toBe(why)
  }
  t('双十二')
  t('cpu: 84 cores on 2027-01-30.')
  expect(whyText(requestOf({ why: '', basis: null, source: 'person' }), 'zh')).toBe('')
})

test('units of a pool at risk are drafted to the letter, and the reason says what speaks against it', async () => {
  const { drafts } = await draftsOf(plan, () => 0)
  const of = (name: string) => {
    const draft = drafts.find(({ pool }) => pool === name)!
    return requestOf({ ...draft })
  }
  expect(whyText(of('torn'), 'en')).toContain('but the pool is at risk before new units could be there')
  expect(whyText(of('torn'), 'zh')).toContain('与回收相矛盾')
  expect(whyText(of('idle'), 'en')).toContain('That leaves more than is needed.')
  expect(of('torn')).toMatchObject({ kind: 'reclaim', units: 2 })
})

test('why a run took a draft back is said by its fact in both languages; a reason that was typed stays', () => {
  const said = (why: string, reason?: object) => {
    const fact = {
      ...{ id: '1/2', request: 1, what: 'withdrawn' as const, details: { ...(reason && { reason }) } },
      ...deed({ why }),
    }
    return [factWhyText(fact, 'en'), factWhyText(fact, 'zh')]
  }
  expect(said('', { kind: 'not_needed' })).toEqual([
    'The forecast of today needs it no more.',
    '按今天的预测已不再需要。',
  ])
  expect(said('', { kind: 'superseded', month: '2027-01' })).toEqual([
    'The drafts for 2027-01 take its place.',
    '已由 2027-01 的草案取代。',
  ])
  expect(said('too dear')).toEqual(['too dear', 'too dear'])
})
