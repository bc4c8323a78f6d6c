// A service on 127.0.0.1 that answers as it is told, and remembers what it was asked. Called by the tests of channels.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = Readonly<{
  method: string
  url: URL
  headers: IncomingHttpHeaders
  text: string
  bytes: Buffer
}>

// `hang` never answers, `reset` closes the connection.
export type Reply =
  | Readonly<{ status?: number; headers?: Readonly<Record<string, string>>; body?: unknown }>
  | 'hang'
  | 'reset'

export type Served = Readonly<{
  origin: string
  asked: readonly Asked[]
  connections(): number
  close(): Promise<void>
}>

export async function serve(answer: (asked: Asked) => Reply): Promise<Served> {
  const asked: Asked[] = []
  let connections = 0
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const bytes = Buffer.concat(parts)
      const one: Asked = {
        method: request.method ?? '',
        url: new URL(request.url ?? '/', 'http://fake'),
        headers: request.headers,
        text: bytes.toString(),
        bytes,
      }
      asked.push(one)
      const reply = answer(one)
      if (reply === 'hang') return
      if (reply === 'reset') return void request.socket.destroy()
      const { status = 200, headers = {}, body = '' } = reply
      response.writeHead(status, headers)
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    connections: () => connections,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
