import { expect, test } from 'vitest'
import { realClock, SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { type ReportRouteOptions, reportRoutes } from '../../../capacity/api/report-routes.ts'
import type { Report } from '../../../capacity/report/report-model.ts'
import { ask, bearer, openStand } from '../../core/http/ask.ts'
import { expectClosedWithoutLogin } from '../../core/http/every-route.ts'
import { believablePlan } from '../report/believable.ts'
import { believableReport, readOf } from '../report/reported.ts'

const report = await believableReport()
const past: Report = { ...report, month: '2026-11', asOfDay: report.asOfDay - 30 }

function routesWith(change: Partial<ReportRouteOptions> = {}) {
  return reportRoutes({
    report: async month => {
      if (month === undefined || month === '2026-12') return report
      if (month === '2026-11') return past
      throw new Failure('not_found', `there is no report of ${month}`)
    },
    planner: {
      present: () => believablePlan(),
      suppose: whatIf => believablePlan(whatIf),
      making: () => null,
    },
    months: async () => ['2026-12', '2026-11', '2026-10'],
    clock: realClock,
    zone: 'UTC',
    language: 'en',
    ...change,
  })
}
const api = '/api/plimsoll/v1/capacity/report'
const headers = { ...bearer('read') }

test('it is for readers', async () => {
  await expectClosedWithoutLogin(routesWith())
})

test("the page is in the reader's language, without scripts, and nothing in it is refused by its own policy", async () => {
  await using stand = await openStand(routesWith())
  const en = await ask(stand.http, '/capacity', { headers })
  expect([en.status, en.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  expect(String(en.headers['content-security-policy']).match(/'sha256-/g)).toHaveLength(2)
  expect(readOf(en.text)).toContain('Order 139 servers, 57 storage nodes, 34 台')
  const zh = await ask(stand.http, '/capacity', { headers: { ...headers, 'accept-language': 'zh-CN' } })
  expect(readOf(zh.text)).toContain('需要采购')
})

test('a plan that takes long is a page that says how far it is', async () => {
  // Two seconds are over at once.
  const clock = Object.assign(new SimulatedClock(0), { sleep: async () => {} })
  const never = new Promise<never>(() => {})
  const planner = { present: () => never, suppose: () => never, making: () => ({ done: 1_200, of: 10_000 }) }
  await using stand = await openStand(routesWith({ clock, planner, report: () => never }))
  const { status, headers: told, text } = await ask(stand.http, '/capacity', { headers })
  expect([status, told['refresh'], told['retry-after']]).toEqual([202, '3', '3'])
  expect(readOf(text)).toContain('1,200 of 10,000 forecasts are done')
})

test('a pool by itself, by a name of any letters; a slip of the pen is guessed', async () => {
  await using stand = await openStand(routesWith())
  const pool = await ask(stand.http, `/capacity/${encodeURIComponent('订单中心')}`, { headers })
  expect(readOf(pool.text)).toContain('Order 34 台 by 2026-11-26')
  expect(pool.text.match(/<svg class="plot"/g)).toHaveLength(1)
  const slip = await ask(stand.http, '/capacity/chekout', { headers })
  expect([slip.status, slip.text]).toEqual([404, expect.stringContaining('did you mean checkout?')])
})

test('what if: the form, the comparison, and what was typed wrongly stays to be mended', async () => {
  await using stand = await openStand(routesWith())
  const empty = await ask(stand.http, '/capacity/what-if', { headers })
  expect(empty.text).toContain('<form class="card what-if" method="get" action="/capacity/what-if#answer">')
  expect(empty.text).not.toContain('role="status"')
  expect(readOf(empty.text)).not.toContain('Pools that differ')
  const asked = '/capacity/what-if?growth=20%25&waterline=60%25&event=&lead_time=&unit_capacity=&pool='
  const both = await ask(stand.http, asked, { headers })
  expect(readOf(both.text)).toContain(
    'Units to order 139 servers 57 storage nodes 34 台 7 database hosts 300 servers 95 storage nodes 52 台',
  )
  expect(both.text).toContain('name="growth" value="20%"')
  expect(readOf(both.text)).toContain(
    'Pools that differ Units to order, and below when the waterline is likely met.',
  )
  expect(both.text).not.toContain('aria-invalid="')
  // What is otherwise, kind by kind.
  expect(both.text).toContain('<span class="sum differs">52 台</span>')
  expect(both.text).toContain('<span class="sum">139 servers</span>')
  const wrong = await ask(stand.http, '/capacity/what-if?growth=%3Cb%3E', { headers })
  expect(wrong.status).toBe(400)
  expect(wrong.text).toContain('<p role="alert">Growth: wanted a share like 20%')
  // By the name that the page has for it.
  const inChinese = { headers: { ...headers, 'accept-language': 'zh' } }
  const slip = await ask(stand.http, '/capacity/what-if?lead_time=soon', inChinese)
  expect(slip.text).toContain('<p role="alert">交付周期：请按“45d”这样填写。</p>')
  expect(wrong.text).toContain('value="&lt;b&gt;"')
  const many = Array.from({ length: 400 }, () => 'event=2026-12-10%3D2').join('&')
  const refused = await ask(stand.http, `/capacity/what-if?${many}`, { headers })
  expect([refused.status, readOf(refused.text)]).toEqual([
    400,
    expect.stringContaining('wanted at most 8 things'),
  ])
})

test('what if: the answer has a place to go to, and says what is wrong in the words of the page', async () => {
  await using stand = await openStand(routesWith())
  const t = async (query: string, en: string, zh: string, faulty: readonly string[] = []) => {
    for (const [language, says] of Object.entries({ en, zh })) {
      const asked = { headers: { ...headers, 'accept-language': language } }
      const { text } = await ask(stand.http, `/capacity/what-if?${query}`, asked)
      const answer = text.slice(text.indexOf('<div id="answer">'))
      expect(readOf(answer), query).toContain(says)
      const marked = [...text.matchAll(/value="([^"]*)"[^>]* aria-invalid="true"/g)].map(found => found[1])
      expect(marked, query).toEqual(faulty)
    }
  }
  const nothing = 'growth=&event=&waterline=&lead_time=&unit_capacity=&pool='
  await t(nothing, 'Nothing was supposed: fill in a field.', '未填写任何假设，请至少填写一项。')
  await t('growth=much', 'Growth: wanted a share', '增长：请按“20%”这样填写。', ['much'])
  const events = 'event=2026-12-10%3D2&event=soon'
  await t(events, 'Event: wanted days', '活动：请按“2026-12-10..2026-12-12=2.5”这样填写。', ['soon'])
})

test('a name that nothing has is said in the language of the page', async () => {
  const refusing = (detail: string, code: 'bad_request' | 'not_found') => ({
    present: () => believablePlan(),
    suppose: () => Promise.reject(new Failure(code, detail)),
    making: () => null,
  })
  const t = async (planner: ReturnType<typeof refusing>, query: string, says: readonly string[]) => {
    await using stand = await openStand(routesWith({ planner }))
    for (const [at, language] of ['en', 'zh'].entries()) {
      const asked = { headers: { ...headers, 'accept-language': language } }
      const { text } = await ask(stand.http, `/capacity/what-if?growth=2&${query}`, asked)
      expect(text).toContain(`<p role="alert">${says[at]}</p>`)
      expect(text.match(/aria-invalid="/g)).toHaveLength(1)
    }
  }
  const pool = refusing('no pool is called wep', 'not_found')
  await t(pool, 'pool=wep', ['No pool is called wep.', '没有名为 wep 的资源池。'])
  const resource = refusing('unit_capacity: no pool has a resource cqu; did you mean cpu?', 'bad_request')
  const resourceSays = [
    'No pool has a resource cqu; did you mean cpu?',
    '没有资源池包含资源 cqu。是否指 cpu？',
  ]
  await t(resource, 'unit_capacity=cqu%3D64&unit_capacity=disk%3D1', resourceSays)
})

test('a file in each form, by name and type', async () => {
  await using stand = await openStand(routesWith())
  const t = async (format: string, type: string, begins: string) => {
    const {
      status,
      headers: had,
      text,
    } = await ask(stand.http, `${api}?format=${format}&month=2026-12`, { headers })
    expect([status, had['content-type']], format).toEqual([200, type])
    expect(text.slice(0, begins.length), format).toBe(begins)
    return had['content-disposition']
  }
  expect(await t('html', 'text/html; charset=utf-8', '<!doctype html>')).toBeUndefined()
  expect(await t('csv', 'text/csv; charset=utf-8', 'pool,resource')).toBe(
    'attachment; filename="capacity-2026-12.csv"',
  )
  await t('json', 'application/json; charset=utf-8', '{"v":1,')
  const sheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  expect(await t('xlsx', sheet, 'PK')).toBe('attachment; filename="capacity-2026-12-en.xlsx"')
  expect(await t('xlsx&language=zh', sheet, 'PK')).toBe('attachment; filename="capacity-2026-12-zh.xlsx"')
  const zh = await ask(stand.http, `${api}?format=html&language=zh`, { headers })
  expect(zh.text).toContain('<html lang="zh">')
})

test('one large file at a time, and the next one when it is done', async () => {
  await using stand = await openStand(routesWith())
  const two = await Promise.all([1, 2].map(() => ask(stand.http, `${api}?format=xlsx`, { headers })))
  expect(two.map(({ status }) => status).toSorted()).toEqual([200, 503])
  expect(two.find(({ status }) => status === 503)?.text).toContain('another report is being made')
  expect((await ask(stand.http, `${api}?format=xlsx`, { headers })).status).toBe(200)
})

test('what there is not is said: a form, a month, a browser that prints', async () => {
  await using stand = await openStand(routesWith({ browser: '/nonexistent/browser' }))
  const t = async (query: string, status: number, said: string) => {
    const reply = await ask(stand.http, `${api}?${query}`, { headers })
    expect([reply.status, reply.text], query).toEqual([status, expect.stringContaining(said)])
  }
  await t('format=docx', 400, 'format')
  await t('month=2026-13', 400, 'query.month: wanted a month like 2026-12, found \\"2026-13\\"')
  await t('month=12', 400, 'query.month: wanted a month like 2026-12, found \\"12\\"')
  await t('month=2020-01', 404, 'there is no report of 2020-01')
  await t('format=pdf', 501, 'apt-get install chromium')
})

test('earlier months are named on the page, and open as pages and as files in both languages', async () => {
  const clock = new SimulatedClock(Date.parse('2026-11-25T09:00:00Z'))
  await using stand = await openStand(routesWith({ clock }), { clock })
  const present = (await ask(stand.http, '/capacity', { headers })).text
  expect(present).toContain('<a href="/capacity?month=2026-11">2026-11</a>')
  // The present one needs no link to itself, nor is it an earlier one by its month.
  expect(present).not.toContain('/capacity?month=2026-12')
  expect(readOf((await ask(stand.http, '/capacity?month=2026-12', { headers })).text)).toBe(readOf(present))

  const old = await ask(stand.http, '/capacity?month=2026-11', { headers })
  expect(readOf(old.text)).toContain('Capacity for November 2026')
  expect(readOf(old.text)).toContain('An earlier report, as it was kept')
  expect(old.text).toContain('format=xlsx&amp;month=2026-11')
  expect(old.text).toContain('<a href="/capacity">The present report</a>')
  expect(old.text).toContain('<a href="/capacity?month=2026-10">2026-10</a>')
  expect(old.text).not.toContain('month=2026-12')
  // What pools are now is not what they were.
  expect(old.text).not.toMatch(/href="\/capacity\/(?!what-if)/)
  const zh = await ask(stand.http, '/capacity?month=2026-11', {
    headers: { ...headers, 'accept-language': 'zh' },
  })
  expect(readOf(zh.text)).toContain('往期报告：按当月生成申请草案时的内容保存。')
  for (const format of ['html', 'xlsx', 'csv', 'json'])
    for (const language of ['en', 'zh']) {
      const query = `format=${format}&language=${language}&month=2026-11`
      expect((await ask(stand.http, `${api}?${query}`, { headers })).status, query).toBe(200)
    }
  expect((await ask(stand.http, '/capacity?month=2020-01', { headers })).status).toBe(404)
})

test('two pages of what would be are made at a time, and the turn is free when the asker is gone', async () => {
  const stops: AbortSignal[] = []
  const planner = {
    present: () => believablePlan(),
    suppose: (_: object, { signal }: { signal?: AbortSignal } = {}) => {
      stops.push(signal!)
      return new Promise<never>((_, reject) =>
        signal!.addEventListener('abort', () => reject(signal!.reason)),
      )
    },
    making: () => null,
  }
  await using stand = await openStand(routesWith({ planner }))
  const asked = '/capacity/what-if?growth=20%25'
  const leaving = new AbortController()
  const gone = [1, 2].map(() =>
    fetch(new URL(asked, stand.http.origin), { headers, signal: leaving.signal }).catch(() => 'gone'),
  )
  await expect.poll(() => stops.length).toBe(2)
  const refused = await ask(stand.http, asked, { headers })
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5'])
  leaving.abort()
  expect(await Promise.all(gone)).toEqual(['gone', 'gone'])
  await expect.poll(() => stops.every(({ aborted }) => aborted)).toBe(true)
  const going = new AbortController()
  const next = fetch(new URL(asked, stand.http.origin), { headers, signal: going.signal }).catch(() => 'gone')
  await expect.poll(() => stops.length).toBe(3)
  going.abort()
  expect(await next).toBe('gone')
})
