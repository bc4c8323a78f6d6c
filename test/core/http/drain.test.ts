// Closing: nothing new, nobody cut off who was being answered, and never longer than the deadline. And the
// bounds on what is under way at one time.
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { type Route, route } from '#core/http/route.ts'
import { ask, bearer, openStand } from './ask.ts'

// A route whose answers wait until the test lets them go.
function gate(body?: 'bytes') {
  const waiting: (() => void)[] = []
  let arrived = (): void => {}
  const signals: AbortSignal[] = []
  const one: Route = route({
    method: 'POST',
    path: '/wait',
    scope: 'write',
    summary: 'waits',
    ...(body && { body }),
    bodyMaxBytes: 1_000,
    handle: ({ signal }) => {
      signals.push(signal)
      arrived()
      return new Promise(resolve => waiting.push(() => resolve({ body: 'done' })))
    },
  })
  const next = () =>
    new Promise<void>(resolve => {
      arrived = resolve
    })
  return { one, waiting, signals, next }
}

const write = { method: 'POST', headers: bearer('write') }

test('closing waits for what is under way, and takes nothing new', async () => {
  const { one, waiting, next } = gate()
  const clock = new SimulatedClock(0)
  const stand = await openStand([one], { clock })
  // Opened before, and idle: it neither holds up the closing nor outlives it.
  const idle = connect(stand.http.port, '127.0.0.1')
  const idleEnded = new Promise(resolve => idle.once('close', resolve))
  const here = next()
  const reply = ask(stand.http, '/wait', write)
  await here
  let isClosed = false
  const closed = stand.http.close().then(() => {
    isClosed = true
  })
  await clock.runFor(1_000)
  expect(isClosed).toBe(false)
  await expect(ask(stand.http, '/wait', write)).rejects.toMatchObject({ code: 'ECONNREFUSED' })

  waiting[0]?.()
  const { status, text, headers } = await reply
  expect([status, text, headers.connection]).toEqual([200, 'done', 'close'])
  await closed
  await idleEnded
  expect(stand.lines).toEqual([])
  // Closing twice is closing once.
  await stand.http.close()
})

test('a request that arrives meanwhile on an open connection is told to come again', async () => {
  const { one, waiting, next } = gate()
  const stand = await openStand([one], { clock: new SimulatedClock(0) })
  const socket = connect(stand.http.port, '127.0.0.1')
  const said = textOf(socket)
  // Half a head: the connection is not idle any more.
  await new Promise(resolve => socket.write('POST /wait HTTP/1.1\r\nhost: localhost\r\n', resolve))
  const here = next()
  const reply = ask(stand.http, '/wait', write)
  await here
  const closed = stand.http.close()
  socket.write('authorization: Bearer write\r\ncontent-length: 0\r\n\r\n')
  const late = await said
  expect(late).toMatch(/^HTTP\/1.1 503 /)
  expect(late).toMatch(/retry-after: 5/i)
  expect(late).toContain('"code":"stopping"')
  for (const go of waiting) go()
  expect((await reply).status).toBe(200)
  await closed
  expect(waiting).toHaveLength(1)
})

test('who takes longer than the deadline is cut off, and the log says so', async () => {
  const { one, next, signals } = gate()
  const clock = new SimulatedClock(0)
  const stand = await openStand([one], { clock, limits: { drainMs: 3_000 } })
  const here = next()
  const reply = ask(stand.http, '/wait', write)
  const cut = expect(reply).rejects.toThrow('socket hang up')
  await here
  const closed = stand.http.close()
  await clock.runFor(2_999)
  expect(signals[0]?.aborted).toBe(false)
  await clock.runFor(1)
  await closed
  await cut
  expect(JSON.parse(stand.lines[0]!)).toMatchObject({ room: 'http', requests: 1, afterMs: 3_000 })
})

test('the signal of a call ends when its caller goes away', async () => {
  const { one, signals, waiting, next } = gate()
  await using stand = await openStand([one])
  const here = next()
  const sent = request(`${stand.http.origin}/wait`, write).on('error', () => {})
  sent.end()
  await here
  expect(signals[0]?.aborted).toBe(false)
  const gone = new Promise(resolve => signals[0]?.addEventListener('abort', resolve))
  sent.destroy()
  await gone
  waiting[0]?.()
})

test('a connection that serves many keeps nothing of the calls before', async () => {
  const signals: AbortSignal[] = []
  const one = route({
    method: 'GET',
    path: '/once',
    scope: 'open',
    summary: 'answers',
    handle: ({ signal }) => {
      signals.push(signal)
      return { body: 'done' }
    },
  })
  await using stand = await openStand([one])
  const warnings: Error[] = []
  const warn = (warning: Error): void => void warnings.push(warning)
  process.on('warning', warn)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let call = 0; call < 15; call++) {
    await new Promise<void>((resolve, reject) => {
      const sent = request(
        `${stand.http.origin}/once`,
        { agent },
        reply => void textOf(reply).then(() => resolve(), reject),
      )
      sent.on('error', reject).end()
    })
  }
  agent.destroy()
  process.off('warning', warn)
  expect(warnings).toEqual([])
  expect(signals.map(each => each.aborted)).toEqual(new Array(15).fill(false))
})

test('a stream goes out as it comes, and ends when nobody takes it any more', async () => {
  const destroyed = Promise.withResolvers<void>()
  const endless = (): Readable =>
    new Readable({
      read() {
        this.push(Buffer.alloc(65_536, 'x'))
      },
      destroy(error, done) {
        destroyed.resolve()
        done(error)
      },
    })
  const streaming = (path: string, body: () => Readable): Route =>
    route({ method: 'GET', path, scope: 'open', summary: 'streams', handle: () => ({ body: body() }) })
  await using stand = await openStand([
    streaming('/short', () => Readable.from([Buffer.from('a'), Buffer.from('b')])),
    streaming('/endless', endless),
  ])
  expect((await ask(stand.http, '/short')).text).toBe('ab')
  const sent = request(`${stand.http.origin}/endless`, reply => reply.once('data', () => sent.destroy()))
  sent.on('error', () => {}).end()
  await destroyed.promise
})

test('bodies under way are bounded together: the next one is put off before it is read', async () => {
  const { one, waiting, next } = gate('bytes')
  await using stand = await openStand([one], { limits: { inFlightMaxBytes: 1_500 } })
  const first = next()
  const a = ask(stand.http, '/wait', { ...write, body: 'x'.repeat(900) })
  await first
  expect(await stand.own.text()).toContain('plimsoll_http_in_flight_bytes 900\n')
  const shed = await ask(stand.http, '/wait', { ...write, body: 'x'.repeat(900) })
  expect([shed.status, shed.json.error.code, shed.headers['retry-after']]).toEqual([503, 'overloaded', '5'])
  const pieces = { ...write, headers: { ...write.headers, 'transfer-encoding': 'chunked' } }
  expect((await ask(stand.http, '/wait', { ...pieces, body: 'x'.repeat(900) })).status).toBe(503)
  // A smaller one fits beside it.
  const second = next()
  const b = ask(stand.http, '/wait', { ...write, body: 'x'.repeat(600) })
  await second
  for (const go of waiting) go()
  expect([(await a).status, (await b).status]).toEqual([200, 200])
  const text = await stand.own.text()
  expect(text).toContain('plimsoll_http_in_flight_bytes 0\n')
  expect(text).toContain('plimsoll_http_shed_total{short_of="memory"} 2\n')
})

test('one body that is larger than the bound for all still has its turn', async () => {
  const { one, waiting, next } = gate('bytes')
  await using stand = await openStand([one], { limits: { inFlightMaxBytes: 10 } })
  const here = next()
  const reply = ask(stand.http, '/wait', { ...write, body: 'x'.repeat(900) })
  await here
  waiting[0]?.()
  expect((await reply).status).toBe(200)
})

test('a body that is cut off gives its memory back', async () => {
  const { one } = gate('bytes')
  const stand = await openStand([one])
  for (const head of ['content-length: 900', 'transfer-encoding: chunked']) {
    const socket = connect(stand.http.port, '127.0.0.1')
    const sent = new Promise(resolve =>
      socket.write(
        `POST /wait HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer write\r\n${head}\r\n\r\n100\r\n`,
        resolve,
      ),
    )
    await sent
    socket.destroy()
  }
  // Closing waits until both are dealt with.
  await stand[Symbol.asyncDispose]()
  expect(await stand.own.text()).toContain('plimsoll_http_in_flight_bytes 0\n')
  expect(stand.lines).toEqual([])
})

test('when timers are late, writes are put off and reads go on', async () => {
  const { one } = gate('bytes')
  const read: Route = { method: 'GET', path: '/read', scope: 'open', summary: 'x', handle: () => ({}) }
  await using stand = await openStand([one, read], { limits: { loopDelayMaxMs: -1 } })
  const shed = await ask(stand.http, '/wait', { ...write, body: 'x' })
  expect([shed.status, shed.json.error.code, shed.headers['retry-after']]).toEqual([503, 'overloaded', '5'])
  expect((await ask(stand.http, '/read')).status).toBe(204)
  expect(await stand.own.text()).toContain('plimsoll_http_shed_total{short_of="time"} 1\n')
})
