// Where beats come in, and who may send them.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Call } from '#core/http/route.ts'
import type { Principal } from '#core/model.ts'
import { heartbeatRoutes } from '../../../alerter/api/heartbeat-routes.ts'
import type { Beats } from '../../../alerter/heartbeats/beats.ts'
import { heartbeatsSchema } from '../../../alerter/heartbeats/settings.ts'
import type { Heartbeats } from '../../../alerter/heartbeats.ts'

const nowMs = 10_000_000

function opened(beats: Partial<Beats> = {}) {
  const done: string[] = []
  const heartbeat = heartbeatsSchema.parse({ backup: { every: '1h', grace: '5m' } }).get('backup')!
  const row = { name: 'backup', sinceMs: 0, beatMs: nowMs, failed: null, alert: null, ...beats }
  const heartbeats: Heartbeats = {
    beat: async name => void done.push(`beat ${name}`),
    fail: async (name, text) => void done.push(`fail ${name}: ${text}`),
    hear: async () => {},
    list: async () => [{ heartbeat, beats: row }],
  }
  const routes = heartbeatRoutes({ heartbeats, clock: new SimulatedClock(nowMs) })
  const call = async (method: string, path: string, more: Partial<Call> = {}) => {
    const found = routes.find(each => each.method === method && each.path.endsWith(path))!
    return found.handle({ params: { name: 'backup' }, ...more } as Call)
  }
  return { done, routes, call }
}
const who = (kind: Principal['kind']): Partial<Call> => ({
  principal: { kind, name: 'x', scopes: ['write'] },
})

test('each way to beat is one, and a failure says why', async () => {
  const { done, call, routes } = opened()
  await call('GET', '/:name', who('token'))
  await call('GET', '/:name', who('anonymous'))
  await call('POST', '/:name', who('user'))
  await call('POST', '/fail', { body: Buffer.from(' no space\n') })
  await call('POST', '/fail', { body: undefined })
  expect(done).toEqual([
    'beat backup',
    'beat backup',
    'beat backup',
    'fail backup: no space',
    'fail backup: ',
  ])
  expect(routes.map(({ scope }) => scope)).toEqual(['read', 'write', 'write', 'write'])
})

test('a page that somebody looks at cannot beat for him', async () => {
  const { done, call } = opened()
  await expect(call('GET', '/:name', who('user'))).rejects.toMatchObject({ code: 'cross_site' })
  expect(done).toEqual([])
})

test('the list says how each is', async () => {
  const t = async (beats: Partial<Beats>, state: string) => {
    const { body } = (await opened(beats).call('GET', '/heartbeats')) as { body: { heartbeats: unknown[] } }
    expect(body.heartbeats).toMatchObject([{ name: 'backup', state, everyMs: 3_600_000 }])
  }
  await t({}, 'well')
  await t({ beatMs: nowMs - 3_600_001 }, 'late')
  await t({ beatMs: null, sinceMs: nowMs }, 'waiting')
  await t({ alert: {} as Beats['alert'] }, 'missing')
  await t({ failed: { atMs: nowMs, text: '' } }, 'failed')
})
