// What Grafana's Alertmanager data source (`implementation: prometheus`) asks, as its code says: the check of "Save and
// test" by way of the data source's proxy, then the pages of alerts and silences, with Basic authentication.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { credentialOf } from '#core/auth/credentials.ts'
import type { Authorise } from '#core/http/door.ts'
import { openApiServer } from './server.ts'

// As core/auth takes it: any name, and a token as the password.
const authorise: Authorise = async asking => {
  const credential = credentialOf(asking)
  if (credential?.kind !== 'token' || credential.secret !== 's3cret') return undefined
  return { kind: 'token', name: 'grafana', scopes: ['read', 'write', 'operate'] }
}

const basic = `Basic ${Buffer.from('grafana:s3cret').toString('base64')}`

async function grafana() {
  const server = await openApiServer({ authorise })
  const ask = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(server.url + path, {
      method,
      // It takes Origin and Referer away, and says where the person was.
      headers: {
        authorization: basic,
        'x-grafana-referer': 'http://grafana.example:3000/alerting/silences',
        'sec-fetch-site': 'same-origin',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const post = (alerts: readonly object[]) => ask('POST', '/api/v2/alerts', alerts)
  return { ask, post, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('"Save and test" finds Alertmanager, and takes it for no Mimir', async () => {
  await using g = await grafana()
  expect((await g.ask('GET', '/alertmanager/api/v1/status/buildinfo')).status).toBe(404)
  expect((await g.ask('GET', '/alertmanager/api/v2/status')).status).toBe(404)
  expect((await g.ask('GET', '/api/v2/status')).status).toBe(200)
})

test('the status holds a configuration that it can read: routes, and receivers for contact points', async () => {
  await using g = await grafana()
  const status = (await (await g.ask('GET', '/api/v2/status')).json()) as {
    cluster: object
    config: { original: string }
    uptime: string
    versionInfo: Record<string, string>
  }
  expect(status.cluster).toEqual({ peers: [], status: 'disabled' })
  expect(Number.isNaN(Date.parse(status.uptime))).toBe(false)
  for (const key of ['branch', 'buildDate', 'buildUser', 'goVersion', 'revision', 'version'])
    expect(typeof status.versionInfo[key], key).toBe('string')
  const { route, receivers } = parse(status.config.original)
  expect(receivers.map((each: { name: string }) => each.name)).toEqual(['default', 'base', 'front'])
  expect(route).toMatchObject({ receiver: 'default', group_by: ['alertname'] })
  expect(route.routes[1]).toMatchObject({ receiver: 'front', matchers: ['team=~"base|front"'] })
})

test('the page of groups, and alerts by the filters of its form', async () => {
  await using g = await grafana()
  await g.post([
    { labels: { alertname: 'Down', team: 'base', host: 'a' } },
    { labels: { alertname: 'Slow', team: 'say "hi"' } },
  ])
  const groups = (await (await g.ask('GET', '/api/v2/alerts/groups')).json()) as {
    receiver: { name: string }
    labels: Record<string, string>
    alerts: { labels: Record<string, string>; status: { state: string } }[]
  }[]
  expect(groups.map(({ receiver, labels }) => [receiver.name, labels['alertname']])).toEqual([
    ['base', 'Down'],
    ['front', 'Down'],
    ['default', 'Slow'],
  ])
  const names = async (query: string) => {
    const answer = await g.ask('GET', `/api/v2/alerts?silenced=true&active=true&inhibited=true${query}`)
    return ((await answer.json()) as (typeof groups)[0]['alerts'])
      .map(({ labels }) => labels['alertname'])
      .sort()
  }
  const filter = (text: string): string => `&filter=${encodeURIComponent(text)}`
  expect(await names('')).toEqual(['Down', 'Slow'])
  expect(await names(filter('host="a"') + filter('alertname=~"D.*"'))).toEqual(['Down'])
  expect(await names(filter('team="say \\"hi\\""'))).toEqual(['Slow'])
  // Many large ones would hold everybody up.
  const large = Array.from({ length: 80 }, (_, at) => filter(`x=~"a{1000}${at}"`)).join('')
  expect((await g.ask('GET', `/api/v2/alerts?${large.slice(1)}`)).status).toBe(400)
})

test('a person makes a silence, changes it, looks at it and ends it', async () => {
  await using g = await grafana()
  const [startsAt, endsAt] = [0, 7_200_000].map(ms => new Date(Date.now() + ms).toISOString())
  const matchers = [{ isEqual: true, isRegex: false, name: 'alertname', value: 'Down' }]
  const wanted = { comment: 'created 2026-11-21', createdBy: 'ann', endsAt, matchers, startsAt }
  const made = await g.ask('POST', '/api/v2/silences', wanted)
  const { silenceID } = (await made.json()) as { silenceID: string }
  expect([made.status, silenceID]).toEqual([200, expect.stringMatching(/^[\da-f-]{36}$/)])
  const changed = await g.ask('POST', '/api/v2/silences', { ...wanted, id: silenceID, comment: 'longer' })
  const { silenceID: id } = (await changed.json()) as { silenceID: string }
  const list = (await (await g.ask('GET', '/api/v2/silences')).json()) as object[]
  expect(list).toMatchObject([
    { id, comment: 'longer', createdBy: 'ann', status: { state: 'active' }, matchers },
  ])
  expect(await (await g.ask('GET', `/api/v2/silence/${encodeURIComponent(id)}`)).json()).toEqual(list[0])
  const ended = await g.ask('DELETE', `/api/v2/silence/${encodeURIComponent(id)}`)
  expect([ended.status, await ended.text()]).toEqual([200, ''])
  expect(await (await g.ask('GET', `/api/v2/silence/${id}`)).json()).toMatchObject({
    status: { state: 'expired' },
  })
})

test('without its password it is refused', async () => {
  await using server = await openApiServer({ authorise })
  expect((await fetch(`${server.url}/api/v2/status`)).status).toBe(401)
})

test('the data source that is provisioned is of this kind', () => {
  const { datasources } = parse(readFileSync('dashboards/provisioning/datasources/alertmanager.yml', 'utf8'))
  expect(datasources).toMatchObject([
    { type: 'alertmanager', access: 'proxy', jsonData: { implementation: 'prometheus' } },
  ])
})
