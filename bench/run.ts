// `npm run bench`: the numbers that the design asks for, beside what this machine shows, and beside peers where they
// are installed. Medians; other work on the machine shows in every one of them, so ratios are worth more.
import { type Ingest, type Load, measureIngest } from './ingest.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'
import { cutCost, parseCosts } from './parse.ts'
import { measureStart } from './start.ts'
import { measureStore } from './store.ts'
import { textCosts } from './text.ts'

const runs = 3
const show = (what: string, found: string, wanted = ''): void =>
  console.log(`${what.padEnd(58)} ${found.padStart(24)}   ${wanted}`)
const two = (value: number): string => value.toFixed(value < 10 ? 2 : 0)

console.log(machine())
console.log(`${'what'.padEnd(58)} ${'here'.padStart(24)}   to meet`)

const started = await measureStart(runs)
show('start to ready, first start (code not compiled yet)', `${two(started.coldMs / 1_000)} s`)
show('start to ready', `${two(started.warmMs / 1_000)} s`, '≤ 1.0 s')
show('idle memory with the agent, first start', `${two(started.coldMib)} MiB`, '≤ 160 MiB')
show('idle memory with the agent', `${two(started.warmMib)} MiB`, '≤ 160 MiB')

for (const { title, nsPerValue } of parseCosts()) show(`parse ${title}`, `${two(nsPerValue)} ns per value`)
show('cut into partitions', `${two(cutCost())} ns per value`)
for (const { title, ...cost } of textCosts()) {
  const gathering = cost.linesNsPerLine - cost.rowsNsPerLine
  show(`text, ${title}: gathered in place of cut`, `${two(gathering)} ns more per line`)
  show(`text, ${title}: rows written as lines`, `${two(cost.writeNsPerRow)} ns per value`)
  show(`text, ${title}: read again`, `${two(cost.readNsPerRow)} ns per value`)
}

const store = await measureStore()
show('store: bytes per sample after compaction', two(store.bytesPerSample), '≤ 5')
show('store: last hour of one series', `${two(store.lastHourMs)} ms`, '≤ 5 ms')
show('store: sixty days of one series at 10 s', `${two(store.sixtyDaysMs)} ms`, '≤ 20 ms')
show('store: compaction', `${two(store.compactCpuPerMillion)} CPU-s per million`)
show('store: opened again, 10 000 series', `${two(store.reopenMs)} ms`)

const loads: Record<string, Load> = {
  'ten fields in a line': { shape: 'wide', hosts: 10_000, lines: 1_000, inFlight: 4, seconds: 10 },
  'one field in a line': { shape: 'single', hosts: 10_000, lines: 5_000, inFlight: 4, seconds: 10 },
}
for (const [title, load] of Object.entries(loads)) {
  // In turn, so that noise hits all of them.
  const servers = ['plimsoll', 'victoria-metrics', 'influxd']
  const found = new Map<string, Ingest[]>(servers.map(server => [server, []]))
  for (let run = 0; run < runs; run++) {
    for (const [server, all] of found) {
      const one = await measureIngest(server, load)
      if (one !== undefined) all.push(one)
    }
  }
  for (const [server, all] of found) {
    if (all.length > 0) showIngest(`${server}, ${title}`, all, server === 'plimsoll')
    else console.log(`${server} is not installed here, so there is nothing to compare with`)
  }
}

function showIngest(title: string, all: readonly Ingest[], isOurs: boolean): void {
  const of = (figure: (one: Ingest) => number): number => median(all.map(figure))
  const cpu = of(each => (each.serverCpu / each.values) * 1e6)
  show(
    `${title}: values a second`,
    `${two(of(each => each.values / each.seconds) / 1e6)} M`,
    isOurs ? '≥ 2 M' : '',
  )
  show(`${title}: processor time`, `${two(cpu)} CPU-s per million`, isOurs ? '≤ 0.5' : '')
  show(`${title}: peak memory`, `${two(of(each => each.peakMib))} MiB`, isOurs ? '≤ 450 MiB' : '')
  show(
    `${title}: batch, median and 99 %`,
    `${two(of(each => each.p50Ms))} / ${two(of(each => each.p99Ms))} ms`,
  )
}
