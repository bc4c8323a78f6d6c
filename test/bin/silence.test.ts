import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openApiServer } from '../alerter/api/server.ts'
import { nowMs, world } from './world.ts'

const h = 3_600_000
const id = 'f58f448e-c2ef-44aa-8b65-c2a277085aee'

async function service() {
  const clock = new SimulatedClock(nowMs)
  const server = await openApiServer({ clock })
  const run = (...argv: string[]) =>
    world({}, { clock, env: { USER: 'ann' } }).run(...argv, '--url', server.url)
  return { server, clock, run, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a silence is made, shown and ended', async () => {
  await using s = await service()
  const add = ['silence', 'add', 'DiskFull', 'host=~"web-.*"', 'a!=b', '--comment', 'disk swap'] as const
  const made = await s.run(...add, '--for', '2h')
  expect(made.exit).toBe(0)
  const [silence] = s.server.silences.all()
  expect(made.out).toBe(`${silence?.id}\n`)
  expect(made.err).toBe(
    `Silenced until 2026-11-20 14:00:00 (Asia/Shanghai); \`plimsoll silence expire ${silence?.id}\` ends it.\n`,
  )
  expect(silence).toMatchObject({
    ...{ startsAtMs: nowMs, endsAtMs: nowMs + 2 * h, createdBy: 'ann', comment: 'disk swap' },
    matchers: [
      { name: 'alertname', op: '=', value: 'DiskFull' },
      { name: 'host', op: '=~', value: 'web-.*' },
      { name: 'a', op: '!=', value: 'b' },
    ],
  })

  const shown = await s.run('silence', 'query')
  expect(shown.out.split('\n').map(line => line.replaceAll(/ {2,}/g, '|'))).toEqual([
    'id|state|alerts with|until (Asia/Shanghai)|by|comment',
    `${silence?.id}|active|alertname="DiskFull",host=~"web-.*",a!="b"|2026-11-20 14:00:00|ann|disk swap`,
    '',
  ])
  // As it was written, and nothing else.
  expect((await s.run('silence', 'query', 'DiskFull')).out).toBe(shown.out)
  expect(await s.run('silence', 'query', 'host=web-1')).toMatchObject({
    out: '',
    err: 'Nothing is silenced.\n',
  })

  await s.clock.runFor(h)
  const ended = await s.run('silence', 'expire', silence!.id)
  expect([ended.exit, ended.out, ended.err]).toEqual([0, '', 'It has ended.\n'])
  expect((await s.run('silence', 'query')).err).toBe('Nothing is silenced.\n')
  const { silences } = JSON.parse((await s.run('silence', 'query', '--expired', '--json')).out) as {
    silences: object[]
  }
  expect(silences).toMatchObject([{ id: silence?.id, status: { state: 'expired' } }])
})

test('a silence begins when it is wanted', async () => {
  await using s = await service()
  const add = ['silence', 'add', 'x=y', '--comment', 'c', '--by', 'bob', '--json'] as const
  await s.run(...add, '--from', '22:00', '--for', '6h')
  await s.run(...add, '--until', '2026-11-21')
  expect(s.server.silences.all().map(({ startsAtMs, endsAtMs }) => [startsAtMs, endsAtMs])).toEqual([
    [nowMs + 10 * h, nowMs + 16 * h],
    [nowMs, nowMs + 12 * h],
  ])
  const { out } = await s.run('silence', 'query')
  expect(out).toContain('2026-11-20 22:00:00 – 2026-11-21 04:00:00')
  expect(out).toContain('bob')
})

test('refuses what nobody can mean, before anything is asked', async () => {
  const t = async (wanted: string, ...argv: string[]) => {
    const { exit, err } = await world().run(...argv, '--url', 'http://127.0.0.1:9')
    expect([exit, err]).toEqual([2, expect.stringContaining(wanted)])
  }

  await t('wanted --comment', 'silence', 'add', 'x=y')
  await t(
    '--for: wanted a duration like 2h, found soon',
    'silence',
    'add',
    'x=y',
    '--comment',
    'c',
    '--for',
    'soon',
  )
  await t('not both', 'silence', 'add', 'x=y', '--comment', 'c', '--for', '1h', '--until', '08:00')
  await t('an end that lies ahead', 'silence', 'add', 'x=y', '--comment', 'c', '--until', '-1h')
  await t('--from: wanted now', 'silence', 'add', 'x=y', '--comment', 'c', '--from', 'soon')
  await t('wanted the id of a silence', 'silence', 'expire', id, 'foo')
  await t('MATCHER', 'silence', 'add', '--comment', 'c')
})

test('says what the service refuses', async () => {
  await using s = await service()
  const empty = await s.run('silence', 'add', 'x=~.*', '--comment', 'c')
  expect([empty.exit, empty.err]).toEqual([1, expect.stringContaining('must not match the empty string')])
  const unknown = await s.run('silence', 'expire', id)
  expect([unknown.exit, unknown.err]).toEqual([1, expect.stringContaining(`there is no silence ${id}`)])
})

test('tells why of an alert by its name, and of one that has ended by its fingerprint', async () => {
  await using s = await service()
  const post = (alerts: object[]) =>
    fetch(`${s.server.url}/api/v2/alerts`, { method: 'POST', body: JSON.stringify(alerts) })
  await post([{ labels: { alertname: 'Hot', host: 'a', team: 'base' } }, { labels: { alertname: 'Cold' } }])
  s.server.timeline.advanceTo(nowMs + 60_000)

  const why = await s.run('alerts', 'why', 'Hot', 'host=a')
  expect([why.exit, why.err]).toEqual([0, ''])
  expect(why.out.split('\n').map(line => line.replaceAll(/ {2,}/g, '|'))).toEqual([
    expect.stringMatching(
      /^Hot host=a team=base fires since 2026-11-20 12:00:00 \(Asia\/Shanghai\), fingerprint [\da-f]{16}$/,
    ),
    'receiver|incident|by|what became of it',
    'base|not told: the receiver base has nobody to tell',
    'front|not told: the receiver front has nobody to tell',
    '',
  ])
  const { alerts } = JSON.parse((await s.run('alerts', 'why', 'team=base', '--json')).out) as {
    alerts: { fingerprint: string }[]
  }
  const [{ fingerprint } = { fingerprint: '' }] = alerts
  expect((await s.run('alerts', 'why', fingerprint)).out).toBe(why.out)
  const none = await s.run('alerts', 'why', 'Warm')
  expect([none.exit, none.err]).toEqual([1, expect.stringContaining('no alert that fires meets all of this')])
  const gone = await s.run('alerts', 'why', '00000000000000aa')
  expect([gone.exit, gone.err]).toEqual([1, expect.stringContaining('no alert with the fingerprint')])
})
