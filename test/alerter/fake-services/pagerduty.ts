import { type Fake, jsonOf, key, type Loose, limiter } from './fake.ts'

// Events v2, and change events beside it.
export function pagerduty(): Fake {
  const isTooMuch = limiter(120, 60_000)
  return {
    settings: (origin, secret) => ({ routing_key: secret, url: `${origin}/v2/enqueue` }),
    answer(asked, nowMs) {
      const no = (errors: readonly string[]) => ({
        status: 400,
        body: { status: 'invalid event', message: 'Event object is invalid', errors },
      })
      const { routing_key: given, event_action: action, payload, dedup_key: dedup } = jsonOf(asked)
      if (given !== key) return no([`'routing_key' ${given} is invalid`])
      if (isTooMuch(nowMs)) return { status: 429, body: { status: 'throttled' } }
      if (asked.bytes.length > 512_000) return { status: 413 }
      if (payload.summary === '' || payload.summary.length > 1_024)
        return no(["'payload.summary' is too long"])
      if (asked.url.pathname === '/v2/change/enqueue') return { status: 202, body: { status: 'success' } }
      if (!['trigger', 'resolve'].includes(action)) return no(["'event_action' is unknown"])
      if (!['critical', 'error', 'warning', 'info'].includes(payload.severity))
        return no(["'payload.severity'"])
      if (dedup.length > 255) return no(["'dedup_key' is too long"])
      return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: dedup } }
    },
    read(asked) {
      const { links } = jsonOf(asked)
      return { calls: [], links: links.map((each: Loose) => each.href), markup: [] }
    },
  }
}
