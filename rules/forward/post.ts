// Requests to one Alertmanager on kept connections: each with a deadline, only to where core/guard.ts lets us, and what
// its answer means. Opened by target.ts.
import type { IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { bodyText } from '#core/body-text.ts'
import type { Clock } from '#core/clock.ts'
import { guardedLookup, refusalOf } from '#core/guard.ts'
import { Agent as HttpAgent, request as httpRequest } from '#core/http/node-http.ts'
import type { Secret } from '#core/secret.ts'

export type Target = Readonly<{
  url: string
  authorization?: Secret
  // What people see: no name, no password.
  shown: string
}>

// `refused` is about what was sent: the same would be refused again.
export type Outcome = Readonly<{ ok: true } | { ok: false; refused: boolean; reason: string }>

export interface Post {
  send(body: string, signal: AbortSignal): Promise<Outcome>
  close(): void
}

const deadlineMs = 10_000
// Ended by us when nobody has used it for a while, so that the other side never has a reason to.
const keptMs = 15_000
const answerBytesMax = 65_536
const shownMax = 300

export function openPost(
  { url, authorization }: Target,
  clock: Clock,
  lookup = guardedLookup('operator'),
): Post {
  const to = new URL(url)
  const kept = { keepAlive: true, timeout: keptMs, lookup }
  const [request, agent] =
    to.protocol === 'https:' ? [httpsRequest, new HttpsAgent(kept)] : [httpRequest, new HttpAgent(kept)]
  const credentials = authorization === undefined ? {} : { authorization: authorization.reveal() }
  const headers = { 'content-type': 'application/json', 'user-agent': 'plimsoll', ...credentials }
  const ask = (body: string, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const asked = request(to, { method: 'POST', agent, headers, signal })
      asked.on('response', resolve)
      asked.on('error', error => {
        // It ended the connection just when we took it up again; the next one is new.
        const isStale = asked.reusedSocket && codeOf(error) === 'ECONNRESET' && !signal.aborted
        if (isStale) resolve(ask(body, signal))
        else reject(error)
      })
      asked.end(body)
    })
  return {
    async send(body, signal) {
      const why = refusalOf(to.hostname, 'operator')
      if (why !== undefined) return failed(why)
      const late = new AbortController()
      const timer = clock.after(deadlineMs, () => late.abort())
      try {
        // Whoever sends us on would get the password of somebody else, so nobody is followed.
        const reply = await ask(body, AbortSignal.any([signal, late.signal]))
        // Read to the end, so that the connection can be used again.
        const said = await bodyText(reply, answerBytesMax)
        const text = said.replace(/\s+/g, ' ').trim().slice(0, shownMax)
        const { statusCode: status = 0 } = reply
        if (status >= 200 && status < 300) return { ok: true }
        const reason = `answered ${status}${text === '' ? '' : `: ${text}`}`
        return { ok: false, refused: status === 400 || status === 422, reason }
      } catch (error) {
        if (late.signal.aborted) return failed(`no answer within ${deadlineMs / 1_000} s`)
        return failed(codeOf(error) ?? (error as Error).message)
      } finally {
        timer.cancel()
      }
    },
    close: () => agent.destroy(),
  }
}

const failed = (reason: string): Outcome => ({ ok: false, refused: false, reason })

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
