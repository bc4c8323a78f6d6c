// A database that answers as the test says, for tests of the store: it reads remote write and notes what it was asked.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RowBuffer } from '#core/batch.ts'
import { SeriesTable } from '#core/series.ts'
import { declaredLength, unsnapBlock } from '#core/snappy.ts'
import { RemoteWriteDecoder } from '../../../collector/gateway/remote-write.ts'

export type Reply = Readonly<{ status: number; text?: string; headers?: Readonly<Record<string, string>> }>

// `name value` of each sample; an empty list is a probe.
export type Written = readonly string[]
export type Asked = Readonly<{ method: string; path: string; form: URLSearchParams }>

export type FakeDatabase = Readonly<{
  url: string
  requests: Written[]
  headers: IncomingMessage['headers'][]
  asked: Asked[]
  hangUp(): void
  connections(): number
  close(): Promise<void>
}> & {
  // `hang` never answers, `break` closes the connection.
  onWrite: (samples: Written) => Reply | 'hang' | 'break' | Promise<Reply>
  onAsk: (asked: Asked) => Reply | 'hang'
}

const nowMs = Date.UTC(2026, 10, 20, 12)

export async function openFakeDatabase(): Promise<FakeDatabase> {
  const server = createServer((request, response) => void answer(request, response))
  let open = 0
  server.on('connection', socket => {
    open++
    socket.once('close', () => open--)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const fake: FakeDatabase = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    headers: [],
    asked: [],
    onWrite: () => ({ status: 204 }),
    onAsk: () => ({ status: 500 }),
    hangUp: () => server.closeAllConnections(),
    connections: () => open,
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Uint8Array[] = []
    for await (const part of request as AsyncIterable<Uint8Array>) parts.push(part)
    const body = Buffer.concat(parts)
    fake.headers.push(request.headers)
    const reply = await (request.url === '/api/v1/write' ? written(body) : fake.onAsk(asked(request, body)))
    if (reply === 'break') request.socket.destroy()
    else if (reply !== 'hang') response.writeHead(reply.status, reply.headers).end(reply.text)
  }
  function written(body: Buffer) {
    const samples = samplesIn(body)
    fake.requests.push(samples)
    return fake.onWrite(samples)
  }
  function asked({ method = '', url = '' }: IncomingMessage, body: Buffer): Asked {
    const { pathname, searchParams } = new URL(url, fake.url)
    const one = {
      method,
      path: pathname,
      form: method === 'GET' ? searchParams : new URLSearchParams(body.toString()),
    }
    fake.asked.push(one)
    return one
  }
  return fake
}

function samplesIn(body: Buffer): Written {
  const { length, from } = declaredLength(body)!
  const table = new SeriesTable()
  const rows = new RowBuffer()
  new RemoteWriteDecoder(table, { tags: 100, lineBytes: 1e6 }).decode(
    unsnapBlock(body, from, length)!,
    nowMs,
    rows,
  )
  return Array.from(
    { length: rows.length },
    (_, at) => `${table.get(rows.series[at]!).name} ${rows.values[at]}`,
  )
}
