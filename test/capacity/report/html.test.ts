import { expect, test } from 'vitest'
import { dayText } from '../../../capacity/days.ts'
import { findingKinds } from '../../../capacity/forecast.ts'
import type { Around } from '../../../capacity/report/html/around.ts'
import { riskText } from '../../../capacity/report/html/summary.ts'
import { poolHtml, reportHtml } from '../../../capacity/report/html.ts'
import { reportJson } from '../../../capacity/report/json.ts'
import { poolReport } from '../../../capacity/report/pool-report.ts'
import { type Report, reportedRequestsMax, reportOf } from '../../../capacity/report/report-model.ts'
import { findingWords, wordsOf } from '../../../capacity/words.ts'
import { basisOf, lineOf, pooled, requestOf, today } from '../requests/made.ts'
import { asOfDay, believablePlan } from './believable.ts'
import { believableReport, readOf } from './reported.ts'

const report = await believableReport()
const english = reportHtml(report, { language: 'en', isFile: true })
const shown = (of: Report = report, language: 'en' | 'zh' = 'en', inFull = 40): string =>
  reportHtml(of, { language, isFile: true, inFull })

test('the first words say what to order, for how much, and what is at risk', () => {
  expect(readOf(english)).toContain(
    'Order 139 servers, 57 storage nodes, 34 台 and 7 database hosts for 10 of 20 pools: 1.29M CNY and 1.41M USD. 6 pools are above their waterline, or may be before new units can be there.',
  )
  expect(readOf(shown(report, 'zh'))).toContain(
    '20 个资源池中有 10 个需要扩容，共 139 server、57 storage node、34 台、7 database host，合计 129万 CNY、141万 USD。6 个资源池已超过水位线，或可能在新机器到位前超过。',
  )
})

test('numbers stand where they should', () => {
  const read = readOf(english)
  expect(read).toContain('checkout 46 servers at once 2026-12-11 193,200 USD cpu 67 %')
  expect(read).toContain(
    'Meets its waterline around 2026-12-15; what is ordered today serves on 2026-12-25. That is with 6 servers on order.',
  )
  expect(read).toContain('(5,830 ÷ 0.7 + 1 × 32 − 6,720 − 6 × 32) ÷ 32 = 45.3 → 46 servers')
  expect(read).toContain('On 2027-01-30: 5,830 cores , 5,690 to 5,970 cores in nine cases of ten')
  expect(read).toContain('straight line (least squares) 0.71, damped smoothing 0.84, as on the last day 1')
  expect(read).toContain('jump (from 2026-11-03, by 265 cores) : Demand jumped to another level')
  // How often it fell is no amount.
  expect(read).toContain('drops and grows again (2026-10-13 to 2026-11-16, 3 times) :')
  expect(readOf(shown(report, 'zh'))).toContain('骤降后再增长 （2026-10-13 至 2026-11-16，3 次） ：')
  expect(read).toContain('#53 order 10 台 submitted 2026-12-14 秒杀 双十二新增会场')
  expect(read).toContain('(12.3 ÷ 0.8 + 1 × 0.128 − 23 − 6 × 0.128) ÷ 0.128 = −64.6 → −64 servers')
  expect(read).toContain('No number of units: the supply is not known.')
  expect(read).toContain('Nothing can be said of cpu: no history yet.')
  expect(read).toContain('no use measured on 2026-11-24; there is 96 cores')
})

test('one is not many', () => {
  const [first] = report.pools
  const { summary } = report
  const one = {
    ...report,
    pools: [first!],
    summary: { ...summary, orders: [{ ...first!, units: 1 }], reclaims: [] },
  }
  const read = readOf(shown(one))
  expect(read).toContain('1 pool, measured up to')
  expect(read).toContain('Order 1 server for 1 of 1 pool')
  expect(read).toContain('1 server to order in 1 pool')
  expect(read).toContain('1 pool at risk of 1')
})

test('what was above its waterline was so on the last day that was measured', () => {
  const pool = report.pools.find(({ risk }) => risk === 'over')!
  expect(readOf(poolHtml(report, pool, 'en'))).toContain('It was above it on 2026-11-24.')
  expect(readOf(poolHtml(report, pool, 'zh'))).toContain('2026-11-24 已超过水位线。')
})

test('a page that has the newest requests alone says so, and how to see the others', () => {
  const pool = report.pools.find(({ requests }) => requests.length > 0)!
  const told = '`plimsoll capacity requests POOL` shows the others'
  expect(readOf(poolHtml(report, pool, 'en'))).not.toContain(told)
  const requests = Array<(typeof pool.requests)[number]>(reportedRequestsMax).fill(pool.requests[0]!)
  const cut = { ...report, requests }
  expect(readOf(poolHtml(cut, pool, 'en'))).toContain(told)
  expect(readOf(poolHtml(cut, { ...pool, requests: [] }, 'zh'))).toContain('最新 10,000 份申请')
})

test('nothing that is no text comes through, in either language', () => {
  for (const language of ['en', 'zh'] as const) {
    const page = shown(report, language)
    // The words of one finding name it.
    const read = readOf(page).replaceAll(/NaN or infinite|NaN 或无穷大/g, '')
    expect(read).not.toMatch(/NaN|undefined|\[object|Infinity|\bnull\b/)
    expect(page).not.toMatch(/<script|style="|\son\w+=|javascript:/)
  }
})

test('a file needs nothing from elsewhere and leads nowhere; the page of the service does', () => {
  const file = english
  expect(file).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
  expect(file).not.toMatch(/(?:href|src|action)="(?!#|data:)/)
  expect(file).toContain('@page{size:A4')
  const served = reportHtml(report, { language: 'en', isFile: false, inFull: 3 })
  expect(served).toContain('href="/capacity/what-if"')
  // It has vanished, so there is no page of it.
  expect(served).toContain('old-wiki')
  expect(served).not.toContain('href="/capacity/old-wiki"')
  expect(served).toContain('href="/capacity/%E8%AE%A2%E5%8D%95%E4%B8%AD%E5%BF%83"')
  expect(served).toContain('href="/api/plimsoll/v1/capacity/report?format=pdf&amp;month=2026-12"')
})

test('links within the page lead somewhere', () => {
  const page = shown(report, 'en', 6)
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(found => found[1]))
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(found => found[1])
  expect(targets.length).toBeGreaterThan(5)
  expect(targets.filter(target => !ids.has(target))).toEqual([])
})

test('the most urgent are shown in full, the rest as lines, and the page says so', () => {
  const page = shown(report, 'en', 3)
  expect(page.match(/<svg class="plot"/g)).toHaveLength(4)
  expect(readOf(page)).toContain('The 3 most urgent of 20 pools are shown in full')
  expect(readOf(page)).toContain('All other pools')
  expect(readOf(english)).not.toContain('All other pools')
})

test('names of others are text and nothing else', async () => {
  const plan = await believablePlan()
  const evil = `<script>alert(1)</script>"'&\u202e`
  const [first, ...others] = plan.pools
  const { pool, lines } = first!
  const bad = {
    ...first!,
    pool: {
      ...pool,
      name: evil,
      unit: evil,
      labels: { owner: evil },
      by: [evil],
      events: [{ name: evil, fromDay: asOfDay, toDay: asOfDay, factor: 2 }],
    },
    lines: lines.map(each => ({
      ...each,
      line: {
        ...each.line,
        pool: evil,
        part: Object.keys(each.line.part).length === 0 ? {} : { [evil]: evil },
      },
    })),
  }
  const hostile = reportOf({
    plan: { ...plan, pools: [bad, ...others] },
    requests: [],
    before: { month: '2026-11', pools: [{ name: '</style><b>', unit: evil, units: 1, likelyDay: null }] },
  })
  for (const page of [
    shown(hostile),
    poolHtml(hostile, hostile.pools.find(({ name }) => name === evil)!, 'zh'),
  ]) {
    expect(page).not.toContain('<script')
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
    expect(page.match(/<\/style>/g)).toHaveLength(2)
  }
})

test('a pool with as many parts as it may have says so', async () => {
  const plan = await believablePlan()
  const each = plan.pools.find(({ pool }) => pool.by.length === 1)!
  const zones = new Set(each.lines.flatMap(({ line }) => line.part['zone'] ?? []))
  const page = (partsMax: number): string => {
    const changed = { ...each, pool: { ...each.pool, partsMax } }
    const found = reportOf({ plan: { ...plan, pools: [changed] }, requests: [], before: null })
    return poolHtml(found, found.pools[0]!, 'en')
  }
  expect(page(zones.size)).toContain(`${zones.size} parts are kept by themselves, the most that`)
  expect(page(zones.size + 1)).not.toContain('kept by themselves')
})

test('ten thousand pools do not make a page that nobody can open', async () => {
  const plan = await believablePlan()
  const pools = Array.from({ length: 500 }, (_, copy) =>
    plan.pools.map(each => ({ ...each, pool: { ...each.pool, name: `${each.pool.name}-${copy}` } })),
  ).flat()
  const page = shown(reportOf({ plan: { ...plan, pools }, requests: [], before: null }))
  expect(page.length).toBeLessThan(3_000_000)
  expect(readOf(page)).toContain(
    '2,000 of these 9,960 pools are shown here. XLSX, CSV and JSON have all of them.',
  )
})

test('no pools is said, not drawn', async () => {
  const empty = reportOf({ plan: { ...(await believablePlan()), pools: [] }, requests: [], before: null })
  expect(readOf(shown(empty))).toContain('No pools are configured. They stand under capacity.pools in')
  expect(
    reportOf({ plan: { ...(await believablePlan()), pools: [] }, requests: [], before: null }).summary.orders,
  ).toEqual([])
})

test('without pools the page leads on, and a file nowhere', async () => {
  const empty = reportOf({ plan: { ...(await believablePlan()), pools: [] }, requests: [], before: null })
  const home = '<p><a href="/">Start page</a></p>'
  expect(reportHtml(empty, { language: 'en', isFile: false })).toContain(home)
  expect(shown(empty)).not.toContain(home)
})

test('the page of one pool has its name for a title', () => {
  expect(poolHtml(report, report.pools[0]!, 'en')).toContain(`<h1>${report.pools[0]!.name}</h1>`)
  expect(english.match(/<h1>/g)).toHaveLength(1)
})

test('on a phone, where tables have no heads, dates and amounts are named', () => {
  expect(english).toMatch(/data-name="Order by">\d{4}-/)
  expect(english).not.toMatch(/data-name="[^"]*"><b class="bad">at once/)
  for (const name of ['Used', 'There is', 'Order', 'Needed by'])
    expect(english).toContain(`data-name="${name}"`)
})

test('what fell outside its band says so in words', () => {
  expect(english).toMatch(
    /<td class="number bad"[^>]*>[^<]*<span class="soft outside">outside the band<\/span>/,
  )
  expect(shown(report, 'zh')).toContain('<span class="soft outside">超出区间</span>')
})

test('each finding has a name, a meaning and something to do in each language', () => {
  for (const kind of findingKinds) {
    const [en, zh] = [findingWords(kind, 'en'), findingWords(kind, 'zh')]
    for (const text of Object.values(en)) expect(text, kind).not.toMatch(/[\u4e00-\u9fff]/)
    for (const text of Object.values(zh)) expect(text, kind).toMatch(/[\u4e00-\u9fff]/)
  }
})

test('a pool that is at risk and may be given back at once is no contradiction without words', async () => {
  const torn = await believableReport()
  const en = readOf(reportHtml(torn, { language: 'en', isFile: true }))
  expect(en).toContain(
    'Not among them: 1 pool of which the formula would give some back, though at risk before its day: session-cache.',
  )
  expect(en).toContain('session-cache at risk; the formula would give back 5 servers')
  expect(en).toContain('The formula looks at 2027-01-30 alone')
  const zh = readOf(reportHtml(torn, { language: 'zh', isFile: true }))
  expect(zh).toContain('另有 1 个资源池按公式可回收，但在目标日之前有不足的风险，未列入：session-cache。')
  expect(zh).toContain('有风险；按公式可回收 5 server')
})

test('what is given back is not said to be needed by its day', async () => {
  const plan = await believablePlan()
  const [neededDay, kind] = [today + 41, 'reclaim' as const]
  const report = reportOf({
    plan,
    requests: [requestOf({ pool: 'checkout', neededDay, kind })],
    before: null,
  })
  const said = (language: 'en' | 'zh') => readOf(reportHtml(report, { language, isFile: true }))
  expect(said('en')).toContain(`from ${dayText(neededDay)} on`)
  expect(said('zh')).toContain(`自 ${dayText(neededDay)} 起`)
})

test('reasons of requests are in the language of the page', async () => {
  const plan = await believablePlan()
  const requests = [requestOf({ pool: 'checkout', why: '', basis: basisOf() })]
  const report = reportOf({ plan, requests, before: null })
  expect(readOf(reportHtml(report, { language: 'en', isFile: true }))).toContain('of which 70 % may be used')
  const zh = readOf(reportHtml(report, { language: 'zh', isFile: true }))
  expect(zh).toContain('水位线 70 %。')
  expect(zh).not.toContain('may be used')
})

test('open requests of a pool that is planned no more are named, with what to do', async () => {
  const plan = await believablePlan()
  const requests = [
    requestOf({ number: 9, pool: 'old-checkout', state: 'ordered', units: 3 }),
    requestOf({ number: 8, pool: 'old-checkout', state: 'closed' }),
    requestOf({ number: 7, pool: 'checkout', state: 'approved' }),
  ]
  const report = reportOf({ plan, requests, before: null })
  const en = readOf(reportHtml(report, { language: 'en', isFile: true }))
  expect(en).toContain('Requests of pools that are planned no more')
  expect(en).toContain('old-checkout #9 order 3 servers ordered')
  expect(en).not.toContain('old-checkout #8')
  const zh = readOf(reportHtml(report, { language: 'zh', isFile: true }))
  expect(zh).toContain('所属资源池已不在计划中的申请')
  expect(JSON.parse(reportJson(report, 'en')).summary.leftBehind).toEqual([9])
  const none = reportOf({ plan, requests: requests.slice(1), before: null })
  expect(readOf(reportHtml(none, { language: 'en', isFile: true }))).not.toContain('planned no more')
})

test('an order that comes too late says when it may be short, and when it comes', () => {
  const short = { earlyDay: today + 3, likelyDay: null, dueDay: today + 12 }
  const pool = pooled('web', 0, { lines: [lineOf('web', 0, { onOrderUnits: 2, short })] })
  const report = poolReport(pool, today - 1, [])
  const said = (language: 'en' | 'zh') => {
    const words = wordsOf(language)
    return [words.riskNames[report.risk!], riskText(report, { words, language } as Around)]
  }
  expect(said('en')).toEqual([
    'the order comes too late',
    'May meet its waterline from 2026-11-28 on; what is on order comes on 2026-12-07 only. On order: 2 servers.',
  ])
  expect(said('zh')).toEqual([
    '在途到货太晚',
    '最早 2026-11-28 可能达到水位线，而在途的要到 2026-12-07 才到货。在途 2 server。',
  ])
})
