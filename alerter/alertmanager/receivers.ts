// `receivers`: names, and the ways to tell each. Ways that we do not have are named, with what becomes of the alerts.
// Called by the reader of the configuration.
import type { Place } from '#core/config/problem.ts'
import { foundText, type Tree } from '#core/config/tree.ts'
import type { Integration, Receiver, Unready } from '../route.ts'
import { type At, below, complain, doubt, isEmpty, list, refuseKey } from './form.ts'
import type { GlobalSettings } from './global.ts'
import type { HttpSettings } from './http-config.ts'
import { receiverKinds } from './receiver-kinds.ts'
import { text } from './scalars.ts'
import { henceOf, unsendable } from './unsendable.ts'

// A way that is not there: which, and what it would have been.
type Lacking = Readonly<{ key: string; place: Place; instead: string }>

// `channels` are names of receivers that stand elsewhere.
type Around = Readonly<{ global: GlobalSettings; channels: ReadonlySet<string> }>

export function readReceivers(tree: Tree, at: At, around: Around): ReadonlyMap<string, Receiver> {
  const receivers = new Map<string, Receiver>()
  list((item, spot) => {
    const receiver = readReceiver(item, spot, around)
    if (receiver === undefined) return undefined
    if (receivers.has(receiver.name))
      complain(item.place, spot, { wanted: 'each name once', found: `a second receiver ${receiver.name}` })
    else receivers.set(receiver.name, receiver)
    return receiver
  })(tree, at)
  return receivers
}

function readReceiver(tree: Tree, at: At, { global, channels }: Around): Receiver | undefined {
  // Alertmanager asks for a name only where there is something. No route can lead to one that has none.
  if (isEmpty(tree)) return { name: '', integrations: [] }
  if (tree.kind !== 'map') {
    complain(tree.place, at, { wanted: 'a receiver with a name', found: foundText(tree) })
    return undefined
  }
  const named = tree.keys.get('name')?.value
  const name = named === undefined ? '' : (text(named, below(at, 'name')) ?? '')
  if (name === '') complain(tree.place, at, { wanted: 'a name', found: 'none' })
  const integrations: Integration[] = []
  const lacking: Lacking[] = []
  const numbered = new Map<string, number>()
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
    const work = { ...at.work, receiver: name }
    const found = list((item, spot) => {
      const settled = kind.read(item, { at: spot, global })
      return settled && { ...settled, unready: unreadyOf(settled.settings, spot, global) }
    })(value, { ...below(at, key), work })
    for (const { settings, tellsEnds, unready } of found ?? []) {
      const { channel } = kind
      const instead = channel === undefined ? kind.instead : unsendable(key, settings)
      // Also of those that are not there: a secret that comes later may decide about that, and nobody else's name.
      const number = numbered.get(channel ?? '') ?? 0
      numbered.set(channel ?? '', number + 1)
      if (channel === undefined || instead !== undefined) lacking.push({ key, place, instead: instead ?? '' })
      else {
        const id = `${name}/${channel}/${number}`
        integrations.push({ id, channel, settings, tellsEnds, ...(unready && { unready }) })
      }
    }
  }
  tellLacking(name, { lacking, integrations, at, isChannel: channels.has(name) })
  return { name, integrations }
}

// By a file that it names itself, or by one of the `http_config` that it has from `global`.
function unreadyOf(settings: object, { path, work }: At, global: GlobalSettings): Unready | undefined {
  const { http_config: http } = settings as Readonly<{ http_config?: HttpSettings }>
  const isLent = http !== undefined && http === global.http_config
  const found = work.unread.find(
    each => each.path.startsWith(`${path}.`) || (isLent && /(?:^|\.)global\.http_config\./.test(each.path)),
  )
  return found && { file: found.file, reason: found.reason }
}

type Of = Readonly<{
  lacking: readonly Lacking[]
  integrations: readonly Integration[]
  at: At
  isChannel: boolean
}>

function tellLacking(name: string, { lacking, integrations, at, isChannel }: Of): void {
  const others = [...new Set(integrations.map(each => each.channel))]
  const hence = henceOf(others, isChannel)
  // Each reason once.
  const kinds = new Map(lacking.map(each => [`${each.key} ${each.instead}`, each]))
  for (const { key, place, instead } of kinds.values()) {
    const found = `${key} of receiver ${name}, which Plimsoll does not send: ${hence}`
    doubt(place, below(at, key), { wanted: 'a way that Plimsoll has', found, hint: instead })
  }
}
