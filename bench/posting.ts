// Alerts as a Prometheus posts them: bodies of so many, a few requests at a time. Called by the benchmarks of the
// alerter.
import { Agent, request } from 'node:http'

export const racks = 100
const validMs = 240_000

// In one rack of a hundred each; they begin now, so that every one who is told waits as long as his settings say.
export function bodiesOf(alerts: number, each: number, name = 'HighCpu'): Buffer[] {
  const nowMs = Date.now()
  const [startsAt, endsAt] = [nowMs, nowMs + validMs].map(atMs => new Date(atMs).toISOString())
  const all = Array.from({ length: alerts }, (_, number) => ({
    labels: {
      alertname: name,
      dc: `dc${number % 5}`,
      instance: `host-${String(number).padStart(6, '0')}:9100`,
      rack: `r${number % racks}`,
      severity: 'warning',
    },
    annotations: {
      description: `value ${(90 + (number % 100) / 10).toFixed(1)} > 90 for 5m`,
      summary: `CPU of host-${number} is above 90 %`,
    },
    startsAt,
    endsAt,
    generatorURL: 'http://prometheus.example.org/graph?g0.expr=cpu+%3E+90&g0.tab=1',
  }))
  const bodies: Buffer[] = []
  for (let at = 0; at < alerts; at += each) bodies.push(Buffer.from(JSON.stringify(all.slice(at, at + each))))
  return bodies
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 })

// As many at a time as there are connections. Answers with how many were not taken.
export async function postAlerts(origin: string, bodies: readonly Buffer[]): Promise<number> {
  const statuses = await Promise.all(bodies.map(body => postOne(origin, body)))
  return statuses.filter(status => status !== 200).length
}

// 0: the connection broke before there was an answer.
export function postOne(origin: string, body: Buffer): Promise<number> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  return new Promise(resolve => {
    const sent = request(`${origin}/api/v2/alerts`, { method: 'POST', agent, headers }, answer => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
      answer.on('error', () => resolve(0))
    })
    sent.on('error', () => resolve(0))
    sent.end(body)
  })
}
