// Connects: to the host itself, or by a proxy, with TLS where that is asked for. Nothing is sent before it is known who is
// there. Called by lines.ts.
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { Refused, refusalOf } from '#core/guard.ts'
import { AnswerReader, broken } from './answer-reader.ts'
import { basicOf } from './proxy.ts'

export type Dialing = Readonly<{
  proxy: URL | undefined
  tls: ConnectionOptions
  lookup: LookupFunction
  // Told of what is to be ended when nobody waits for it any more.
  holds(socket: Socket): void
}>

export async function dial(url: URL, dialing: Dialing): Promise<Socket> {
  const { proxy } = dialing
  // Whose address is no name is looked up by nobody; the host itself was looked at by post.ts.
  const why = proxy === undefined ? undefined : refusalOf(proxy.hostname, 'operator')
  if (why !== undefined) throw new Refused(why)
  const first = await reach(proxy ?? url, dialing)
  if (proxy === undefined || url.protocol !== 'https:') return first
  await tunnel(first, url, proxy)
  return reach(url, dialing, first)
}

const keptAlive = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1_000 }

// `through` is a tunnel that stands already.
function reach(to: URL, { tls, lookup, holds }: Dialing, through?: Socket): Promise<Socket> {
  const isSecure = to.protocol === 'https:'
  const host = to.hostname.replace(/^\[|\]$/g, '')
  const port = Number(to.port || (isSecure ? 443 : 80))
  const where = through === undefined ? { host, port, lookup, ...keptAlive } : { host, socket: through }
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = isSecure
    ? connectTls({ ...where, ...name, ALPNProtocols: ['http/1.1'], ...tls })
    : connectTcp({ host, port, lookup, ...keptAlive })
  holds(socket)
  return until(socket, isSecure ? 'secureConnect' : 'connect')
}

function until(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(broken('ECONNRESET'))
    socket.once('error', reject)
    socket.once('close', closed)
    socket.once(event, () => {
      socket.off('error', reject)
      socket.off('close', closed)
      resolve(socket)
    })
  })
}

function tunnel(socket: Socket, url: URL, proxy: URL): Promise<void> {
  const to = `${url.hostname}:${url.port || 443}`
  const login = basicOf(proxy)
  const lines = [
    `CONNECT ${to} HTTP/1.1`,
    `host: ${to}`,
    ...(login === undefined ? [] : [`proxy-authorization: ${login}`]),
  ]
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader(false)
    const closed = (): void => reject(broken('ECONNRESET'))
    const take = (bytes: Buffer): void => {
      try {
        const heard = reader.take(bytes)
        if (heard === undefined) return
        const { status } = heard.answer
        if (status < 200 || status > 299) throw broken(`the proxy answered ${status}`)
        socket.off('data', take)
        socket.off('error', reject)
        socket.off('close', closed)
        socket.pause()
        resolve()
      } catch (error) {
        reject(error)
        socket.destroy()
      }
    }
    socket.on('data', take)
    socket.once('error', reject)
    socket.once('close', closed)
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  })
}
