// What an import has to know beside its input: what the command line says of values that do not say it themselves. Called
// by whoever imports.
import type { Labels } from '#core/model.ts'
import type { Track } from '../history.ts'
import type { Pool } from '../pool.ts'

export type ImportAsked = Readonly<{
  pools: readonly Pool[]
  zone: string
  // What is later has not been measured.
  nowMs: number
  // Where no column names them.
  pool?: string | undefined
  resource?: string | undefined
  track?: Track | undefined
  // Of Zabbix, by itemid.
  items: ReadonlyMap<string, Item>
}>

// Several items of one line add up. `factor` makes a share or kilobytes what the resource is measured in.
export type Item = Readonly<{
  pool: string
  resource: string
  track: Track
  part: Labels
  factor: number
}>

export const itemWanted =
  'ITEMID=POOL/RESOURCE/usage or …/supply, perhaps with {zone=a} and a factor, like 23296=web/cpu/usage{zone=a}*0.32'

const written = /^(\d+)=([^/]+)\/([^/]+)\/(usage|supply)(?:\{([^{}]*)\})?(?:\*([\d.eE+-]+))?$/

export function readItem(text: string): readonly [string, Item] | undefined {
  const [, itemid = '', pool = '', resource = '', track, labels = '', times = '1'] =
    written.exec(text.trim()) ?? []
  const factor = Number(times)
  if (track === undefined || !Number.isFinite(factor)) return undefined
  const pairs = labels
    .split(',')
    .filter(each => each.trim() !== '')
    .map(each => /^\s*([A-Za-z_]\w*)\s*=\s*"?([^"]*?)"?\s*$/.exec(each))
  if (pairs.includes(null)) return undefined
  const part = Object.fromEntries(pairs.map(found => [found![1]!, found![2]!]))
  return [itemid, { pool, resource, track: track as Track, part, factor }]
}
