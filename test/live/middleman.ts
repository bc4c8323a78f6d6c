// Stands between the service and a server of HTTP, and misbehaves when a test says so. Called by the live tests.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

// pass: hands on; down: breaks every connection; hang: never answers; else answers this by itself.
export type Mood = 'pass' | 'down' | 'hang' | Readonly<{ status: number; headers?: Record<string, string> }>

export type Middleman = AsyncDisposable &
  Readonly<{
    url: string
    be(mood: Mood): void
    // Requests since the start, by what became of them: 204, 503, down, hang.
    counts: Readonly<Record<string, number>>
  }>

export async function startMiddleman(target: string): Promise<Middleman> {
  let mood: Mood = 'pass'
  const counts: Record<string, number> = {}
  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1
  }
  const hanging = new Set<ServerResponse>()
  const server = createServer((asked, answer) => {
    if (mood === 'pass') return pass(target, asked, answer, count)
    if (mood === 'down') {
      count('down')
      asked.socket.destroy()
      return
    }
    if (mood === 'hang') {
      count('hang')
      hanging.add(answer)
      asked.resume()
      return
    }
    const { status, headers = {} } = mood
    count(String(status))
    asked.resume()
    asked.once('end', () =>
      answer.writeHead(status, headers).end('{"code":"x","message":"as the test says"}'),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    counts,
    be(next) {
      mood = next
      if (next === 'hang') return
      for (const each of hanging) each.socket?.destroy()
      hanging.clear()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function pass(
  target: string,
  asked: IncomingMessage,
  answer: ServerResponse,
  count: (what: string) => void,
): void {
  const { method = 'GET', url = '/', headers } = asked
  const onward = request(new URL(url, target), { method, headers }, reply => {
    count(String(reply.statusCode))
    answer.writeHead(reply.statusCode ?? 502, reply.headers)
    reply.pipe(answer)
  })
  onward.on('error', () => answer.socket?.destroy())
  asked.pipe(onward)
}
