// Alerts to other Alertmanagers: when, in which form, and what happens when one of them is away.
import type { lookup as resolveName } from 'node:dns'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { guardedLookup } from '#core/guard.ts'
import { fingerprint, labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { type Forward, type ForwardOptions, openForward, readTargets } from '../../rules/forward.ts'
import type { RuleGroup } from '../../rules/rule.ts'
import type { Tracked } from '../../rules/state.ts'
import { groupOf } from './rules-of.ts'

type Sent = Readonly<{
  labels: Record<string, string>
  annotations: Record<string, string>
  startsAt: string
  endsAt: string
  generatorURL: string
}>

// An Alertmanager that remembers what it was told.
class Stub {
  readonly #server: Server
  readonly heard: Readonly<{ path: string; headers: IncomingHttpHeaders; alerts: Sent[]; bytes: number }>[] =
    []
  answer: (response: ServerResponse) => void = response => response.end()
  underWay = 0
  mostAtOnce = 0
  connections = 0

  constructor() {
    this.#server = createServer(async (request, response) => {
      this.underWay++
      this.mostAtOnce = Math.max(this.mostAtOnce, this.underWay)
      response.on('close', () => {
        this.underWay--
      })
      let text = ''
      try {
        for await (const part of request.setEncoding('utf8')) text += part
      } catch {
        return
      }
      const { url: path = '', headers } = request
      this.heard.push({ path, headers, alerts: JSON.parse(text), bytes: Buffer.byteLength(text) })
      this.answer(response)
    })
    this.#server.on('connection', () => {
      this.connections++
    })
  }
  async listen(): Promise<void> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
  }
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }
  get alerts(): Sent[] {
    return this.heard.flatMap(each => each.alerts)
  }
  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

const startMs = Date.UTC(2026, 10, 21, 6, 0, 0, 123)
let clock: SimulatedClock
let own: ReturnType<typeof openOwnMetrics>
let stubs: Stub[] = []
let forward: Forward
let logged: string[] = []
let alerts: Map<string, Tracked>
let group: RuleGroup

beforeEach(() => {
  clock = new SimulatedClock(startMs)
  own = openOwnMetrics()
  logged = []
  alerts = new Map()
  group = groupOf('- {alert: HostDown, expr: "up{job=\\"a b\\"}==0", labels: {severity: page}}')
})
afterEach(async () => {
  await forward.close()
  for (const each of stubs) await each.close()
  stubs = []
})

async function stub(): Promise<Stub> {
  const made = new Stub()
  await made.listen()
  stubs.push(made)
  return made
}
function open(...urls: string[]): void {
  openWith({}, ...urls)
}
function openWith(more: Partial<ForwardOptions>, ...urls: string[]): void {
  const log = openLog({ clock, write: line => void logged.push(line) })
  const current = () => group.rules.flatMap(rule => (rule.kind === 'alert' ? [{ rule, group, alerts }] : []))
  forward = openForward({
    targets: readTargets(urls),
    current,
    refresh: async () => {},
    clock,
    log,
    own,
    externalLabels: labelsOf([
      ['cluster', 'north'],
      ['severity', 'outer'],
    ]),
    externalUrl: 'https://plimsoll.example.org',
    ...more,
  })
}
function set(host: string, more: Partial<Tracked> = {}): void {
  const labels = labelsOf([
    ['alertname', 'HostDown'],
    ['host', host],
    ['severity', 'page'],
  ])
  const before = alerts.get(fingerprint(labels))
  const atMs = clock.nowMs()
  alerts.set(fingerprint(labels), {
    labels,
    annotations: { summary: `${host} does not answer`, empty: '' },
    value: 0,
    phase: 'firing',
    activeAtMs: atMs - 60_000,
    firedAtMs: atMs,
    ...before,
    ...more,
  })
}
async function until(isSo: () => boolean): Promise<void> {
  const sinceMs = performance.now()
  while (!isSo()) {
    if (performance.now() - sinceMs > 10_000) throw new Error(`waited for 10 s: ${isSo}`)
    await new Promise(setImmediate)
  }
}
const count = (outcome: string): number =>
  own
    .samples(0)
    .filter(each => each.series.labels['outcome'] === outcome)
    .reduce((sum, each) => sum + each.value, 0)
// Time passes only while no request is under way, as on a network that is fast.
async function pass(durationMs: number): Promise<void> {
  for (const untilMs = clock.nowMs() + durationMs; clock.nowMs() < untilMs; ) {
    await clock.runFor(Math.min(1_000, untilMs - clock.nowMs()))
    const told = (): number => count('sent') + count('refused') + count('failed')
    await until(() => stubs.every(each => each.underWay === 0))
    await until(() => told() === stubs.reduce((sum, each) => sum + each.alerts.length, 0))
    await clock.runFor(0)
  }
}

test('sends what Prometheus would: labels of the installation, times, and where to look', async () => {
  const am = await stub()
  open(`http://${am.host}/prefix/`)
  set('a')
  forward.wake()
  await pass(100)
  expect(am.heard[0]).toMatchObject({
    path: '/prefix/api/v2/alerts',
    headers: { 'content-type': 'application/json' },
  })
  expect(am.alerts).toEqual([
    {
      labels: { alertname: 'HostDown', cluster: 'north', host: 'a', severity: 'page' },
      annotations: { empty: '', summary: 'a does not answer' },
      startsAt: '2026-11-21T06:00:00.123Z',
      endsAt: '2026-11-21T06:04:00.123Z',
      generatorURL: 'https://plimsoll.example.org/graph?g0.expr=up%7Bjob%3D%22a+b%22%7D+%3D%3D+0&g0.tab=1',
    },
  ])
  expect(am.heard[0]?.headers.authorization).toBeUndefined()
})

test('at once when woken, each minute while it fires, its end for a quarter of an hour, and no more', async () => {
  const am = await stub()
  open(`http://${am.host}`)
  await pass(2_000)
  set('a', { phase: 'pending' })
  forward.wake()
  await pass(10_000)
  expect(am.heard).toEqual([])
  set('a', { phase: 'firing', firedAtMs: clock.nowMs() })
  forward.wake()
  await pass(200)
  expect(am.alerts).toHaveLength(1)
  await pass(180_000)
  expect(am.alerts).toHaveLength(3)
  const resolvedAtMs = clock.nowMs()
  set('a', { phase: 'resolved', resolvedAtMs })
  forward.wake()
  await pass(200)
  expect(am.alerts).toHaveLength(4)
  expect(am.alerts.at(-1)?.endsAt).toBe(new Date(resolvedAtMs).toISOString())
  await pass(300_000)
  const count = am.alerts.length
  expect(count).toBeGreaterThan(7)
  alerts.clear()
  await pass(300_000)
  expect(am.alerts).toHaveLength(count)
  expect(am.mostAtOnce).toBe(1)
})

test('what it says again it says in words of now', async () => {
  const am = await stub()
  let minutes = 0
  const refresh = async (): Promise<void> => {
    set('a', { annotations: { summary: `${++minutes}` } })
    if (minutes === 3) throw new Failure('not_ready', 'the rules are being read')
  }
  openWith({ refresh }, `http://${am.host}`)
  set('a')
  forward.wake()
  await pass(270_000)
  expect(am.alerts.map(({ annotations }) => annotations['summary'])).toEqual([
    ...['a does not answer', '1', '2', '3', '4'],
  ])
  expect(am.alerts.every(each => each.startsAt === am.alerts[0]!.startsAt)).toBe(true)
})

test('a slow group has its alerts hold for four of its intervals', async () => {
  const am = await stub()
  group = { ...group, intervalMs: 600_000 }
  open(`http://${am.host}`)
  set('a')
  forward.wake()
  await pass(100)
  expect(am.alerts[0]?.endsAt).toBe('2026-11-21T06:40:00.123Z')
})

// Times of alerts are those of samples, which may be behind the clock that sends.
test('an end that lies before the last sending is sent at once, and so is a new beginning', async () => {
  const am = await stub()
  open(`http://${am.host}`)
  set('a')
  forward.wake()
  await pass(100)
  set('a', { phase: 'resolved', resolvedAtMs: startMs - 50 })
  forward.wake()
  await pass(100)
  expect(am.alerts.map(each => each.endsAt)).toEqual(['2026-11-21T06:04:00.123Z', '2026-11-21T06:00:00.073Z'])
  alerts.clear()
  set('a', { firedAtMs: startMs - 40 })
  forward.wake()
  await pass(100)
  expect(am.alerts.at(-1)?.startsAt).toBe('2026-11-21T06:00:00.083Z')
})

test('the end of what was never said is not said, unless our last life may have said it', async () => {
  const am = await stub()
  open(`http://${am.host}`)
  await pass(1_000)
  set('never', { phase: 'resolved', resolvedAtMs: clock.nowMs() })
  set('before', { phase: 'resolved', firedAtMs: startMs - 1_000, resolvedAtMs: startMs - 500 })
  forward.wake()
  await pass(10_000)
  expect(am.alerts.map(each => each.labels['host'])).toEqual(['before'])
})

test('many go in requests of a thousand and below a megabyte, one after the other, on kept connections', async () => {
  const am = await stub()
  open(`http://${am.host}`)
  for (let at = 0; at < 2_500; at++) set(`h${at}`)
  forward.wake()
  await until(() => count('sent') === 2_500)
  expect(am.heard.map(each => each.alerts.length)).toEqual([1_000, 1_000, 500])
  // fetch may take a second one while the first is being freed.
  expect(am.connections).toBeLessThanOrEqual(2)
  alerts.clear()
  for (let at = 0; at < 30; at++) set(`l${at}`, { annotations: { summary: 'x'.repeat(100_000) } })
  set('huge', { annotations: { summary: 'x'.repeat(2_000_000) } })
  await clock.runFor(100)
  forward.wake()
  await until(() => count('sent') === 2_531)
  const large = am.heard.slice(3)
  expect(large.map(each => each.alerts.length)).toEqual([9, 9, 9, 3, 1])
  expect(Math.max(...large.slice(0, 4).map(each => each.bytes))).toBeLessThan(2 ** 20)
  expect(am.mostAtOnce).toBe(1)
})

test('one that hangs or is away holds up nobody, and hears all of it when it is back', async () => {
  const [well, hanging] = [await stub(), await stub()]
  const gone = await stub()
  const goneHost = gone.host
  await gone.close()
  stubs = [well, hanging]
  const held: ServerResponse[] = []
  hanging.answer = response => void held.push(response)
  open(`http://${goneHost}`, `http://${hanging.host}`, `http://${well.host}`)
  set('a')
  forward.wake()
  await until(() => well.alerts.length === 1 && held.length === 1 && count('failed') === 1)
  set('b')
  forward.wake()
  // Not longer than ten seconds: the one that hangs is given up, while the others go on.
  await clock.runFor(9_000)
  await until(() => well.alerts.length === 2)
  expect(count('sent')).toBe(2)
  expect(hanging.heard).toHaveLength(1)
  await clock.runFor(1_500)
  await until(() => logged.some(line => line.includes('no answer within 10 s')))
  hanging.answer = response => response.end()
  for (let tries = 0; tries < 5 && hanging.heard.length === 1; tries++) {
    await clock.runFor(1_000)
    await new Promise(setImmediate)
  }
  await until(() => hanging.heard.length >= 2)
  expect(hanging.heard[1]?.alerts.map(each => each.labels['host']).sort()).toEqual(['a', 'b'])
  expect(logged.some(line => line.includes(`${goneHost}`) && line.includes('ECONNREFUSED'))).toBe(true)
})

test('whoever fails is asked less and less often', async () => {
  const am = await stub()
  am.answer = response => void response.writeHead(503).end('not yet')
  open(`http://${am.host}`)
  set('a')
  forward.wake()
  await pass(120_000)
  // After 1, 2, 4, 8, 16, 32 and 60 s.
  expect(am.heard).toHaveLength(7)
  expect(logged[0]).toContain('answered 503: not yet')
  am.answer = response => response.end()
  await pass(60_000)
  expect(count('sent')).toBe(1)
})

test('what is refused is told, and tried again only with the next minute', async () => {
  const am = await stub()
  am.answer = response => void response.writeHead(400).end('{"message":"bad label"}')
  open(`http://${am.host}`)
  set('a')
  forward.wake()
  await pass(50_000)
  expect(am.heard).toHaveLength(1)
  expect([count('refused'), count('failed')]).toEqual([1, 0])
  await pass(20_000)
  expect(am.heard).toHaveLength(2)
})

test('an answer without end is not read to its end, and a redirect is not followed', async () => {
  const am = await stub()
  am.answer = response => {
    response.writeHead(500)
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
    }
    response.on('drain', more)
    more()
  }
  open(`http://${am.host}`)
  set('a')
  forward.wake()
  await until(() => count('failed') === 1)
  expect(logged[0]!.length).toBeLessThan(1_000)
  am.answer = response => void response.writeHead(302, { location: `http://${am.host}/elsewhere` }).end()
  await pass(2_000)
  expect(am.heard.map(each => each.path)).toEqual(['/api/v2/alerts', '/api/v2/alerts'])
})

test('name and password go to the target, and nowhere else', async () => {
  const am = await stub()
  am.answer = response => void response.writeHead(401).end('who are you?')
  open(`http://us%40er:s3cr%3At%@${am.host}`)
  set('a')
  forward.wake()
  await pass(1_000)
  const pair = Buffer.from('us@er:s3cr%3At%').toString('base64')
  expect(am.heard[0]?.headers.authorization).toBe(`Basic ${pair}`)
  const said = `${logged.join()} ${await own.text()} ${JSON.stringify(readTargets([`http://u:s3cr%3At@${am.host}`]))}`
  expect(said).toContain('answered 401')
  expect(said).not.toMatch(/s3cr|us@er|us%40er/)
  expect(said).not.toContain(pair)
})

test('nobody asks the metadata services of clouds, by address or by a name that leads there', async () => {
  const lookup = guardedLookup('operator', ((_name, _options, done) =>
    done(null, [{ address: '169.254.169.254', family: 4 }] as never, 4)) as typeof resolveName)
  openWith({ lookup }, 'http://169.254.169.254', 'http://am.example.org:9093')
  set('a')
  forward.wake()
  await until(() => count('failed') === 2)
  expect(logged.map(line => JSON.parse(line).reason)).toEqual([
    '169.254.169.254 is a metadata service',
    '169.254.169.254 is a metadata service',
  ])
})

test('a connection that was ended while nobody used it is made anew at once', async () => {
  const am = await stub()
  open(`http://${am.host}`)
  set('a')
  await pass(1_000)
  am.answer = response => {
    am.answer = other => other.end()
    response.socket?.resetAndDestroy()
  }
  set('b')
  forward.wake()
  await until(() => count('sent') === 2)
  expect(am.alerts.map(each => each.labels['host'])).toEqual(['a', 'b', 'b'])
  expect(count('failed')).toBe(0)
})

test('addresses as people write them', () => {
  const t = (text: string, url: string, shown: string, pair?: string) => {
    const [target] = readTargets([text])
    expect({ ...target, authorization: target?.authorization?.reveal() }, text).toEqual({
      url,
      shown,
      authorization: pair === undefined ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`,
    })
  }
  open()
  t('http://am:9093', 'http://am:9093/api/v2/alerts', 'am:9093')
  t('https://am.example.org/a/b/', 'https://am.example.org/a/b/api/v2/alerts', 'am.example.org/a/b')
  t('http://u:p%3A%20@am', 'http://am/api/v2/alerts', 'am', 'u:p: ')
  t('http://u@[::1]:9093', 'http://[::1]:9093/api/v2/alerts', '[::1]:9093', 'u:')
})

test('an end ends what is under way, and nothing follows', async () => {
  const am = await stub()
  am.answer = () => {}
  open(`http://${am.host}`)
  set('a')
  forward.wake()
  await until(() => am.heard.length === 1)
  await forward.close()
  forward.wake()
  await clock.runFor(120_000)
  expect(am.heard).toHaveLength(1)
  expect(logged).toEqual([])
})
