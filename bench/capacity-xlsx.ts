// How long does a spreadsheet of many pools take? The twenty believable ones of the tests, again and again under other
// names. `bin/runtime bench/capacity-xlsx.ts [POOLS]` prints it.
import { elapsedMs } from '#core/clock.ts'
import { reportXlsx } from '../capacity/report/xlsx.ts'
import { believableReport } from '../test/capacity/report/reported.ts'
import { machine } from './machine.ts'

const pools = Number(process.argv[2] ?? 10_000)
const one = await believableReport()
const times = Math.ceil(pools / one.pools.length)
const many = Array.from({ length: times }, (_, nth) =>
  one.pools.map(pool => ({ ...pool, name: `${pool.name}-${nth}` })),
).flat()
const requests = Array.from({ length: times }, () => one.requests)
  .flat()
  .slice(0, pools)
const orders = many.filter(({ units }) => units > 0)
const report = { ...one, pools: many, requests, summary: { ...one.summary, orders } }

const beganMs = elapsedMs()
const before = process.cpuUsage()
const { length } = await reportXlsx(report, 'en')
const { user, system } = process.cpuUsage(before)
console.log(machine())
console.log(
  `${many.length} pools: ${(length / 1e6).toFixed(1)} MB in ${(elapsedMs() - beganMs).toFixed(0)} ms, ${((user + system) / 1_000).toFixed(0)} ms of CPU`,
)
