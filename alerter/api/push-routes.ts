// Web push for people: the page /push with its files, and the addresses by which a browser is added, tried and removed.
// A device is of somebody who has logged in; administrators see and remove those of all. Called by bin/.
import { z } from 'zod'
import { openLimiter } from '#core/auth/limiter.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { type Language, languageOf } from '#core/http/language.ts'
import { page } from '#core/http/page.ts'
import { type Answer, type Call, type Route, route } from '#core/http/route.ts'
import type { Transport } from '../channel.ts'
import type { Device } from '../web-push/devices.ts'
import { trialOf } from '../web-push/notification.ts'
import type { Push } from '../web-push/push.ts'
import { checkEndpoint, subscriptionSchema } from '../web-push/subscription.ts'
import { icon, manifest, pageScript, workerScript } from './push/files.ts'
import { pushPage, trialWords } from './push/page.ts'

export type PushParts = Readonly<{
  push: Push
  clock: Clock
  language: Language
  // Names of receivers that tell somebody by web push, as the configuration is now.
  receiversOf(user: string): readonly string[]
  // As they send: by which proxy, and whom push services may write to.
  way(): Readonly<{ transport: Transport; contact: string | undefined }>
}>

const path = '/api/plimsoll/v1/push/devices'
const timeMs = z.number().int().nonnegative()

const deviceSchema = z.object({
  id: z.string(),
  user: z.string(),
  name: z.string(),
  service: z.string().describe('The host of its push service.'),
  createdAtMs: timeMs,
  deliveredAtMs: timeMs.nullable(),
  trouble: z.object({ atMs: timeMs, text: z.string() }).nullable(),
})

const listAsked = z.object({
  all: z.enum(['true', 'false']).optional().describe('`true`: those of everybody, for administrators.'),
})

// What a test may cost.
const testsBurst = 5
const testRefillMs = 10_000

export const pushRoutes = (parts: PushParts): readonly Route[] => [
  route({
    method: 'GET',
    path: '/push',
    scope: 'read',
    summary: 'The page on which people add the browser that they look at, and remove it.',
    handle({ principal, headers }) {
      const user = userOf(principal)
      const language = languageOf(headers['accept-language'], parts.language)
      return page(pushPage({ user, receivers: parts.receiversOf(user) }, language), { scripts: true })
    },
  }),
  ...deviceRoutes(parts),
  testRoute(parts),
  ...fileRoutes,
]

const deviceRoutes = ({ push }: PushParts): readonly Route[] => [
  route<z.output<typeof listAsked>, unknown>({
    method: 'GET',
    path,
    scope: 'read',
    summary: 'Devices that are told by web push, and the key to which browsers subscribe.',
    query: listAsked,
    answer: z.object({ publicKey: z.string(), devices: z.array(deviceSchema) }),
    async handle({ query, principal }) {
      const isAll = query.all === 'true'
      if (isAll && !principal.scopes.includes('admin'))
        throw new Failure('forbidden', 'the devices of others are for administrators')
      const whom = isAll ? 'everyone' : { users: [userOf(principal)] }
      const devices = await push.devices.list(whom)
      return { body: { publicKey: await push.publicKey(), devices: devices.map(deviceJson) } }
    },
  }),
  route({
    method: 'POST',
    path,
    scope: 'read',
    summary: 'Adds the browser of whoever asks: what its PushSubscription says, and a name.',
    body: subscriptionSchema,
    bodyMaxBytes: 8_192,
    answer: deviceSchema,
    async handle({ body, principal }) {
      const user = userOf(principal)
      checkEndpoint(body.endpoint, push.trust)
      return { status: 201, body: deviceJson(await push.devices.add(user, body)) }
    },
  }),
  route({
    method: 'DELETE',
    path: `${path}/:id`,
    scope: 'read',
    summary: 'Removes a device: an own one, or as an administrator anyone’s.',
    async handle({ params, principal }) {
      const whose = principal.scopes.includes('admin') ? undefined : userOf(principal)
      const device = await find(push, params['id'], whose)
      await push.devices.remove(device, principal.name, 'it was asked for')
      return {}
    },
  }),
]

function testRoute({ push, clock, language, way }: PushParts): Route {
  const limiter = openLimiter(clock, { burst: testsBurst, refillMs: testRefillMs, keysMax: 1_000 })
  return route({
    method: 'POST',
    path: `${path}/:id/test`,
    scope: 'read',
    summary: 'Sends a test to an own device. `said` is why that did not work, or null.',
    answer: z.object({ said: z.string().nullable() }),
    async handle({ params, principal, headers, signal }) {
      const user = userOf(principal)
      const device = await find(push, params['id'], user)
      const waitMs = limiter.take(user)
      if (waitMs > 0) return { body: { said: `too many tests: again in ${Math.ceil(waitMs / 1_000)} s` } }
      const words = trialWords[languageOf(headers['accept-language'], language)]
      const [found] = await push.send([device], trialOf(words, clock.nowMs()), { ...way(), signal })
      const { verdict } = found!
      return { body: { said: 'reason' in verdict ? verdict.reason : null } }
    },
  })
}

// What a browser fetches by itself, without the login: nothing of it says anything of this installation.
const file = (name: string, scope: Route['scope'], handle: () => Answer): Route =>
  route({ method: 'GET', path: name, scope, summary: 'A file of the page /push.', handle })

const fileRoutes: readonly Route[] = [
  file('/push-page.js', 'read', pageScript),
  file('/push-worker.js', 'read', workerScript),
  file('/push.webmanifest', 'open', manifest),
  file('/push-icon.png', 'open', () => icon(192)),
  file('/push-icon-512.png', 'open', () => icon(512)),
]

function userOf({ kind, name }: Call['principal']): string {
  if (kind === 'user') return name
  // A browser is led to the login.
  if (kind === 'anonymous')
    throw new Failure('unauthorised', 'a device belongs to somebody who has logged in')
  throw new Failure('forbidden', 'a device belongs to somebody who has logged in; a token is nobody')
}

async function find(push: Push, id = '', whose: string | undefined): Promise<Device> {
  const device = await push.devices.find(id, whose)
  if (device === undefined) throw new Failure('not_found', `there is no device ${id.slice(0, 40)}`)
  return device
}

// Not the address and the keys: whoever has those can write to the device.
const deviceJson = ({ id, user, name, endpoint, createdAtMs, deliveredAtMs, trouble }: Device) => ({
  ...{ id, user, name, service: new URL(endpoint).host },
  ...{ createdAtMs, deliveredAtMs, trouble },
})
