// What a kind of receiver is (`slack_configs` and its like), and how one is read: its own keys, then what it takes from
// `global`. Called by the tables of kinds and by receivers.ts.
import type { Tree } from '#core/config/tree.ts'
import { flag } from './bare.ts'
import { type At, complain, type Keys, type Part, readPart, type Values, withFiles } from './form.ts'
import type { GlobalSettings } from './global.ts'
import { isGiven } from './together.ts'

type Name<K> = keyof K & string

// Its own keys, each with its like in `global`. They are taken together, and only where none of them is stated.
export type Loan<K> = readonly (readonly [own: Name<K>, global: keyof GlobalSettings])[]

// A secret, or the file that holds it: `api_key` from `opsgenie_api_key`, say.
export const lentWithFile = <Own extends string, Service extends string>(own: Own, service: Service) =>
  [
    [own, `${service}_${own}`],
    [`${own}_file`, `${service}_${own}_file`],
  ] as const

type Definition<K extends Keys> = Readonly<{
  // A folder in channels/. Left out: it is read and checked, and not sent.
  channel?: string
  // What to do about it where it is not sent. Left out: what can always be done.
  instead?: string
  // Whether it tells ends where it does not say.
  tellsEnds: boolean
  keys: K
  // What belongs together in what was written.
  judge?(part: Part<K>): void
  loans?: readonly Loan<K>[]
  // Of those one must be there at last.
  needs?: readonly (readonly Name<K>[])[]
  // What cannot be said by the tables above.
  complete?(part: Part<K>, global: GlobalSettings): Part<K>
}>

type Around = Readonly<{ at: At; global: GlobalSettings }>
export type Settled<V> = Readonly<{ settings: V; tellsEnds: boolean }>

export type Kind<V = unknown> = Readonly<{
  channel: string | undefined
  instead: string
  tellsEnds: boolean
  // Nothing where it cannot be taken apart, which is told already.
  read(tree: Tree, around: Around): Settled<V> | undefined
}>

export type SettingsOf<Of> = Of extends Kind<infer V> ? V : never

const byWebhook = 'webhook_configs reach it through a program of your own'

export function kind<K extends Keys>(of: Definition<K>): Kind<Values<K>> {
  const { channel, instead = byWebhook, tellsEnds } = of
  return { channel, instead, tellsEnds, read: (tree, around) => settle(of, tree, around) }
}

function settle<K extends Keys>(
  of: Definition<K>,
  tree: Tree,
  around: Around,
): Settled<Values<K>> | undefined {
  const { at, global } = around
  const found = readPart(tree, { ...of.keys, send_resolved: flag }, at)
  if (found === undefined) return undefined
  const { send_resolved: tellsEnds, ...values } = found.values as Values<K> & { send_resolved?: boolean }
  const part = { ...found, values: values as unknown as Values<K> }
  of.judge?.(part)
  const lent = (of.loans ?? []).reduce((sum, loan) => borrow(sum, loan, global), part)
  const whole = withFiles(of.complete?.(lent, global) ?? lent, of.keys)
  for (const keys of of.needs ?? []) need(whole, keys, of.loans ?? [])
  return { settings: whole.values, tellsEnds: tellsEnds ?? of.tellsEnds }
}

export function borrow<K extends Keys>(part: Part<K>, loan: Loan<K>, global: GlobalSettings): Part<K> {
  if (loan.some(([own]) => isGiven(part.values[own]))) return part
  const lent = loan.flatMap(([own, key]) => (global[key] === undefined ? [] : [[own, global[key]]]))
  return { ...part, values: { ...part.values, ...Object.fromEntries(lent) } }
}

function need<K extends Keys>(part: Part<K>, keys: readonly Name<K>[], loans: readonly Loan<K>[]): void {
  if (keys.some(key => isGiven(part.values[key]) || isBroken(part, key))) return
  const lenders = loans.flat().flatMap(([own, global]) => (keys.includes(own) ? [global] : []))
  const own = keys.length === 1 ? `the key ${keys[0]}` : `one of ${keys.join(', ')}`
  const wanted = lenders.length === 0 ? own : `${own}, or ${lenders.join(' or ')} in global`
  complain(part.map.place, part.at, { wanted, found: 'none' })
}

// It stands there and cannot be read, which is told already.
const isBroken = <K extends Keys>({ map, values, at }: Part<K>, key: Name<K>): boolean =>
  map.keys.has(key) &&
  values[key] === undefined &&
  at.work.findings.problems.some(({ path }) => path.startsWith(`${at.path}.${key}`))
