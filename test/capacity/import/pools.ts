// Pools for the tests of imports: web in two zones, and disk with nothing but itself.
import { Readable } from 'node:stream'
import type { ImportAsked } from '../../../capacity/import/asked.ts'
import { Bins, type BinsOptions } from '../../../capacity/import/bins.ts'
import { openDoubts } from '../../../capacity/import/doubts.ts'
import { importFile } from '../../../capacity/import/import-file.ts'
import type { Pool, Resource } from '../../../capacity/pool.ts'
import { pool as planned } from '../planned.ts'

export const resource = (name: string, change: Partial<Resource> = {}): Resource => ({
  name,
  usage: `${name}_used`,
  supply: { kind: 'capacity', capacity: `${name}_total`, unitCapacity: 10, units: undefined },
  unit: 'cores',
  waterline: 0.7,
  ...change,
})

export const pool = (name: string, change: Partial<Pool> = {}): Pool =>
  planned({ name, resources: [resource('cpu')], ...change })

export const zone = 'Asia/Shanghai'
export const pools = [pool('web', { by: ['zone'] }), pool('db', { resources: [resource('disk')] })]

export const askedOf = (change: Partial<ImportAsked> = {}): ImportAsked => ({
  pools,
  zone,
  nowMs: Date.UTC(2026, 10, 25),
  items: new Map(),
  ...change,
})

// What a text comes to, cut into chunks that respect nothing.
export async function imported(
  text: string | Uint8Array,
  change: Partial<ImportAsked> & Readonly<{ chunk?: number }> = {},
  options: Partial<BinsOptions> = {},
) {
  const { chunk = 1_000_000, ...asked } = change
  const bytes = Buffer.from(text)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunk) chunks.push(bytes.subarray(at, at + chunk))
  const bins = new Bins({ zone, ...options })
  const doubts = openDoubts('a.csv')
  await importFile(Readable.from(chunks), { asked: askedOf(asked), bins, doubts })
  return { lines: bins.close(), doubts: doubts.list(), counts: bins.counts, leftOut: bins.leftOut() }
}
