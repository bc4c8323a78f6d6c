// Webhook: Alertmanager's payload to the letter (version 4), so that whatever reads that reads us. What we add is in
// headers: the id of the message, and a signature where a secret is set.
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { count, duration, secret } from '#core/config/values.ts'
import type { Answer, Around, HttpChannel, Verdict } from '../../channel.ts'
import { byStatus, httpChannel } from '../../http-channel.ts'
import { hook, http, jsonHeaders } from '../../http-settings.ts'
import { hiding, isTemplate, NoPlace, placeText } from '../../templated.ts'
import { payloadOf } from './payload.ts'

const settings = z
  .strictObject({
    url: hook.describe('Where it is sent. Its path may be a template.'),
    max_alerts: count(0, 1_000_000).prefault(0).describe('The most alerts of one message; 0: all.'),
    timeout: duration({ atMost: '5m' })
      .prefault(0)
      .describe('Outranks that of `http_config`; 0: it does not.'),
    secret: secret.optional().describe('Signs each request, in the header X-Plimsoll-Signature.'),
    http_config: http,
  })
  .transform(({ timeout, http_config: found, max_alerts: alertsMax, ...rest }) => {
    const transport = timeout === 0 ? found.transport : { ...found.transport, timeoutMs: timeout }
    return { ...rest, alertsMax, http: { ...found, transport } }
  })

type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'webhook',
  about: {
    is: "Alertmanager's payload (version 4), to any address.",
    success: 'status 2xx',
    size: '`max_alerts`; else as long as it is',
    proof: '`secret`: HMAC-SHA256 in a header',
    pictures: false,
    example: { url: 'https://tickets.example.org/hook' },
  },
  settings,
  budgets: () => [],
  places: ['url'],
  texts: ({ url }) => (isTemplate(url.reveal()) ? { url: url.reveal() } : {}),
  transport: ({ http: found }) => found.transport,
  requests(message, { url, alertsMax, secret: key, http: found }, around) {
    const body = JSON.stringify(payloadOf(message, alertsMax))
    const signature =
      key === undefined ? {} : { 'x-plimsoll-signature': sign(body, key.reveal(), around.nowMs) }
    const headers = jsonHeaders(found, { 'x-plimsoll-message': message.id, ...signature })
    // As bytes: a long text is kept until V8 next looks through all that is old, and a storm has a hundred of them.
    return [{ method: 'POST', url: placeOf(url.reveal(), around), headers, body: Buffer.from(body) }]
  },
  verdict: (answer, _, around) => hiding('url', verdictOf(answer, around.nowMs), around),
})

const tooLarge = [413, 431]

// A proxy says 400 too, or a receiver that is being replaced: the same payload comes again, as long as it is. What is too
// large comes with fewer alerts.
function verdictOf(answer: Answer, nowMs: number): Verdict {
  const verdict = byStatus(answer, nowMs)
  const isUnclear =
    verdict.kind === 'refused' && verdict.because === 'message' && !tooLarge.includes(answer.status)
  return isUnclear ? { ...verdict, because: 'unclear' } : verdict
}

// An alert may say which page of a host is told, but not which host.
function placeOf(url: string, around: Around): string {
  const made = placeText('url', url, around)
  if (made === url || URL.parse(made)?.origin === new URL(url).origin) return made
  throw new NoPlace('url is a template, which leads elsewhere than to its host for this message')
}

// `t=SECONDS,v1=HEX`, HMAC-SHA256 over `SECONDS.BODY`: an old request cannot be sent again by somebody else.
function sign(body: string, key: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000)
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`
}
