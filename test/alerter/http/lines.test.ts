import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { guardedLookup } from '#core/guard.ts'
import { Lines, type LinesOptions, type Patience } from '../../../alerter/http/lines.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const patient = (): Patience => ({ isOver: false, end: () => {} })
const open = (options: Partial<LinesOptions> = {}): Lines => {
  const lines = new Lines({ tls: {}, lookup: guardedLookup('operator'), proxies: undefined, ...options })
  closing.push(() => lines.destroy())
  return lines
}
const ask = (lines: Lines, origin: string, patience = patient()) =>
  lines.ask({ method: 'POST', url: new URL(`${origin}/hook`), headers: {}, body: '{}' }, patience)

const portOf = async (server: Server): Promise<number> => {
  closing.push(() => server.close())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
// Answers each thing that it is asked, by hand.
async function speaking(answer: (socket: Socket, asked: string, nth: number) => void) {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    const nth = sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', data => answer(socket, data.toString(), nth))
  })
  closing.push(() => {
    for (const each of sockets) each.destroy()
  })
  return { origin: `http://127.0.0.1:${await portOf(server)}`, sockets }
}
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

test('who says that he closes is not asked again', async () => {
  const { origin, sockets } = await speaking(socket =>
    socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'),
  )
  const lines = open()
  for (let nth = 1; nth <= 3; nth++) {
    expect(await ask(lines, origin)).toMatchObject({ status: 200, body: 'ok' })
    expect(sockets).toHaveLength(nth)
  }
})

test('an answer may last until the connection ends', async () => {
  const { origin } = await speaking(socket => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'))
  expect(await ask(open(), origin)).toMatchObject({ status: 200, body: 'all of it' })
})

test('a long body arrives whole and right behind its head, twice by one connection', async () => {
  let heard = ''
  const body = Buffer.alloc(300_000, '0123456789')
  const { origin, sockets } = await speaking((socket, asked) => {
    heard += asked
    if (!heard.endsWith(`\r\n\r\n${body}`)) return
    heard = ''
    socket.write(ok)
  })
  const lines = open()
  const request = { method: 'POST' as const, url: new URL(`${origin}/hook`), headers: {}, body }
  for (let nth = 0; nth < 2; nth++)
    expect(await lines.ask(request, patient())).toMatchObject({ status: 200, body: 'ok' })
  expect(sockets).toHaveLength(1)
})

test('who speaks unasked is not believed', async () => {
  const { origin, sockets } = await speaking((socket, _, nth) =>
    socket.write(nth === 1 ? ok : ok.replace('200', '201')),
  )
  const lines = open()
  await ask(lines, origin)
  const gone = new Promise(resolve => sockets[0]!.once('close', resolve))
  sockets[0]!.write('HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n')
  await gone
  expect(await ask(lines, origin)).toMatchObject({ status: 201 })
})

test('what is more than the connections allow waits, and whoever is late leaves', async () => {
  const waiting: Socket[] = []
  const full = Promise.withResolvers<void>()
  const { origin, sockets } = await speaking(socket => {
    waiting.push(socket)
    if (waiting.length === 16) full.resolve()
  })
  const lines = open()
  const patiences = Array.from({ length: 20 }, patient)
  const asked = patiences.map(each =>
    ask(lines, origin, each).then(
      ({ body }) => body,
      () => 'late',
    ),
  )
  await full.promise
  // One on its way, and one that waits.
  for (const each of [patiences[0]!, patiences[19]!]) {
    each.isOver = true
    each.end()
  }
  expect(await asked[0]).toBe('late')
  expect(await asked[19]).toBe('late')
  const answered = setInterval(() => {
    for (const each of waiting.splice(0)) each.write(ok)
  }, 1)
  expect(await Promise.all(asked.slice(1, 19))).toEqual(Array(18).fill('ok'))
  clearInterval(answered)
  // Sixteen, and one in the place of the one that was given up.
  expect(sockets.length).toBeLessThanOrEqual(17)
})

test('a kept connection that says nothing for long is closed, and nothing waits for it', async () => {
  const { origin, sockets } = await speaking(socket =>
    socket.write('HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 2\r\n\r\nok'),
  )
  const lines = open()
  await ask(lines, origin)
  // No second is left of it.
  await ask(lines, origin)
  expect(sockets).toHaveLength(2)
})

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

test.skipIf(!hasOpenssl)(
  'reaches a TLS host by a tunnel, of which the proxy sees only where to',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-lines-'))
    closing.push(() => rmSync(folder, { recursive: true }))
    const [keyFile, certFile] = [join(folder, 'key'), join(folder, 'cert')]
    execFileSync(
      'openssl',
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=hook.example.org'
        .split(' ')
        .concat(['-addext', 'subjectAltName=DNS:hook.example.org', '-keyout', keyFile, '-out', certFile]),
      { stdio: 'ignore' },
    )
    const [key, cert] = [readFileSync(keyFile), readFileSync(certFile)]
    const hook = createTlsServer({ key, cert }, (request, response) => response.end(`heard ${request.url}`))
    closing.push(() => hook.closeAllConnections())
    const hookPort = await portOf(hook)
    const seen: string[] = []
    let isOpen = true
    const proxy = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', head => {
        seen.push(head.toString())
        if (!isOpen) return void socket.end('HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n')
        const on = connect(hookPort, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
          socket.pipe(on).pipe(socket)
        })
        on.on('error', () => {})
      })
    })
    const proxies = { HTTPS_PROXY: `http://me:pass@127.0.0.1:${await portOf(proxy)}` }
    const lines = open({ tls: { ca: cert }, proxies })
    const origin = 'https://hook.example.org:8443'

    expect(await ask(lines, origin)).toMatchObject({ status: 200, body: 'heard /hook' })
    expect(await ask(lines, origin)).toMatchObject({ status: 200 })
    expect(seen).toEqual([
      `CONNECT hook.example.org:8443 HTTP/1.1\r\nhost: hook.example.org:8443\r\nproxy-authorization: Basic ${btoa('me:pass')}\r\n\r\n`,
    ])
    // Who is at the other end is looked at, also behind a proxy.
    await expect(ask(open({ proxies }), origin)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    isOpen = false
    await expect(ask(open({ proxies }), origin)).rejects.toMatchObject({ code: 'the proxy answered 407' })
  },
)
