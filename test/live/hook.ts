// A webhook receiver that remembers when it was told of which alert, by their label `n`, and how often; it can keep
// callers waiting, and turn them away. Called by alerter-fleet.test.ts.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

type Payload = Readonly<{
  alerts: readonly Readonly<{ status: string; labels: Readonly<Record<string, string>> }>[]
  acknowledged?: Readonly<{ by: string }>
}>

export type Hook = AsyncDisposable &
  Readonly<{
    url: string
    // `n status`: at which times.
    heard: ReadonlyMap<string, readonly number[]>
    // By their ids.
    messages: ReadonlyMap<string, number>
    // What each message told of, in the order of their coming.
    told: readonly (readonly string[])[]
    // Who, by those messages, had taken over what they told of.
    taken: readonly string[]
    // How long an answer takes, and which it is.
    be(waitMs: number, status?: number): void
    forget(): void
    // Those of the wanted that nobody was told of.
    missing(wanted: readonly string[]): readonly string[]
    // Messages that came again; and others that say what one before them said.
    repeated(): number
    saidAgain(): number
  }>

export async function openHook(): Promise<Hook> {
  const heard = new Map<string, number[]>()
  const messages = new Map<string, number>()
  const told: string[][] = []
  const taken: string[] = []
  let mode = { waitMs: 0, status: 200 }
  const server = createServer(async (request, response) => {
    let text = ''
    try {
      for await (const part of request.setEncoding('utf8')) text += part
    } catch {
      return
    }
    const { waitMs, status } = mode
    response.statusCode = status
    if (status === 200) {
      const id = String(request.headers['x-plimsoll-message'])
      messages.set(id, (messages.get(id) ?? 0) + 1)
      const { alerts, acknowledged } = JSON.parse(text) as Payload
      const all = alerts.map(each => `${each.labels['n']} ${each.status}`)
      if (acknowledged !== undefined) taken.push(acknowledged.by)
      told.push(all)
      for (const each of all) heard.set(each, [...(heard.get(each) ?? []), Date.now()])
    }
    if (waitMs > 0) await sleep(waitMs)
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heard,
    messages,
    told,
    taken,
    be(waitMs, status = 200) {
      mode = { waitMs, status }
    },
    forget() {
      heard.clear()
      messages.clear()
      told.length = 0
      taken.length = 0
    },
    missing: wanted => wanted.filter(each => !heard.has(each)),
    saidAgain: () =>
      told.length - new Set(told.map(each => each.toSorted().join(' '))).size - repeatedOf(messages),
    repeated: () => repeatedOf(messages),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const repeatedOf = (messages: ReadonlyMap<string, number>): number =>
  [...messages.values()].reduce((sum, each) => sum + each - 1, 0)
