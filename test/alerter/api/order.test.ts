// In which order alerts, groups and silences are shown, and to whom.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Scope } from '#core/model.ts'
import { compareAlerts, compareLabels } from '../../../alerter/api/alert-json.ts'
import { inOrder } from '../../../alerter/api/silence-json.ts'
import type { Silence } from '../../../alerter/silences/silence.ts'
import type { AlertView } from '../../../alerter/timeline/views.ts'
import { alertOf } from '../timeline/world.ts'
import { openApiServer } from './server.ts'

type Words = Readonly<Record<string, string>>

// In order, and so in each other order that they may come in.
function holds<T>(items: readonly T[], compare: (a: T, b: T) => number): void {
  for (const [at, a] of items.entries())
    for (const [behind, b] of items.entries())
      expect(Math.sign(compare(a, b)), `${JSON.stringify(a)} ${JSON.stringify(b)}`).toBe(
        Math.sign(at - behind),
      )
}

test('label sets: fewer first, then by what differs first', () => {
  const words: readonly Words[] = [
    {},
    { b: '1' },
    { b: '2' },
    { a: '9', b: '1' },
    { a: '9', b: '2' },
    { b: '1', c: '1' },
    { a: '1', b: '1', c: '1' },
  ]
  // A set that lacks the first name of the other one comes first: so says Alertmanager, whatever one expects.
  const [first, second] = [
    { b: '1', c: '1' },
    { a: '9', b: '1' },
  ]
  expect(compareLabels(first, second)).toBe(-1)
  holds([...words.slice(0, 3), words[5]!, ...words.slice(3, 5), words[6]!], compareLabels)
})

test('alerts: by job and instance, those without behind the others', () => {
  const views = [
    { job: 'a', instance: '1', z: 'z', y: 'y' },
    { job: 'a', instance: '2' },
    { job: 'a' },
    { job: 'b', instance: '1' },
    { instance: '1' },
    { alertname: 'x' },
    { alertname: 'y' },
  ].map((words: Words) => ({ alert: alertOf(words) }) as AlertView)
  holds(views, compareAlerts)
})

test('silences: who ends next, who begins next, who ended last', () => {
  const at = (id: string, startsAtMs: number, endsAtMs: number): Silence => ({
    ...{ id, startsAtMs, endsAtMs, matchers: [], updatedAtMs: 0, createdBy: '', comment: '' },
  })
  const all = [
    ...[at('expired 1', 0, 10), at('pending 2', 90, 95), at('active 2', 0, 80)],
    ...[at('pending 1', 60, 99), at('active 1', 40, 70), at('expired 2', 0, 20)],
  ]
  expect(inOrder(all, 50).map(({ id }) => id)).toEqual([
    ...['active 1', 'active 2', 'pending 1', 'pending 2', 'expired 2', 'expired 1'],
  ])
})

test('who may only read changes nothing, who may only write silences nothing', async () => {
  const id = '00000000-0000-4000-8000-000000000000'
  const statuses = async (...scopes: Scope[]) => {
    await using server = await openApiServer({ clock: new SimulatedClock(0), scopes })
    const ask = async (method: string, path: string) =>
      (await fetch(server.url + path, { method, ...(method === 'POST' ? { body: '[]' } : {}) })).status
    return [
      await ask('GET', '/api/v2/alerts'),
      await ask('GET', '/api/v2/silences'),
      await ask('GET', '/i/1'),
      await ask('POST', '/api/v2/alerts'),
      await ask('POST', '/api/v2/silences'),
      await ask('DELETE', `/api/v2/silence/${id}`),
    ]
  }
  expect(await statuses('read')).toEqual([200, 200, 404, 403, 403, 403])
  expect(await statuses('write')).toEqual([403, 403, 403, 200, 403, 403])
  expect(await statuses('operate')).toEqual([403, 403, 403, 403, 400, 404])
})

test('what our server refuses has the form that clients of Alertmanager read', async () => {
  await using server = await openApiServer({ scopes: ['read'] })
  const response = await fetch(`${server.url}/api/v2/alerts`, { method: 'POST', body: '[]' })
  expect(await response.json()).toEqual({
    code: 403,
    message: expect.stringContaining('this address wants write'),
  })
})
