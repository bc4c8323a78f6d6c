// `channels:` of plimsoll.yml → receivers: each name has one channel, several that all are told, or several of which the
// next is taken when one fails. Called by bin/ with the schema of the whole file.
import { z } from 'zod'
import { didYouMean } from '#core/config/problem.ts'
import { duration, text } from '#core/config/values.ts'
import { urgentFirst } from './alertmanager/routes.ts'
import type { Channel } from './channel.ts'
import { channels } from './channels/index.ts'
import { type Failover, failover } from './failover.ts'
import type { Integration, Receiver, Route } from './route.ts'

const withinUsualMs = 60_000
const membersMax = 20
const namesMax = 1_000

// `receiver/channel/number` are the parts of an id.
const name = text.regex(/^[^/\s][^/\n]{0,99}$/, { error: 'a name without /' })
const names = z.array(text).min(1, { error: 'at least one name' }).max(membersMax)

const kinds = Object.fromEntries(
  Object.entries(channels).map(([key, channel]): [string, z.ZodOptional<Channel['settings']>] => [
    key,
    channel.settings.optional().describe(`By ${key}; docs/channels.md has its settings.`),
  ]),
)

const shared = {
  all: names.optional().describe('Names of channels that all are told.'),
  failover: names
    .optional()
    .describe('Names of channels in their order: the next is taken when one fails, or takes too long.'),
  within: duration({ atLeast: '1s', atMost: '1d' })
    .optional()
    .describe('How long one of `failover` may take before the next is tried; left out: 1m.'),
  receipt_within: duration({ atLeast: '1s', atMost: '1d' })
    .optional()
    .describe(
      'Of `failover`: how long an urgent message may be without the receipt of its service, before the next is tried. Left out: no receipt is waited for. Only for services that send receipts.',
    ),
  ends: z
    .boolean()
    .optional()
    .describe(
      'Whether it is told that something ended; whoever was told that it began should be. Left out: yes, but nobody is called for it (`voice-…`).',
    ),
}

// Names of the ways that one may have, of which each has one.
const wayNames = [...Object.keys(kinds), 'failover', 'all']

const channel = z.strictObject({ ...kinds, ...shared })

type Raw = Readonly<Record<string, unknown>>
type Found = z.output<typeof channel>

// To be the key `channels` of the configuration.
export const channelsSchema = z
  .record(name, channel)
  .refine(found => Object.keys(found).length <= namesMax, { error: `at most ${namesMax} names` })
  .transform((found, context) => receiversOf(new Map(Object.entries(found)), context))

type Refuse = Pick<z.RefinementCtx, 'addIssue' | 'issues'>
type All = ReadonlyMap<string, Found>

function receiversOf(all: All, context: Refuse): ReadonlyMap<string, Receiver> {
  // An unknown key may be the one that is missed.
  if (context.issues.length > 0) return new Map()
  const around = { all, context }
  const isSound = [...all]
    .map(([key, found]) => isOne(key, found, context) && areKnown(key, found, around))
    .every(each => each)
  if (!isSound || [...all.keys()].map(key => isLoop(key, around)).some(each => each)) return new Map()
  const made = new Map<string, Receiver>()
  for (const key of all.keys()) made.set(key, { name: key, integrations: integrationsOf(key, all) })
  return made
}

type Around = Readonly<{ all: All; context: Refuse }>

const membersOf = ({ all, failover: order }: Found): readonly string[] => order ?? all ?? []

function isOne(key: string, found: Found, context: Refuse): boolean {
  const stated = wayNames.filter(each => (found as Raw)[each] !== undefined)
  const refuse = (path: readonly string[], message: string): void =>
    context.addIssue({ code: 'custom', path: [key, ...path], message })
  if (stated.length !== 1) refuse([], 'one channel, `failover` or `all`')
  const extra = (['within', 'receipt_within'] as const).filter(
    each => found.failover === undefined && found[each] !== undefined,
  )
  for (const each of extra) refuse([each], 'it beside `failover` only')
  return stated.length === 1 && extra.length === 0
}

function areKnown(key: string, found: Found, { all, context }: Around): boolean {
  const list = found.failover === undefined ? 'all' : 'failover'
  let isSound = true
  const refuse = (at: number, message: string, hint?: string): void => {
    isSound = false
    context.addIssue({ code: 'custom', path: [key, list, at], message, params: { hint } })
  }
  for (const [at, member] of membersOf(found).entries()) {
    const target = all.get(member)
    if (target === undefined) refuse(at, 'the name of a channel', didYouMean(member, [...all.keys()]))
    // Nobody could say whether it was told.
    else if (list === 'failover' && target.all !== undefined)
      refuse(at, 'a channel or another failover', `${member} is several that all are told`)
  }
  return isSound
}

function isLoop(key: string, { all, context }: Around): boolean {
  const seen = new Set<string>()
  const walk = (at: string): boolean =>
    membersOf(all.get(at)!).some(each => {
      if (each === key) return true
      if (seen.has(each)) return false
      seen.add(each)
      return walk(each)
    })
  if (!walk(key)) return false
  const list = all.get(key)?.failover === undefined ? 'all' : 'failover'
  context.addIssue({ code: 'custom', path: [key, list], message: 'names that do not lead back to it' })
  return true
}

// The same way has the same id wherever it is named, so that what is known of it is known there.
function integrationsOf(key: string, all: All): readonly Integration[] {
  const found = all.get(key)!
  if (found.all !== undefined) return once(found.all.flatMap(each => integrationsOf(each, all)))
  if (found.failover !== undefined) {
    const settings: Failover = {
      order: orderOf(key, all),
      withinMs: found.within ?? withinUsualMs,
      receiptMs: found.receipt_within ?? null,
    }
    const tellsEnds = found.ends ?? settings.order.some(each => each.tellsEnds)
    return [{ id: `${key}/${failover}/0`, channel: failover, settings, tellsEnds }]
  }
  const kind = Object.keys(kinds).find(each => (found as Raw)[each] !== undefined)!
  const tellsEnds = found.ends ?? endsByDefault(kind)
  return [{ id: `${key}/${kind}/0`, channel: kind, settings: (found as Raw)[kind], tellsEnds }]
}

// Nobody is called at night to be told that it works again.
export const endsByDefault = (kind: string): boolean => !kind.startsWith('voice-')

const orderOf = (key: string, all: All): readonly Integration[] =>
  once(
    membersOf(all.get(key)!).flatMap(each =>
      all.get(each)?.failover === undefined ? integrationsOf(each, all) : orderOf(each, all),
    ),
  )

const once = (found: readonly Integration[]): readonly Integration[] => [
  ...new Map(found.map(each => [each.id, each])).values(),
]

// Where no tree says who is told: `default`, or the only one that no other names. Nothing where it is not clear.
export function routeWithoutTree(receivers: ReadonlyMap<string, Receiver>): Route | undefined {
  const receiver = receivers.has('default') ? 'default' : onlyOne(receivers)
  if (receiver === undefined) return undefined
  return {
    key: '{}',
    matchers: [],
    receiver,
    groupBy: ['alertname'],
    groupWaitMs: 30_000,
    groupIntervalMs: 300_000,
    ...urgentFirst,
    repeatMs: 14_400_000,
    continues: false,
    mutes: [],
    actives: [],
    routes: [],
  }
}

function onlyOne(receivers: ReadonlyMap<string, Receiver>): string | undefined {
  const named = new Set<string>()
  for (const { name: self, integrations } of receivers.values()) {
    for (const { id, channel: kind, settings } of integrations) {
      const ids = kind === failover ? (settings as Failover).order.map(each => each.id) : [id]
      for (const each of ids) if (!each.startsWith(`${self}/`)) named.add(each.slice(0, each.indexOf('/')))
    }
  }
  const heads = [...receivers.keys()].filter(each => !named.has(each))
  return heads.length === 1 ? heads[0] : undefined
}
