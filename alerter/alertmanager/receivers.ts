// `receivers`: names, and the ways to tell each. Ways that we do not have are named, with what becomes of the alerts.
// Called by the reader of the configuration.
import type { Place } from '#core/config/problem.ts'
import { foundText, type Tree } from '#core/config/tree.ts'
import type { Integration, Receiver } from '../route.ts'
import { type At, below, complain, doubt, isEmpty, list, refuseKey } from './form.ts'
import type { GlobalSettings } from './global.ts'
import { receiverKinds } from './receiver-kinds.ts'
import { text } from './scalars.ts'
import { isGiven } from './together.ts'

// A way that is not there: which, and what it would have been.
type Lacking = Readonly<{ key: string; place: Place; instead: string }>

export function readReceivers(tree: Tree, at: At, global: GlobalSettings): ReadonlyMap<string, Receiver> {
  const receivers = new Map<string, Receiver>()
  list((item, spot) => {
    const receiver = readReceiver(item, spot, global)
    if (receiver === undefined) return undefined
    if (receivers.has(receiver.name))
      complain(item.place, spot, { wanted: 'each name once', found: `a second receiver ${receiver.name}` })
    else receivers.set(receiver.name, receiver)
    return receiver
  })(tree, at)
  return receivers
}

function readReceiver(tree: Tree, at: At, global: GlobalSettings): Receiver | undefined {
  if (tree.kind !== 'map') {
    complain(tree.place, at, { wanted: 'a receiver with a name', found: foundText(tree) })
    return undefined
  }
  const named = tree.keys.get('name')?.value
  const name = named === undefined ? '' : (text(named, below(at, 'name')) ?? '')
  if (name === '') complain(tree.place, at, { wanted: 'a name', found: 'none' })
  const integrations: Integration[] = []
  const lacking: Lacking[] = []
  for (const [key, { place, value }] of tree.keys) {
    if (key === 'name') continue
    const kind = Object.hasOwn(receiverKinds, key)
      ? receiverKinds[key as keyof typeof receiverKinds]
      : undefined
    if (kind === undefined) {
      refuseKey(key, place, { known: ['name', ...Object.keys(receiverKinds)], at })
      continue
    }
    if (isEmpty(value)) continue
    const found = list((item, spot) => kind.read(item, { at: spot, global }))(value, below(at, key)) ?? []
    for (const { settings, tellsEnds } of found) {
      const instead = kind.channel === undefined ? kind.instead : unsendable(key, settings)
      if (kind.channel === undefined || instead !== undefined)
        lacking.push({ key, place, instead: instead ?? '' })
      else
        integrations.push({
          id: idOf(name, kind.channel, integrations),
          channel: kind.channel,
          settings,
          tellsEnds,
        })
    }
  }
  tellLacking(name, { lacking, integrations, at })
  return { name, integrations }
}

// What cannot be sent by a way that is there otherwise: what to do about it.
const unsendable = (key: string, settings: object): string | undefined => {
  if (key === 'pagerduty_configs' && !('routing_key' in settings) && !('routing_key_file' in settings))
    return 'service_key is of an interface that PagerDuty has replaced: give it a routing_key'
  if (key === 'sns_configs' && !isSigned(settings))
    return "Plimsoll does not ask AWS' environment, profiles or roles for keys: state region, access_key and secret_key below sigv4"
  return undefined
}

const isSigned = ({ sigv4 = {} }: Readonly<{ sigv4?: object }>): boolean =>
  ['region', 'access_key', 'secret_key'].every(key => isGiven(sigv4[key as keyof typeof sigv4]))

const idOf = (name: string, channel: string, before: readonly Integration[]): string =>
  `${name}/${channel}/${before.filter(each => each.channel === channel).length}`

type Of = Readonly<{ lacking: readonly Lacking[]; integrations: readonly Integration[]; at: At }>

function tellLacking(name: string, { lacking, integrations, at }: Of): void {
  const others = [...new Set(integrations.map(each => each.channel))]
  const hence =
    others.length === 0
      ? 'its alerts go nowhere, since it has no other way'
      : `its alerts go out by its other ways only: ${others.join(', ')}`
  for (const key of new Set(lacking.map(each => each.key))) {
    const { place, instead } = lacking.find(each => each.key === key)!
    const found = `${key} of receiver ${name}, which Plimsoll does not send: ${hence}`
    doubt(place, below(at, key), { wanted: 'a way that Plimsoll has', found, hint: instead })
  }
}
