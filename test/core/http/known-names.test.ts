// What a query may say: our own addresses refuse what they do not know, those that others have defined ignore it.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Route, route } from '#core/http/route.ts'
import { ask, bearer, openStand } from './ask.ts'

const at = (path: string, more: Partial<Route> = {}): Route =>
  route({
    method: 'GET',
    path,
    scope: 'read',
    summary: 'answers',
    handle: ({ query }) => ({ body: { query } }),
    ...more,
  })
const own = '/api/plimsoll/v1'
const filter = z.object({ kind: z.string().optional(), limit: z.coerce.number().optional() })
const routes = [
  at(`${own}/facts`, { query: filter }),
  at(`${own}/changed`, { query: filter.transform(({ limit = 1 }) => ({ limit })) }),
  at(`${own}/plain`),
  at(`${own}/plain`, { method: 'DELETE' }),
  at(`${own}/beat`, { query: z.looseObject({}) }),
  at(`${own}/callback`, { scope: 'open' }),
  at('/api/v2/alerts', { query: filter }),
  at('/api/v1/rules'),
  at('/i/:number', { query: filter }),
]

test('an own address refuses a name that it does not know, and says which it knows', async () => {
  await using stand = await openStand(routes)
  const t = async (path: string, wanted: string | 200, method = 'GET') => {
    const { status, json } = await ask(stand.http, path, { method, headers: bearer('read') })
    if (wanted === 200) expect([path, status]).toEqual([path, 200])
    else
      expect([path, status, json.error.code, json.error.detail]).toEqual([path, 400, 'bad_request', wanted])
  }
  await t(`${own}/facts?kind=a&limit=2`, 200)
  await t(`${own}/facts?fingerprint=a`, 'query: unknown: fingerprint; known here: kind, limit')
  await t(`${own}/facts?a=1&limit=2&b=2&b=3`, 'query: unknown: a, b; known here: kind, limit')
  await t(`${own}/changed?limit=2`, 200)
  await t(`${own}/changed?limits=2`, 'query: unknown: limits; known here: kind, limit')
  await t(`${own}/plain`, 200)
  await t(`${own}/plain?all=true`, 'query: unknown: all; none is known here')
  await t(`${own}/plain?all=true`, 'query: unknown: all; none is known here', 'DELETE')
  // Who asks may be said at any address.
  await t(`${own}/plain?u=ann&p=secret`, 200)
  // Those who call these add what they like.
  await t(`${own}/beat?status=up&msg=OK`, 200)
  await t(`${own}/callback?SmsSid=1`, 200)
  // As in Alertmanager and Prometheus, and on pages that people link to.
  await t('/api/v2/alerts?unheard=1', 200)
  await t('/api/v1/rules?unheard=1', 200)
  await t('/i/4711?utm_source=mail', 200)
})

test('without a login nothing is said of what an address knows', async () => {
  await using stand = await openStand(routes)
  const { status, text } = await ask(stand.http, `${own}/facts?fingerprint=a`)
  expect([status, text.includes('known here')]).toEqual([401, false])
})
