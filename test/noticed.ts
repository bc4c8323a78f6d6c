// A webhook receiver that remembers what notices say to programs: by receiver and key, how often each message came. Called
// by the tests of capacity: acceptance, crash and live.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Data = Readonly<Record<string, unknown> & { kind: string; key: string }>

export type Noticed = AsyncDisposable &
  Readonly<{
    url: string
    // By receiver and key: what was said last.
    data: ReadonlyMap<string, Data>
    // Messages that came again, by the id they had before; and others that say what one before them said.
    repeated(): number
    saidAgain(): number
    forget(): void
  }>

export async function openNoticed(): Promise<Noticed> {
  const data = new Map<string, Data>()
  const messages = new Map<string, number>()
  const said = new Map<string, Set<string>>()
  const server = createServer(async (request, response) => {
    let text = ''
    try {
      for await (const part of request.setEncoding('utf8')) text += part
    } catch {
      return
    }
    const payload = JSON.parse(text) as Readonly<{ receiver: string; data?: Data }>
    const message = String(request.headers['x-plimsoll-message'])
    messages.set(message, (messages.get(message) ?? 0) + 1)
    if (payload.data !== undefined) {
      const place = `${payload.receiver} ${payload.data.key}`
      data.set(place, payload.data)
      said.set(place, (said.get(place) ?? new Set()).add(message))
    }
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const beyondOne = (counts: Iterable<number>): number =>
    Array.from(counts).reduce((sum, each) => sum + each - 1, 0)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    data,
    repeated: () => beyondOne(messages.values()),
    saidAgain: () => beyondOne(Array.from(said.values(), ({ size }) => size)),
    forget() {
      for (const each of [data, messages, said]) each.clear()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
