// An Alertmanager that remembers what it was told, by the label `series` of each alert. Called by the crash tests.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Told = Readonly<{ labels: Readonly<Record<string, string>>; startsAt: string; endsAt: string }>

export type Heard = AsyncDisposable &
  Readonly<{
    url: string
    // Told as firing with a beginning since then, or as over with an end since then.
    firesSince(series: string, sinceMs: number): boolean
    endedSince(series: string, sinceMs: number): boolean
    // How many beginnings it heard of.
    beginnings(): number
    alerts(): number
  }>

export async function openHeard(): Promise<Heard> {
  const begun = new Map<string, Set<number>>()
  const ended = new Map<string, number>()
  let alerts = 0
  // What fires has an end too, by which it is forgotten unless it is said again: minutes ahead.
  const hear = ({ labels, startsAt, endsAt }: Told): void => {
    const series = labels['series'] ?? ''
    const endMs = Date.parse(endsAt)
    alerts++
    if (endMs <= Date.now() + 60_000) ended.set(series, Math.max(endMs, ended.get(series) ?? 0))
    else begun.set(series, (begun.get(series) ?? new Set()).add(Date.parse(startsAt)))
  }
  const server = createServer(async (request, response) => {
    let text = ''
    try {
      for await (const part of request.setEncoding('utf8')) text += part
    } catch {
      return
    }
    for (const each of JSON.parse(text) as Told[]) hear(each)
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    firesSince: (series, sinceMs) => [...(begun.get(series) ?? [])].some(each => each >= sinceMs),
    endedSince: (series, sinceMs) => (ended.get(series) ?? 0) >= sinceMs,
    beginnings: () => [...begun.values()].reduce((sum, each) => sum + each.size, 0),
    alerts: () => alerts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
