// What a run came to, and what was done to a request, as people read it in both languages.
import { expect, test } from 'vitest'
import { isGsm7 } from '../../../alerter/segments.ts'
import type { Short } from '../../../capacity/coming.ts'
import type { PoolPlan } from '../../../capacity/plan.ts'
import { poolReport } from '../../../capacity/report/pool-report.ts'
import { beforeOf } from '../../../capacity/report/report-model.ts'
import { measured, money } from '../../../capacity/requests/amount.ts'
import { draftsOf } from '../../../capacity/requests/drafts.ts'
import type { Earlier } from '../../../capacity/requests/redraft.ts'
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
  const { drafts } = await draftsOf(plan)
  return words.run(
    summaryOf(drafts, {
      plan,
      planned: beforeOf(plan).pools,
      before: null,
      waiting: 0,
      earlier: [],
      leftBehind: [],
      ...more,
    }),
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
  expect(title).toBe('Capacity for 2026-12: order 12 servers, 1 disk, 32,512 CNY, give back 4 servers')
  expect(text.split('\n')).toEqual([
    'For 2026-12, 2 pools need 12 servers, 1 disk: 32,512 CNY.',
    '1 pool can give back 4 servers.',
    'Not among these is 1 pool of which the formula would give some back, though at risk before its day: torn.',
    '- db: 1 disk by 2026-12-15 for cpu, 20,512 CNY',
    '- web: 12 servers by 2026-11-28 for cpu, 12,000 CNY',
    '- idle: give back 4 servers from 2027-01-30 on',
    'At risk before new units can be there: web (cpu) from 2026-11-28, an order serves on 2026-12-25; db (cpu) from 2026-12-15, an order serves on 2026-12-25; torn (cpu) from 2026-12-15, an order serves on 2026-12-25.',
    'Nothing is known of new: no history, or no supply.',
    'Changed since 2026-11: web 8 to 12, torn 0 to -2, db 0 to 1.',
    '2 requests of people wait to be merged or decided on.',
    'The drafts are at /capacity, and by "plimsoll capacity requests".',
  ])
})

test('and in Chinese', async () => {
  const { title, text } = await of('zh')
  expect(title).toBe('2026-12 容量：采购 12 server、1 disk，32,512 CNY，可回收 4 server')
  expect(text).toContain('2026-12 有 2 个资源池需要 12 server、1 disk，费用 32,512 CNY。')
  expect(text).toContain('- web：2026-11-28 前需要 12 server（cpu），12,000 CNY')
  expect(text).toContain('web（cpu）最早 2026-11-28 触及，现在下单 2026-12-25 才可用')
  expect(text).toContain('另有 1 个资源池按公式可回收，但在目标日之前有不足的风险，未计入：torn。')
  // Nothing is left in the other language.
  expect(text.replaceAll(/`[^`]*`|- \w+|\/capacity/g, '')).not.toMatch(/\b(order|pool|since|the|risk)\b/)
})

test('a month without needs says so, and thousands of pools are counted, not listed', async () => {
  const words = requestWords('en')
  const quiet: RunSummary = summaryOf([], {
    ...{ plan: planOf([]), planned: [], waiting: 0, earlier: [], leftBehind: [] },
    before: { month: '2026-11', pools: [] },
  })
  const { title, text } = words.run(quiet)
  expect(title).toBe('Capacity for 2026-12: nothing to order')
  expect(text.split('\n').slice(0, 3)).toEqual([
    'For 2026-12 nothing needs to be ordered.',
    'No pool meets its waterline before new units can be there.',
    'Nothing has changed since 2026-11.',
  ])
  const many = planOf(Array.from({ length: 1_000 }, (_, at) => pooled(`p${at}`, 1)))
  const { drafts } = await draftsOf(many)
  const long = words.run(
    summaryOf(drafts, { plan: many, planned: [], before: null, waiting: 0, earlier: [], leftBehind: [] }),
  )
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
  // 13 of 1,199 each: what somebody signs is not rounded.
  expect(money(15_587, 'CNY')).toBe('15,587 CNY')
  expect(money(1_234_567.5, 'CNY')).toBe('1,234,567.5 CNY')
  expect(money(-5_000, 'CNY')).toBe('-5,000 CNY')
})

test('where nothing is known, that nothing is to be ordered is no good news', () => {
  const blind = planOf([
    pooled('new', 0, { binding: null, lines: [lineOf('new', 0, { forecast: null, why: 'no_history' })] }),
  ])
  const summary = summaryOf([], {
    plan: blind,
    planned: [],
    before: null,
    waiting: 0,
    earlier: [],
    leftBehind: [],
  })
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
  const { drafts } = await draftsOf(plan)
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

test('what is given back says so, and what it saves', () => {
  const fact = { ...{ id: '1/2', request: 1, what: 'submitted' as const, details: {} }, ...deed() }
  const request = requestOf({
    kind: 'reclaim',
    state: 'submitted',
    cost: { amount: -12_000, currency: 'CNY' },
  })
  const [en, zh] = (['en', 'zh'] as const).map(each => requestWords(each).change(request, fact).text)
  expect(en).toContain('Give back 12 servers of web, which can be given back from 2026-12-25 on.')
  expect(en).toContain('Saves: 12,000 CNY.')
  expect(zh).toContain('可自 2026-12-25 起回收')
  expect(zh).toContain('节省：12,000 CNY。')
})

test('a delivery in pieces says how many have come', () => {
  const t = (deliveredUnits: number, en: string, zh: string) => {
    const fact = { ...{ id: '1/2', request: 1, what: 'delivered' as const, details: {} }, ...deed() }
    const state = deliveredUnits === 12 ? ('delivered' as const) : ('ordered' as const)
    const request = requestOf({ deliveredUnits, state })
    expect(requestWords('en').change(request, fact).title).toBe(`Request 1 (web, 12 servers): ${en}`)
    expect(requestWords('zh').change(request, fact).title).toBe(`申请 1（web，12 server）：${zh}`)
  }
  t(1, '1 of 12 delivered', '已交付 1/12')
  t(12, 'delivered', '已到货')
})

test('an English message has nothing that makes a short message long', async () => {
  const before = { month: '2026-11', pools: [{ name: 'idle', unit: 'server', units: 4, likelyDay: null }] }
  const { title, text } = await of('en', { before })
  const basis = basisOf({ parts: [{ part: { zone: 'a' }, units: 2 }], onOrderUnits: -3 })
  const said = whyText(requestOf({ why: '', basis }), 'en')
  expect(said).toContain('Promised back already: 3.')
  for (const each of [title, text, said]) expect(isGsm7(each), each).toBe(true)
})

test('what waits since an earlier month is named with what is needed now', async () => {
  const waits: Earlier = {
    ...{ number: 7, month: '2026-11', pool: 'web', kind: 'expand', state: 'submitted', units: 10 },
    ...{ unit: 'server', neededUnits: 12 },
  }
  const gives: Earlier = { ...waits, number: 8, kind: 'reclaim', neededUnits: -4 }
  expect((await of('en', { earlier: [waits, gives] })).text).toContain(
    'Not drafted again, as it waits since an earlier month: web, request 7 of 2026-11 (submitted, 10 servers), now 12; web, request 8 of 2026-11 (submitted, give back 10 servers), now give back 4.',
  )
  expect((await of('zh', { earlier: [waits] })).text).toContain(
    '以往月份的申请仍在等待，未重复生成草案：web 的申请 7（2026-11，已提交，10 server），现在需要 12。',
  )
})

test('the message and the page agree on what is at risk', async () => {
  const none = { earlyDay: null, likelyDay: null, lateDay: null }
  const onOrder = (short: Short, change = {}) =>
    pooled('web', 0, { lines: [lineOf('web', 0, { onOrderUnits: 10, short, forecast: soon, ...change })] })
  const t = (of: PoolPlan, risk: string | null, said: string) => {
    const report = poolReport(of, today - 1, [])
    expect(report.risk).toBe(risk)
    const asked = { plan: planOf([of]), planned: [], before: null, waiting: 0, earlier: [], leftBehind: [] }
    expect(requestWords('en').run(summaryOf([], asked)).text.split('\n')[1]).toBe(said)
  }
  const good = 'No pool meets its waterline before new units can be there.'

  // It is above it, whatever comes.
  t(
    onOrder({ ...none, dueDay: today + 2 }, { level: 0.9 }),
    'over',
    'At risk before new units can be there: web (cpu) is above its waterline, an order serves on 2026-12-25.',
  )
  // What is on order comes in time, or too late.
  t(onOrder({ ...none, dueDay: today + 2 }), null, good)
  t(
    onOrder({ earlyDay: today + 3, likelyDay: today + 9, dueDay: today + 12 }),
    'awaited',
    'At risk before new units can be there: web (cpu) from 2026-11-28, what is on order comes on 2026-12-07.',
  )
  t(
    onOrder({ earlyDay: today + 3, likelyDay: today + 9, dueDay: today + 12, isDueAssumed: true }),
    'awaited',
    'At risk before new units can be there: web (cpu) from 2026-11-28, what is on order is expected by its lead time on 2026-12-07.',
  )
})
