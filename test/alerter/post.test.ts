import { execFileSync } from 'node:child_process'
import type { lookup } from 'node:dns'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { realClock, SimulatedClock } from '#core/clock.ts'
import { guardedLookup } from '#core/guard.ts'
import { Secret } from '#core/secret.ts'
import type { Outgoing, Transport } from '../../alerter/channel.ts'
import { type How, openPost, type Post, type PostOptions, usualTransport } from '../../alerter/post.ts'
import { type Asked, type Reply, type Served, serve } from './fake-services/serve.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const open = (options: Partial<PostOptions> = {}): Post => {
  const post = openPost({ clock: realClock, ...options })
  closing.push(() => post.close())
  return post
}
const serving = async (answer: (asked: Asked) => Reply): Promise<Served> => {
  const served = await serve(answer)
  closing.push(() => served.close())
  return served
}

const outgoing = (url: string, more: Partial<Outgoing> = {}): Outgoing => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', authorization: 'Bearer s3cret' },
  body: '{"a":1}',
  ...more,
})
const how = (transport: Partial<Transport> = {}, more: Partial<How> = {}): How => ({
  transport: { ...usualTransport, ...transport },
  trust: 'operator',
  signal: new AbortController().signal,
  ...more,
})
const outsider = (transport: Partial<Transport> = {}): How => how(transport, { trust: 'outsider' })

test('a service that changes the protocol has not answered', async () => {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const sent = await open().send(outgoing(`http://127.0.0.1:${port}/`), how({ timeoutMs: 500 }))
  expect(sent).toEqual({ ok: false, verdict: { kind: 'later', reason: 'it speaks another protocol' } })
})

test('sends what it is given, and gives back what was answered', async () => {
  const served = await serving(() => ({ status: 201, headers: { 'x-a': 'b' }, body: 'thanks' }))
  const sent = await open().send(
    outgoing(`${served.origin}/a?b=c`, { body: new Uint8Array([1, 2, 255]) }),
    how(),
  )
  expect(sent).toMatchObject({ ok: true, answer: { status: 201, headers: { 'x-a': 'b' }, body: 'thanks' } })
  const [asked] = served.asked
  expect(asked).toMatchObject({ method: 'POST', bytes: Buffer.from([1, 2, 255]) })
  expect(asked?.headers).toMatchObject({
    authorization: 'Bearer s3cret',
    'content-length': '3',
    'user-agent': 'plimsoll',
  })
})

// What a connection says as soon as it is asked something.
const speaking = async (answer: (socket: Socket, asked: string) => void): Promise<string> => {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', data => answer(socket, data.toString()))
  })
  closing.push(() => server.close())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('reads no more than 64 KiB of an answer, and does not wait for the rest', async () => {
  const origin = await speaking(socket => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n')
    socket.write('x'.repeat(100_000))
  })
  const sent = await open().send(outgoing(origin), how())
  expect(sent.ok && sent.answer.body.length).toBe(65_536)
})

test('waits as long as it is told, however slowly somebody speaks', async () => {
  const clock = new SimulatedClock(0)
  const arrived = Promise.withResolvers<void>()
  const url = await speaking(socket => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx')
    arrived.resolve()
  })
  const sent = open({ clock }).send(outgoing(url), how({ timeoutMs: 4_000 }))
  await arrived.promise
  await clock.runFor(4_000)
  expect(await sent).toEqual({ ok: false, verdict: { kind: 'later', reason: 'no answer within 4 s' } })
})

test('a disk that does not give the certificates holds nobody up for longer than an answer may take', async () => {
  const caFile = join(mkdtempSync(join(tmpdir(), 'plimsoll-post-')), 'ca.pem')
  execFileSync('mkfifo', [caFile])
  // Reading it comes to an end then.
  closing.push(() => writeFileSync(caFile, ''))
  const clock = new SimulatedClock(0)
  const post = open({ clock })
  const given = how({ timeoutMs: 4_000, tls: { verify: true, caFile } })
  for (const _ of [1, 2]) {
    const sent = post.send(outgoing('https://127.0.0.1:1/'), given)
    await clock.runFor(4_000)
    expect(await sent).toEqual({ ok: false, verdict: { kind: 'later', reason: 'no answer within 4 s' } })
  }
})

test('stops when it is told', async () => {
  const served = await serving(() => 'hang')
  const stop = new AbortController()
  const sent = open().send(outgoing(served.origin), how({}, { signal: stop.signal }))
  stop.abort()
  expect(await sent).toEqual({ ok: false, verdict: { kind: 'later', reason: 'stopped' } })
})

test('failures are told by their codes, without the address', async () => {
  const free = await serving(() => ({}))
  await free.close()
  closing.pop()
  const t = async (sent: Outgoing, verdict: object) => {
    expect(await open().send(sent, how())).toEqual({ ok: false, verdict })
  }

  await t(outgoing(`${free.origin}/s3cret`), { kind: 'later', reason: 'ECONNREFUSED' })
  await t(outgoing('http://s3cret .example.org/'), {
    kind: 'refused',
    because: 'settings',
    reason: 'the address is no URL',
  })
  await t(outgoing('ftp://example.org/s3cret'), {
    kind: 'refused',
    because: 'settings',
    reason: 'ftp: is neither http: nor https:',
  })
  await t(outgoing('http://127.0.0.1/', { headers: { 'x-a': 's3cret\r\nb: c' } }), {
    kind: 'refused',
    because: 'settings',
    reason: 'ERR_INVALID_CHAR',
  })
})

test('where no name server answers, or a name is gone, it is tried again later, and the code is told', async () => {
  for (const code of ['ENOTFOUND', 'EAI_AGAIN']) {
    const gone = Object.assign(new Error(`getaddrinfo ${code} s3cret.example.org`), {
      ...{ code, syscall: 'getaddrinfo', hostname: 's3cret.example.org' },
    })
    const names: typeof guardedLookup = trust =>
      guardedLookup(trust, ((_: string, __: object, done: (error: Error) => void) =>
        done(gone)) as unknown as typeof lookup)
    const sent = await open({ lookup: names }).send(outgoing('http://s3cret.example.org/'), how())
    expect(sent, code).toEqual({ ok: false, verdict: { kind: 'later', reason: code } })
  }
})

test('connections are kept, and few', async () => {
  const served = await serving(() => ({ body: 'ok' }))
  const post = open()
  for (let count = 0; count < 20; count++) await post.send(outgoing(served.origin), how())
  // Each `how` has a transport of its own, and all of them are alike.
  expect(served.connections()).toBe(1)
  await Promise.all(Array.from({ length: 200 }, () => post.send(outgoing(served.origin), how())))
  expect(served.connections()).toBeLessThanOrEqual(16)

  await post.send(outgoing(served.origin), how({ timeoutMs: 9_999 }))
  expect(served.connections()).toBe(17)
})

test('a kept connection that was closed under us is no failure', async () => {
  const sockets: Socket[] = []
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
  // Answers once on each connection, then breaks it at the next request.
  const url = await speaking(socket => {
    if (sockets.includes(socket)) return void socket.resetAndDestroy()
    sockets.push(socket)
    socket.write(answer)
  })
  const post = open()
  const shared = how()
  expect(await post.send(outgoing(url), shared)).toMatchObject({ ok: true })
  // The socket goes back to its pool in the next turn.
  await new Promise(setImmediate)
  expect(await post.send(outgoing(url), shared)).toMatchObject({ ok: true })
  expect(sockets).toHaveLength(2)
})

test('an answer that breaks off is not asked for a second time at once', async () => {
  let count = 0
  const origin = await speaking(socket => {
    count += 1
    if (count === 1) return void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nok')
  })
  const post = open()
  const shared = how()
  expect(await post.send(outgoing(origin), shared)).toMatchObject({ ok: true })
  await new Promise(setImmediate)
  const sent = await post.send(outgoing(origin), shared)
  expect(sent).toEqual({ ok: false, verdict: { kind: 'later', reason: 'the answer broke off' } })
  expect(count).toBe(2)
})

test('goes where it is sent on only when asked to, and then with the whole message', async () => {
  const served = await serving(({ url }) =>
    url.pathname === '/old' ? { status: 307, headers: { location: '/new' } } : { body: 'ok' },
  )
  const old = outgoing(`${served.origin}/old`)
  expect(await open().send(old, how())).toMatchObject({ ok: true, answer: { status: 307 } })
  expect(await open().send(old, how({ followsRedirects: true }))).toMatchObject({ answer: { status: 200 } })
  expect(served.asked.at(-1)).toMatchObject({ method: 'POST', text: '{"a":1}' })
  expect(served.asked.at(-1)?.headers['authorization']).toBe('Bearer s3cret')
})

test('a 302 would make a GET of it, so it is an answer', async () => {
  const served = await serving(() => ({ status: 302, headers: { location: '/new' } }))
  const sent = await open().send(outgoing(served.origin), how({ followsRedirects: true }))
  expect(sent).toMatchObject({ ok: true, answer: { status: 302 } })
})

test('whoever sends it round in a circle is left', async () => {
  const served = await serving(() => ({ status: 308, headers: { location: '/' } }))
  const sent = await open().send(outgoing(served.origin), how({ followsRedirects: true }))
  expect(sent).toEqual({ ok: false, verdict: { kind: 'later', reason: 'sends us on more than 3 times' } })
  expect(served.asked).toHaveLength(4)
})

test('nobody sends it to a metadata service, or to a neighbour', async () => {
  const t = async (location: string, reason: string) => {
    const served = await serving(() => ({ status: 307, headers: { location } }))
    const sent = await open().send(outgoing(served.origin), how({ followsRedirects: true }))
    expect(sent, location).toEqual({ ok: false, verdict: { kind: 'refused', because: 'settings', reason } })
  }

  await t('http://169.254.169.254/latest/meta-data/', '169.254.169.254 is a metadata service')
  await t('http://2852039166/', '169.254.169.254 is a metadata service')
  await t('http://localhost:1/', 'localhost is not on the public Internet')
  await t('http://10.0.0.1/', '10.0.0.1 is not on the public Internet')
})

// Names of our own, for one address.
const named =
  (address: string): typeof guardedLookup =>
  trust =>
    guardedLookup(trust, ((_: string, __: object, done: (error: null, all: object[]) => void) =>
      done(null, [{ address, family: 4 }])) as unknown as typeof lookup)

test('credentials do not go to another place', async () => {
  const other = await serving(() => ({ body: 'ok' }))
  const port = new URL(other.origin).port
  const served = await serving(() => ({
    status: 307,
    headers: { location: `http://hooks.example.org:${port}/` },
  }))
  // The second place is public as far as the guard is concerned.
  const post = open({
    lookup: () =>
      guardedLookup('operator', ((_: string, __: object, done: (error: null, all: object[]) => void) =>
        done(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as typeof lookup),
  })
  expect(await post.send(outgoing(served.origin), how({ followsRedirects: true }))).toMatchObject({
    ok: true,
  })
  expect(other.asked[0]?.headers['authorization']).toBeUndefined()
  expect(other.asked[0]?.headers['content-type']).toBe('application/json')
})

test('an address from outside does not reach this machine, by number or by name', async () => {
  const served = await serving(() => ({ body: 'ok' }))
  const { port } = new URL(served.origin)
  const post = open({ lookup: named('127.0.0.1') })
  const byName = outgoing(`http://rebind.example.org:${port}/`)
  const no = { ok: false, verdict: { kind: 'refused', because: 'settings' } }

  expect(await post.send(outgoing(served.origin), outsider())).toMatchObject(no)
  expect(await post.send(byName, outsider())).toMatchObject(no)
  expect(served.connections()).toBe(0)
})

test('what the operator has opened is no way in for others', async () => {
  const served = await serving(() => ({ body: 'ok' }))
  const { port } = new URL(served.origin)
  const post = open({ lookup: named('127.0.0.1') })
  const url = outgoing(`http://rebind.example.org:${port}/`)
  const transport = usualTransport
  expect(await post.send(url, how({}, { transport }))).toMatchObject({ ok: true })
  await new Promise(setImmediate)
  const sent = await post.send(url, how({}, { transport, trust: 'outsider' }))
  expect(sent).toMatchObject({ ok: false, verdict: { kind: 'refused' } })
  expect(served.asked).toHaveLength(1)
})

test('a name that leads to a metadata service is refused to the operator too', async () => {
  const sent = await open({ lookup: named('169.254.169.254') }).send(outgoing('http://a.example.org/'), how())
  expect(sent).toMatchObject({
    verdict: { kind: 'refused', reason: '169.254.169.254 is a metadata service' },
  })
})

test('goes by a proxy where the settings name one, and others do not', async () => {
  const proxy = await serving(() => ({ body: 'by proxy' }))
  const direct = await serving(() => ({ body: 'direct' }))
  const url = new Secret(proxy.origin)
  const t = async (sent: Outgoing, given: How, body: string, options: Partial<PostOptions> = {}) => {
    expect(await open(options).send(sent, given)).toMatchObject({ ok: true, answer: { body } })
  }

  await t(outgoing('http://hooks.example.org/a'), how({ proxy: { url, except: '' } }), 'by proxy')
  await t(outgoing(direct.origin), how({ proxy: { url, except: '127.0.0.1' } }), 'direct')
  const environment = { HTTP_PROXY: proxy.origin }
  await t(outgoing('http://hooks.example.org/a'), how({ proxy: 'environment' }), 'by proxy', { environment })
  await t(outgoing(direct.origin), how(), 'direct', { environment })

  const sent = await open().send(outgoing(direct.origin), outsider({ proxy: { url, except: '' } }))
  expect(sent).toMatchObject({ ok: false, verdict: { kind: 'refused' } })
  const asked = await open().send(
    outgoing('http://metadata.google.internal/'),
    how({ proxy: { url, except: '' } }),
  )
  expect(asked).toMatchObject({ ok: false, verdict: { kind: 'refused' } })
  // Nor is a metadata service a proxy, by its address either.
  const metadata = new Secret('http://169.254.169.254:3128')
  expect(await open().send(outgoing(direct.origin), how({ proxy: { url: metadata, except: '' } }))).toEqual({
    ok: false,
    verdict: { kind: 'refused', reason: '169.254.169.254 is a metadata service', because: 'settings' },
  })
})

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

test.skipIf(!hasOpenssl)('trusts whom it is told to trust, and reads renewed certificates', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-post-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  const make = (name: string) =>
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '2',
        ],
        ...['-subj', '/CN=hook', '-addext', 'subjectAltName=DNS:hook.example.org'],
        ...['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)],
      ],
      { stdio: 'ignore' },
    )
  make('theirs')
  make('other')
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const server = createTlsServer(
    {
      key: read('theirs.key'),
      cert: read('theirs.pem'),
      ca: read('other.pem'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) =>
      response.end((request.socket as TLSSocket).authorized ? 'I know you' : 'who are you'),
  )
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = outgoing(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const post = open()
  const t = async (tls: Partial<Transport['tls']>, wanted: object) =>
    expect(await post.send(url, how({ tls: { verify: true, ...tls } })), JSON.stringify(tls)).toMatchObject(
      wanted,
    )

  await t({}, { verdict: { kind: 'later', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' } })
  await t({ verify: false }, { answer: { body: 'who are you' } })
  await t({ ca: read('theirs.pem') }, { verdict: { kind: 'later', reason: 'ERR_TLS_CERT_ALTNAME_INVALID' } })
  const known = { ca: read('theirs.pem'), serverName: 'hook.example.org' }
  await t(known, { answer: { body: 'who are you' } })
  const key = new Secret(read('other.key'))
  await t({ ...known, cert: read('other.pem'), key }, { answer: { body: 'I know you' } })
  const certFile = join(folder, 'other.pem')
  await t({ ...known, certFile, keyFile: join(folder, 'other.key') }, { answer: { body: 'I know you' } })

  // One transport, as settings have it.
  const caFile = join(folder, 'ca.pem')
  const given = how({ tls: { verify: true, caFile, serverName: 'hook.example.org' } })
  expect(await post.send(url, given)).toMatchObject({ verdict: { reason: `cannot read ${caFile}: ENOENT` } })
  copyFileSync(join(folder, 'other.pem'), caFile)
  expect(await post.send(url, given)).toMatchObject({ verdict: { reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' } })
  copyFileSync(join(folder, 'theirs.pem'), caFile)
  expect(await post.send(url, given)).toMatchObject({ ok: true })
})

test('one failure does not break what is on its way beside it', async () => {
  const waiting = Promise.withResolvers<void>()
  const finish: (() => void)[] = []
  const origin = await speaking((socket, asked) => {
    if (asked.startsWith('POST /bad')) return void socket.resetAndDestroy()
    finish.push(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
    waiting.resolve()
  })
  const post = open()
  const shared = how({ tls: { verify: true, caFile: '/dev/null' } })
  const good = post.send(outgoing(`${origin}/good`), shared)
  await waiting.promise
  expect(await post.send(outgoing(`${origin}/bad`), shared)).toMatchObject({
    verdict: { reason: 'ECONNRESET' },
  })
  for (const end of finish) end()
  expect(await good).toMatchObject({ ok: true })
})
