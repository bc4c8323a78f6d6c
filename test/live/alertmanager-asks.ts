// What somebody asks of a process by Alertmanager's API, and posts there until it is taken. Called by
// alerter-fleet.test.ts, and by capacity-fleet.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from '../running.ts'

export type Posted = Readonly<{ labels: Readonly<Record<string, string>>; startsAt: string; endsAt?: string }>

export const asking = ({ token }: Running): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
})

export async function answerOf<T>(service: Running, path: string): Promise<T> {
  const answer = await fetch(`${service.origin}${path}`, { headers: asking(service) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  return JSON.parse(text) as T
}

export const alerts = (
  prefix: string,
  { count, groups }: Readonly<{ count: number; groups: number }>,
  startsAtMs = Date.now(),
): readonly Posted[] =>
  Array.from({ length: count }, (_, at) => ({
    labels: { alertname: 'Storm', n: `${prefix}-${at}`, rack: `${prefix}-r${at % groups}` },
    startsAt: new Date(startsAtMs).toISOString(),
  }))

export const ended = (all: readonly Posted[]): readonly Posted[] => {
  const endsAt = new Date().toISOString()
  return all.map(each => ({ ...each, endsAt }))
}

export const keys = (all: readonly Posted[], status: string): readonly string[] =>
  all.map(({ labels }) => `${labels['n']} ${status}`)

export type Refusal = Readonly<{ status: number; retryAfter: string | null }>

// Until it is acknowledged; what was refused before is the answer.
export async function post(service: () => Running, all: readonly Posted[]): Promise<readonly Refusal[]> {
  const body = JSON.stringify(all)
  const refusals: Refusal[] = []
  for (;;) {
    const running = service()
    const url = `${running.origin}/api/v2/alerts`
    const sent = { method: 'POST', headers: asking(running), body }
    const answer = await fetch(url, sent).catch(() => undefined)
    await answer?.arrayBuffer().catch(() => {})
    if (answer?.status === 200) return refusals
    refusals.push({ status: answer?.status ?? 0, retryAfter: answer?.headers.get('retry-after') ?? null })
    await sleep(answer === undefined ? 50 : 200)
  }
}

export async function silence(service: Running, rack: string, durationMs: number): Promise<string> {
  const nowMs = Date.now()
  const body = JSON.stringify({
    matchers: [{ name: 'rack', value: rack, isRegex: false, isEqual: true }],
    startsAt: new Date(nowMs).toISOString(),
    endsAt: new Date(nowMs + durationMs).toISOString(),
    createdBy: 'ann',
    comment: 'at work',
  })
  const url = `${service.origin}/api/v2/silences`
  const answer = await fetch(url, { method: 'POST', headers: asking(service), body })
  return ((await answer.json()) as { silenceID: string }).silenceID
}

export const hasTurn = async (service: Running, room = 'alerter'): Promise<boolean> => {
  const answer = await fetch(`${service.origin}/metrics`, { headers: asking(service) })
  return new RegExp(`^plimsoll_lease_held\\{[^}]*${room}[^}]*\\} 1`, 'm').test(await answer.text())
}
