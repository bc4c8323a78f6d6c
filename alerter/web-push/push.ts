// Sends to devices, and writes down how it went: a device that its service does not know any more is removed. Opened once
// by bin/; the channel and the addresses of the page share it.
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Trust } from '#core/guard.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { Secret } from '#core/secret.ts'
import type { State } from '#core/state.ts'
import type { Answer, Outgoing, Transport, Verdict } from '../channel.ts'
import { byStatus, limited, retryAfterMs, scrubbed } from '../http-channel.ts'
import type { Post } from '../post.ts'
import { type Device, type Devices, openDevices } from './devices.ts'
import type { Notification } from './notification.ts'
import { sealed } from './sealed.ts'
import { openVapidKeys, type Vapid, vapidHeader } from './vapid.ts'
import type { DeviceSaid, DeviceVerdict } from './verdicts.ts'

export interface Push {
  readonly devices: Devices
  // What browsers subscribe to.
  publicKey(): Promise<string>
  send(devices: readonly Device[], notification: Notification, how: How): Promise<readonly DeviceSaid[]>
  // Who wrote the addresses of devices.
  readonly trust: Trust
}

export type How = Readonly<{
  transport: Transport
  // Of whoever runs this; left out: the external URL.
  contact: string | undefined
  signal: AbortSignal
}>

export type PushOptions = Readonly<{
  state: State
  clock: Clock
  log: Log
  own: OwnMetrics
  post: Post
  externalUrl: string | undefined
  // Left out: `outsider`, since the addresses come from browsers.
  trust?: Trust
}>

const atOnce = 16

export function openPush(options: PushOptions): Push {
  const { clock, log, own, post, externalUrl, trust = 'outsider' } = options
  const devices = openDevices(options)
  const keys = openVapidKeys(options)
  const counted = own.counter('plimsoll_web_push_total')

  async function one(device: Device, request: Outgoing, { transport, signal }: How): Promise<DeviceVerdict> {
    const sent = await post.send(request, { transport, trust: trustFor(request, transport, trust), signal })
    const verdict = deviceVerdict(sent.ok ? byAnswer(sent.answer, clock.nowMs()) : sent.verdict)
    if (verdict.kind === 'accepted') return verdict
    return { ...verdict, reason: scrubbed(verdict.reason, new Secret(device.endpoint)) }
  }
  async function write(said: readonly Heard[]): Promise<void> {
    const told = said.filter(({ verdict }) => verdict.kind === 'accepted').map(({ of }) => of)
    if (told.length > 0) await devices.delivered(told)
    for (const { of, verdict } of said) {
      if (verdict.kind === 'gone') await devices.remove(of, 'web-push', verdict.reason)
      else if ('reason' in verdict) await devices.troubled(of, verdict.reason)
    }
  }
  return {
    devices,
    trust,
    publicKey: async () => (await keys.read()).publicKey,
    async send(found, notification, how) {
      const vapid = await keys.read()
      const subject = subjectOf(how.contact ?? externalUrl)
      const said: Heard[] = []
      await inTurns(found, atOnce, async of => {
        const request = requestFor(of, notification, { vapid, subject, nowMs: clock.nowMs() })
        const verdict = await one(of, request, how)
        counted.inc(1, { outcome: outcomes[verdict.kind] })
        said.push({ of, device: `${of.user}: ${of.name}`, verdict })
      })
      // They have it, whatever becomes of our notes.
      const whole = how.signal.aborted ? said.filter(({ verdict }) => verdict.kind !== 'later') : said
      await write(whole).catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error
        log.warn('alerter', 'how web push went could not be written down', { error })
      })
      return said
    },
  }
}

// Those of the makers of browsers.
const known =
  /(?:^|\.)(?:fcm\.googleapis\.com|push\.services\.mozilla\.com|push\.apple\.com|notify\.windows\.com)$/

// A proxy looks names up by itself, where the guard does not see it, so what a user names does not leave by one; what is
// certainly a push service does.
const trustFor = ({ url }: Outgoing, { proxy }: Transport, trust: Trust): Trust =>
  proxy !== undefined && known.test(new URL(url).hostname) ? 'operator' : trust

type Heard = DeviceSaid & Readonly<{ of: Device }>

const outcomes = { accepted: 'told', later: 'later', refused: 'failed', gone: 'gone' } as const

type Sender = Readonly<{ vapid: Vapid; subject: string | undefined; nowMs: number }>

function requestFor(
  { endpoint, p256dh, auth }: Device,
  { body, urgency, ttlS, topic }: Notification,
  { vapid, subject, nowMs }: Sender,
): Outgoing {
  const reader = { p256dh: Buffer.from(p256dh, 'base64url'), auth: Buffer.from(auth, 'base64url') }
  return {
    method: 'POST',
    url: endpoint,
    headers: {
      authorization: vapidHeader(vapid, { endpoint, subject, nowMs }),
      'content-encoding': 'aes128gcm',
      'content-type': 'application/octet-stream',
      ttl: String(ttlS),
      urgency,
      topic,
    },
    body: sealed(Buffer.from(body), reader),
  }
}

// Apple refuses addresses of this machine, and nobody else can write to them.
function subjectOf(contact: string | undefined): string | undefined {
  if (contact === undefined || contact.startsWith('http:')) return undefined
  return contact.startsWith('https:') ? contact : `mailto:${contact}`
}

// RFC 8030: 404 and 410 mean that the browser has ended it. A 400 is about keys and headers, which are the same for every
// message; Microsoft says 406 where others say 429.
function byAnswer(answer: Answer, nowMs: number): Verdict | DeviceVerdict {
  const { status } = answer
  if (status === 404 || status === 410) {
    return { kind: 'gone', reason: `answered ${status}: the browser does not want to be told any more` }
  }
  const verdict = byStatus(answer, nowMs)
  if (verdict.kind !== 'refused') return verdict
  if (status === 406) return limited(verdict.reason, retryAfterMs(answer.headers, nowMs))
  return status === 400 ? { ...verdict, because: 'settings' } : verdict
}

const deviceVerdict = (verdict: Verdict | DeviceVerdict): DeviceVerdict =>
  'reason' in verdict ? verdict : { kind: 'accepted' }

async function inTurns<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
}
