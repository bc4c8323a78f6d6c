import { expect, test } from 'vitest'
import { type Asked, deafAddress, serviceThat, world } from './world.ts'

type Answers = Parameters<typeof serviceThat>[0]

const authorization = (action: string, id: string) => ({
  status: 'active',
  description: `plimsoll: ${action} plimsoll`,
  token: `${action}-token`,
  permissions: [{ action, resource: { type: 'buckets', id } }],
})

// A server that is set up and has everything.
const complete: Answers = ({ url }) => {
  if (url === '/api/v2/setup') return { body: { allowed: false } }
  if (url.startsWith('/api/v2/orgs')) return { body: { orgs: [{ id: 'o1', name: 'plimsoll' }] } }
  if (url.startsWith('/api/v2/buckets')) {
    return {
      body: { buckets: [{ id: 'b1', name: 'plimsoll', retentionRules: [{ everySeconds: 34_560_000 }] }] },
    }
  }
  return { body: { authorizations: [authorization('write', 'b1'), authorization('read', 'b1')] } }
}
const changes = (asked: readonly Asked[]) => asked.filter(({ method }) => method !== 'GET')

test('what is there is used, and the part of the configuration printed alone', async () => {
  const { url, asked } = await serviceThat(complete)
  const { exit, out, err } = await world({}, { env: { PLIMSOLL_INFLUX_TOKEN: 'all' } }).run(
    'setup',
    'influx',
    '--url',
    `${url}/`,
  )
  expect([exit, err]).toEqual([0, 'Everything was there already.\n'])
  expect(out).toBe(`engines:
  store:
    influxdb:
      url: "${url}"
      org: "plimsoll"
      bucket: "plimsoll"
      token: "write-token"
      read_token: "read-token"
`)
  expect(changes(asked)).toEqual([])
  expect(asked.map(({ authorization }) => authorization)).toEqual([undefined, ...Array(4).fill('Token all')])
})

test('a fresh server gets its first user, whose secrets are shown this once', async () => {
  const { url, asked } = await serviceThat(one => {
    if (one.method === 'GET' && one.url === '/api/v2/setup') return { body: { allowed: true } }
    if (one.url === '/api/v2/setup') return { status: 201, body: { auth: { token: 'operator' } } }
    return complete(one)
  })
  const { exit, err } = await world().run(
    'setup',
    'influx',
    '--url',
    url,
    '--org',
    'plimsoll',
    '--keep',
    '400d',
  )
  expect(exit).toBe(0)
  const { password, ...rest } = changes(asked)[0]!.body as { password: string }
  expect(rest).toEqual({
    username: 'plimsoll',
    org: 'plimsoll',
    bucket: 'plimsoll',
    retentionPeriodSeconds: 34_560_000,
  })
  expect(password).toHaveLength(24)
  expect(err).toBe(`Made: user plimsoll, organisation plimsoll, bucket plimsoll.
Keep these; they are shown this once, and may do everything in this InfluxDB:
  user plimsoll
  password ${password}
  token operator
`)
})

test('what is missing is made: organisation, bucket, tokens that can do nothing else', async () => {
  const { url, asked } = await serviceThat(one => {
    if (one.method === 'GET' && one.url !== '/api/v2/setup')
      return { status: 404, body: { code: 'not found', message: 'none' } }
    if (one.method === 'GET') return { body: { allowed: false } }
    return { status: 201, body: { id: `${one.url.split('/').at(-1)}-1`, token: `made-${asked.length}` } }
  })
  const { out } = await world().run(
    'setup',
    'influx',
    '--url',
    url,
    '--token',
    'all',
    '--org',
    'o',
    '--bucket',
    'b',
    '--keep',
    '0',
    '--json',
  )
  expect(JSON.parse(out)).toEqual({
    url,
    org: 'o',
    bucket: 'b',
    made: ['organisation o', 'bucket b', 'token to write', 'token to read'],
    token: 'made-7',
    readToken: 'made-9',
  })
  const permission = (action: string) => [
    { action, resource: { type: 'buckets', id: 'buckets-1', orgID: 'orgs-1' } },
  ]
  expect(changes(asked).map(({ body }) => body)).toEqual([
    { name: 'o' },
    { orgID: 'orgs-1', name: 'b', retentionRules: [] },
    { orgID: 'orgs-1', description: 'plimsoll: write b', permissions: permission('write') },
    { orgID: 'orgs-1', description: 'plimsoll: read b', permissions: permission('read') },
  ])
})

test('a token that can do more, is switched off or belongs to another bucket is not taken', async () => {
  const t = async (odd: object) => {
    const { url, asked } = await serviceThat(one => {
      if (one.method === 'POST') return { status: 201, body: { token: 'new' } }
      if (!one.url.startsWith('/api/v2/authorizations')) return complete(one)
      return {
        body: { authorizations: [{ ...authorization('write', 'b1'), ...odd }, authorization('read', 'b1')] },
      }
    })
    await world().run('setup', 'influx', '--url', url, '--token', 'all')
    expect(changes(asked), JSON.stringify(odd)).toHaveLength(1)
  }

  await t({ status: 'inactive' })
  await t({ token: '' })
  await t({ description: 'mine' })
  await t({ permissions: authorization('write', 'b2').permissions })
  await t({
    permissions: [...authorization('write', 'b1').permissions, ...authorization('read', 'b1').permissions],
  })
})

test('what cannot work is said in a line', async () => {
  const { url } = await serviceThat(one =>
    one.url === '/api/v2/setup'
      ? { body: { allowed: false } }
      : { status: 401, body: { code: 'unauthorized', message: 'unauthorized access' } },
  )
  const t = async (exit: number, message: string, ...flags: string[]) => {
    const ran = await world({ short: 'seven77\n' }).run('setup', 'influx', ...flags)
    expect([ran.exit, ran.err]).toEqual([exit, `plimsoll setup influx: ${message}\n`])
  }

  await t(2, 'wanted --url, an address like http://127.0.0.1:8086')
  await t(2, '--url: wanted an address like http://127.0.0.1:8086, found influx:8086', '--url', 'influx:8086')
  const keep = 'wanted a duration of an hour or more, like 400d, or 0 for ever'
  await t(2, `--keep: ${keep}, found soon`, '--url', url, '--keep', 'soon')
  await t(2, `--keep: ${keep}, found 30m`, '--url', url, '--keep', '30m')
  const whole =
    'this InfluxDB is set up already: give a token that may do everything by PLIMSOLL_INFLUX_TOKEN'
  await t(1, whole, '--url', url)
  await t(1, 'organisation plimsoll: 401 unauthorized access', '--url', url, '--token', 'wrong')
  const address = await deafAddress()
  await t(1, `http://${address}: connect ECONNREFUSED ${address}`, '--url', `http://${address}`)
  const fresh = await serviceThat(() => ({ body: { allowed: true } }))
  await t(
    1,
    'short: wanted a password of 8 to 72 characters in the first line',
    '--url',
    fresh.url,
    '--password-file',
    'short',
  )
})
