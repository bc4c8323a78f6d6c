import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import type { LastHourOf } from '../../../alerter/last-hour.ts'
import { openApiServer } from './server.ts'

const nowMs = Date.UTC(2026, 10, 20, 4)
const min = 60_000

async function server(picture: Uint8Array | null) {
  const asked: LastHourOf[] = []
  const lastHour = {
    async pictureOf(wanted: LastHourOf) {
      asked.push(wanted)
      return picture
    },
  }
  const opened = await openApiServer({ clock: new SimulatedClock(nowMs), lastHour })
  const body = JSON.stringify([
    { labels: { alertname: 'Slow', host: 'a' }, startsAt: '2026-11-20T03:30:00Z' },
  ])
  await fetch(`${opened.url}/api/v2/alerts`, { method: 'POST', body })
  const [fingerprint] = opened.published.map(({ alert }) => alert.fingerprint)
  const group = 'base\n{}:{alertname="Slow"}'
  const common = { group, groupKey: '{}', receiver: 'base', labels: labelsOf([['alertname', 'Slow']]) }
  opened.incidents.push(
    { ...common, number: 12, openedAtMs: nowMs - 30 * min, closedAtMs: null },
    { ...common, number: 13, openedAtMs: nowMs - 30 * min, closedAtMs: nowMs - 5 * min },
    { ...common, number: 14, openedAtMs: nowMs - 90 * min, closedAtMs: nowMs - 60 * min },
    { ...common, number: 15, openedAtMs: nowMs, closedAtMs: null },
  )
  for (const incident of [12, 13, 14])
    opened.facts.push({
      ...{ id: `fired ${incident}`, kind: 'fired', atMs: nowMs - 30 * min, incident, group },
      ...{ fingerprint: fingerprint!, who: 'api', details: { labels: { alertname: 'Slow', host: 'a' } } },
    })
  return { ...opened, asked }
}

test('the page shows the last hour of its alerts, until it ended', async () => {
  await using s = await server(Uint8Array.of(1, 2, 3))
  const at = async (number: number, language = 'en') =>
    (await fetch(`${s.url}/i/${number}`, { headers: { 'accept-language': language } })).text()

  expect(await at(12)).toContain('src="data:image/png;base64,AQID" alt="The last hour"')
  expect(await at(13, 'zh-CN')).toContain('alt="最近一小时"')
  expect(s.asked.map(each => [each.atMs, each.alerts.length, each.timeZone])).toEqual([
    [nowMs, 1, 'Asia/Shanghai'],
    [nowMs - 5 * min, 1, 'Asia/Shanghai'],
  ])
  // It began after that incident was over, or nobody knows it.
  expect(await at(14)).not.toContain('<img')
  expect(await at(15)).not.toContain('<img')
  expect(s.asked).toHaveLength(2)
})

test('without a picture the page is as it was', async () => {
  await using s = await server(null)
  expect(await (await fetch(`${s.url}/i/12`)).text()).not.toContain('<img')
})
