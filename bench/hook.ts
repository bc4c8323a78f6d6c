// Whoever is told: a server that takes Alertmanager's webhook payload, knows which alerts it has heard of and how often,
// and can be out of order. It answers first and reads afterwards, so that its own work is seen as little as may be.
// Called by the benchmarks of the alerter.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Hook {
  readonly url: string
  // By fingerprint: how often it was told as it is, and when first.
  readonly heard: ReadonlyMap<string, Heard>
  readonly messages: number
  // At one time.
  readonly connectionsMax: number
  // Answers 500 from now on, or takes messages again.
  refuse(isRefusing: boolean): void
  // Asked after each message. False: that took too long.
  until(isMet: () => boolean, patienceMs: number): Promise<boolean>
  close(): void
}

type Heard = { times: number; readonly firstMs: number }

export async function openHook(): Promise<Hook> {
  const heard = new Map<string, Heard>()
  let [messages, connections, connectionsMax] = [0, 0, 0]
  let isRefusing = false
  let look = (): void => {}
  const take = (body: Buffer, atMs: number): void => {
    messages += 1
    for (const name of fingerprintsIn(body)) {
      const known = heard.get(name)
      if (known === undefined) heard.set(name, { times: 1, firstMs: atMs })
      else known.times += 1
    }
    look()
  }
  const answer = (response: ServerResponse, body: Buffer): void => {
    const atMs = performance.now()
    response.statusCode = isRefusing ? 500 : 200
    response.end(isRefusing ? 'out of order' : 'ok')
    if (!isRefusing) setImmediate(() => take(body, atMs))
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => answer(response, Buffer.concat(parts)))
  })
  server.keepAliveTimeout = 60_000
  server.on('connection', socket => {
    connections += 1
    connectionsMax = Math.max(connectionsMax, connections)
    socket.on('close', () => {
      connections -= 1
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    heard,
    get messages() {
      return messages
    },
    get connectionsMax() {
      return connectionsMax
    },
    refuse(is) {
      isRefusing = is
    },
    until(isMet, patienceMs) {
      return new Promise(resolve => {
        const end = (is: boolean): void => {
          clearTimeout(timer)
          look = () => {}
          resolve(is)
        }
        const timer = setTimeout(() => end(false), patienceMs)
        look = () => {
          if (isMet()) end(true)
        }
        look()
      })
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

// When the last alert was heard of for the first time.
export function lastHeardMs({ heard }: Hook): number {
  let lastMs = 0
  for (const { firstMs } of heard.values()) lastMs = Math.max(lastMs, firstMs)
  return lastMs
}

export const timesHeard = ({ heard }: Hook): number =>
  heard.values().reduce((sum, { times }) => sum + times, 0)

const mark = '"fingerprint":"'

// Reading the JSON would take as long as everything else here.
function fingerprintsIn(body: Buffer): string[] {
  const found: string[] = []
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at)) {
    at += mark.length
    found.push(body.toString('latin1', at, at + 16))
  }
  return found
}
