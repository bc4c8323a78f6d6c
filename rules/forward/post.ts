// One request to an Alertmanager, with a deadline, and what its answer means. Called by target.ts.
import type { Clock } from '#core/clock.ts'
import type { Secret } from '#core/secret.ts'

export type Target = Readonly<{
  url: string
  authorization?: Secret
  // What people see: no name, no password.
  shown: string
}>

// `refused` is about what was sent: the same would be refused again.
export type Outcome = Readonly<{ ok: true } | { ok: false; refused: boolean; reason: string }>

const deadlineMs = 10_000
const answerBytesMax = 65_536
const shownMax = 300

export async function post(
  { url, authorization }: Target,
  body: string,
  { clock, signal }: Readonly<{ clock: Clock; signal: AbortSignal }>,
): Promise<Outcome> {
  const late = new AbortController()
  const timer = clock.after(deadlineMs, () =>
    late.abort(new Error(`no answer within ${deadlineMs / 1_000} s`)),
  )
  const credentials = authorization === undefined ? {} : { authorization: authorization.reveal() }
  try {
    const reply = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'plimsoll', ...credentials },
      body,
      // Whoever sends us on would get the password of somebody else.
      redirect: 'manual',
      signal: AbortSignal.any([signal, late.signal]),
    })
    // Read to the end, so that the connection can be used again.
    const text = await textOf(reply)
    if (reply.ok) return { ok: true }
    const refused = reply.status === 400 || reply.status === 422
    return { ok: false, refused, reason: `answered ${reply.status}${text === '' ? '' : `: ${text}`}` }
  } catch (error) {
    return { ok: false, refused: false, reason: reasonOf(error) }
  } finally {
    timer.cancel()
  }
}

async function textOf({ body }: Response): Promise<string> {
  if (body === null) return ''
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    parts.push(part)
    size += part.length
    if (size > answerBytesMax) break
  }
  return Buffer.concat(parts).toString().replace(/\s+/g, ' ').trim().slice(0, shownMax)
}

// fetch hides what happened behind 'fetch failed'.
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  const { code, message: deeper } = (cause ?? {}) as NodeJS.ErrnoException
  return code ?? (deeper || message)
}
