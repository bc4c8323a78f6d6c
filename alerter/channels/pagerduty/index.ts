// PagerDuty: Events v2. The key of a group is Alertmanager's, so that what that opened is closed by us; what nobody has to
// handle becomes a change event, which opens no incident.
import { z } from 'zod'
import { secret, text } from '#core/config/values.ts'
import { Secret } from '#core/secret.ts'
import type { Answer, Around, HttpChannel, Verdict } from '../../channel.ts'
import { byStatus, digestOf, fieldsOf, httpChannel, later, limited } from '../../http-channel.ts'
import { hook, http, jsonHeaders } from '../../http-settings.ts'
import { pagerdutyHears } from '../../inbound/pagerduty.ts'
import type { Message } from '../../message.ts'
import { sayWithin } from '../../said.ts'
import { filled, hiding, isTemplate, placeText, templatesOf } from '../../templated.ts'
import { eventOf, isEvent, oldEventOf } from './event.ts'

const keys = z.strictObject({
  routing_key: secret.optional().describe('The integration key of Events v2, or a template of it.'),
  service_key: secret.optional().describe('That of the older API; it outranks the other.'),
  webhook_secret: secret
    .optional()
    .describe('That of a webhook of version 3, which tells us who acknowledges there.'),
  url: hook
    .prefault('https://events.pagerduty.com/v2/enqueue')
    .describe('In Europe https://events.eu.pagerduty.com/v2/enqueue.'),
  client: text.optional().describe('Who is said to watch; left out: Plimsoll.'),
  client_url: text.optional().describe('Where that leads; left out: to the incident.'),
  source: text.optional().describe('What is said to be broken; left out: the client.'),
  class: text.optional().describe('The class of the event.'),
  component: text.optional().describe('The component that is broken.'),
  group: text.optional().describe('The group that it belongs to.'),
  description: text.optional().describe('A template that outranks our own title.'),
  severity: text
    .optional()
    .describe('One of critical, error, warning and info, or a template of it; left out: by the urgency.'),
  details: z.record(z.string(), z.unknown()).prefault({}).describe('Further details; templates.'),
  links: z
    .array(z.strictObject({ href: text, text: text.optional() }))
    .prefault([])
    .describe('Further links, after ours; templates.'),
  images: z
    .array(z.strictObject({ src: text, alt: text.optional(), href: text.optional() }))
    .prefault([])
    .describe('Pictures by their addresses; templates.'),
  http_config: http,
})
const settings = keys
  .refine(found => found.routing_key !== undefined || found.service_key !== undefined, {
    error: 'routing_key or service_key',
  })
  .transform(({ routing_key: key, service_key: old, ...rest }) => ({
    ...rest,
    key: (old ?? key)!,
    isOld: old !== undefined,
  }))

type Settings = z.output<typeof settings>

const templated = [
  'client',
  'client_url',
  'description',
  'severity',
  'source',
  'class',
  'component',
  'group',
  'details',
  'links',
  'images',
] as const

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'pagerduty',
  about: {
    is: 'Events of PagerDuty: v2, or the older API.',
    success: '202 with `status: success` in the body',
    size: '100 000 bytes; 1 024 characters of title',
    proof: 'the key',
    pictures: false,
    follows: 'opens and closes one incident there',
    receipts: 'who acknowledges there',
    example: { routing_key: 'KEY' },
  },
  settings,
  hears: pagerdutyHears,
  // 120 a minute of one key.
  digests: false,
  budgets: ({ key }) => [{ key: `pagerduty:${digestOf(key)}`, times: 60, perMs: 60_000, reserve: 20 }],
  places: ['routing_key', 'service_key'],
  texts: found => ({
    ...templatesOf(found, templated),
    ...(isTemplate(found.key.reveal()) && { [keyName(found)]: found.key.reveal() }),
  }),
  transport: found => found.http_config.transport,
  requests(message, found, around) {
    const told = { ...filled(found, templated, around), key: keyFor(found, around) }
    const body = sayWithin(message, {
      texts: { title: told.description },
      escape: each => each,
      titleMax: 1_024,
      max: 100_000,
      make: said => JSON.stringify((found.isOld ? oldEventOf : eventOf)(message, said, told)),
      size: made => Buffer.byteLength(made),
    })
    const headers = jsonHeaders(found.http_config)
    return [{ method: 'POST', url: urlOf(message, found), headers, body }]
  },
  verdict: (answer, found, around) =>
    hiding(keyName(found), judge(answer, found.isOld, around.nowMs), around),
})

const keyName = ({ isOld }: Settings): string => (isOld ? 'service_key' : 'routing_key')

const keyFor = (found: Settings, around: Around): Secret =>
  new Secret(placeText(keyName(found), found.key.reveal(), around))

function urlOf(message: Message, { url, isOld }: Settings): string {
  const path = isOld
    ? '/generic/2010-04-15/create_event.json'
    : isEvent(message)
      ? undefined
      : '/v2/change/enqueue'
  return path === undefined ? url.reveal() : url.reveal().replace(/\/v2\/enqueue$/, path)
}

function judge(answer: Answer, isOld: boolean, nowMs: number): Verdict {
  // The older API calls too fast what others call forbidden.
  if (isOld && answer.status === 403) return limited(`answered 403: ${answer.body}`)
  const verdict = byStatus(answer, nowMs)
  if (verdict.kind === 'refused' && answer.status === 400) {
    // It calls a wrong key a bad message.
    const isKey = /routing_key|service key|integration/i.test(answer.body)
    return { ...verdict, because: isKey ? 'settings' : 'message' }
  }
  if (verdict.kind !== 'delivered') return verdict
  const { status, dedup_key: key, incident_key: old } = fieldsOf(answer.body) ?? {}
  if (status !== 'success') return later(`answered ${answer.status} without success: ${answer.body}`)
  const receipt = key ?? old
  return { kind: 'delivered', ...(typeof receipt === 'string' ? { receipt } : {}) }
}
