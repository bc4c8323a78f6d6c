// `plimsoll capacity import`: history of pools from Prometheus' API, from Zabbix or from CSV, so that the first day has
// its sixty. Called by run.ts; what files say is read in ../../capacity/import.
import { createReadStream, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileTrouble } from '#core/config/expand.ts'
import type { Config } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import { shown } from '#core/shown.ts'
import { dayOf, dayText } from '../../capacity/days.ts'
import { type ImportAsked, type Item, itemWanted, readItem } from '../../capacity/import/asked.ts'
import { Bins, type ImportedLine } from '../../capacity/import/bins.ts'
import { type Doubts, openDoubts } from '../../capacity/import/doubts.ts'
import { importFile } from '../../capacity/import/import-file.ts'
import { importFromPrometheus } from '../../capacity/import/prometheus.ts'
import { type Remark, remarksOf } from '../../capacity/import/remarks.ts'
import { sourceOf } from '../../capacity/import/source-url.ts'
import {
  bodiesOf,
  type DaysThere,
  type ImportAnswer,
  type ImportBody,
} from '../../capacity/import/wire-rows.ts'
import { lineKey, type Pool } from '../../capacity/pool.ts'
import { openAsk } from '../ask.ts'
import {
  doubtText,
  joined,
  type LineSummary,
  remarkText,
  summariesText,
  summaryOf,
} from '../capacity-import-view.ts'
import { type Call, type Command, Stop } from '../command.ts'
import { knownPools } from '../known-pools.ts'
import { readTime, timeWanted } from '../when.ts'

const path = '/api/plimsoll/v1/capacity/import'

export const command: Command = async call => {
  const { args, text, on, io } = call
  const url = text['from-prometheus']
  if ((url === undefined) === (args.length === 0)) {
    throw new Stop('wanted FILE, or --from-prometheus URL', 2)
  }
  const around = aroundOf(call)
  const total = url === undefined ? await fromFiles(call, around) : await fromPrometheus(call, around, url)
  const { lines, doubts, remarks, taken, kept, left, notes } = total
  const isWanting = doubts.count() > 0 || remarks.length > 0
  if (on.has('json')) {
    io.out(
      `${JSON.stringify({ lines, taken, kept, left, notes, remarks, doubts: doubts.list(), refused: doubts.count() })}\n`,
    )
    return isWanting ? 1 : 0
  }
  if (lines.length > 0) io.out(`${summariesText(lines)}\n`)
  for (const doubt of doubts.list()) io.err(doubtText(doubt))
  if (doubts.count() > doubts.list().length) io.err(`… and ${doubts.count() - doubts.list().length} more\n`)
  for (const remark of remarks) io.err(remarkText(remark))
  for (const note of notes) io.out(`${note}\n`)
  io.out(
    `${on.has('dry-run') ? 'Nothing was sent: ' : ''}${taken} days taken${keptText(kept)}${leftText(left)}.\n`,
  )
  return isWanting ? 1 : 0
}

const keptText = (kept: number): string =>
  kept === 0 ? '' : `, ${kept} left as they are: the service has as many values of them or more (--replace)`

const leftText = (left: number): string =>
  left === 0 ? '' : `, ${left} left out: their pools have as many parts as they may (\`parts\`)`

type Total = Readonly<{
  lines: readonly LineSummary[]
  doubts: Doubts
  remarks: readonly Remark[]
  taken: number
  kept: number
  left: number
  notes: readonly string[]
}>

type Around = Readonly<{
  config: Config
  pools: readonly Pool[]
  zone: string
  how: ImportBody['how']
  send(lines: readonly ImportedLine[]): Promise<ImportAnswer>
}>

function aroundOf(call: Call): Around {
  const { text, on } = call
  const { config, pools } = knownPools(call)
  const how = on.has('merge') ? 'merge' : on.has('replace') ? 'replace' : 'fill'
  if (on.has('merge') && on.has('replace')) throw new Stop('wanted --merge or --replace, found both', 2)
  const isDry = on.has('dry-run')
  const ask = isDry ? undefined : openAsk(call)
  return {
    config,
    pools,
    how,
    zone: text['timezone'] ?? config.timezone,
    async send(lines) {
      let [taken, kept, left] = [0, 0, 0]
      for (const body of bodiesOf(lines, how)) {
        const rows = body.lines.reduce((sum, each) => sum + each.rows.length, 0)
        const answer = ((await ask?.send('POST', path, body)) ?? {
          taken: rows,
          kept: 0,
          left: 0,
        }) as ImportAnswer
        taken += answer.taken
        kept += answer.kept
        left += answer.left
      }
      return { taken, kept, left }
    },
  }
}

async function fromFiles(call: Call, around: Around): Promise<Total> {
  const { args, io } = call
  const asked = askedOf(call, around)
  const bins = new Bins({ zone: around.zone })
  const doubts = openDoubts()
  for (const file of args) {
    try {
      await importFile(createReadStream(resolve(io.cwd, file)), { asked, bins, doubts: doubts.of(file) })
    } catch (cause) {
      if (cause instanceof Failure) throw new Stop(`${file}, ${shown(cause.detail)}`)
      if ((cause as NodeJS.ErrnoException).code === undefined) throw cause
      throw new Stop(`cannot read ${file}: ${fileTrouble(cause)}`, 2)
    }
  }
  const imported = bins.close()
  const { values, twice, splitDays } = bins.counts
  const sent = await around.send(imported)
  const notes = [
    `${values} values read${twice === 0 ? '' : `, ${twice} of them of times that were there already`}.`,
    ...(splitDays === 0
      ? []
      : [
          `${splitDays} days came in pieces far apart, so their 95th percentile is not known: sort the file by time.`,
        ]),
  ]
  const isMerge = around.how === 'merge'
  const remarks = remarksOf({ pools: around.pools, lines: imported, leftOut: bins.leftOut(), isMerge })
  return { lines: imported.map(summaryOf), doubts, remarks, ...sent, notes }
}

function askedOf({ text, lists, io }: Call, { pools, zone }: Around): ImportAsked {
  const track = text['track']
  if (track !== undefined && track !== 'usage' && track !== 'supply') {
    throw new Stop(`--track: wanted usage or supply, found ${track}`, 2)
  }
  const items = new Map<string, Item>()
  for (const each of [...(lists['item'] ?? []), ...itemsIn(text['items'], io.cwd)]) {
    const item = readItem(each)
    if (item === undefined) throw new Stop(`--item: wanted ${itemWanted}, found ${each}`, 2)
    items.set(...item)
  }
  return {
    pools,
    zone,
    nowMs: io.clock.nowMs(),
    pool: text['pool'],
    resource: text['resource'],
    track,
    items,
  }
}

// A line for each item.
function itemsIn(file: string | undefined, cwd: string): string[] {
  if (file === undefined) return []
  try {
    const lines = readFileSync(resolve(cwd, file), 'utf8').split('\n')
    return lines.map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#'))
  } catch (cause) {
    throw new Stop(`--items: cannot read ${file}: ${fileTrouble(cause)}`, 2)
  }
}

async function fromPrometheus(call: Call, around: Around, url: string): Promise<Total> {
  const { text, on, io } = call
  const { zone } = around
  const pools = poolsWanted(around.pools, text['pool'])
  const nowMs = io.clock.nowMs()
  const fromMs = readTime(text['from'] ?? '-60d', { nowMs, timeZone: zone })
  if (fromMs === undefined) throw new Stop(`--from: wanted ${timeWanted}, found ${text['from']}`, 2)
  const toDay = dayOf(zone, nowMs) - 1
  const fromDay = dayOf(zone, fromMs)
  if (fromDay > toDay) throw new Stop('--from: wanted a time before today', 2)
  const there = on.has('again') || on.has('dry-run') ? new Set<string>() : await knownDays(call)
  const lines = new Map<string, LineSummary>()
  let [taken, kept, left] = [0, 0, 0]
  const result = await importFromPrometheus({
    source: sourceOf(url, text['prometheus-token'] ?? io.env['PLIMSOLL_PROMETHEUS_TOKEN']),
    ...{ pools, zone, fromDay, toDay, clock: io.clock },
    isKnown: ({ pool, resource, track }, day) =>
      there.has(`${track} ${day} ${lineKey({ pool, resource, part: {} })}`),
    async onDay(imported, { day, done, of }) {
      for (const each of imported) {
        const key = `${each.track} ${lineKey(each.line)}`
        lines.set(key, joined(lines.get(key), summaryOf(each)))
      }
      const sent = await around.send(imported)
      taken += sent.taken
      kept += sent.kept
      left += sent.left
      if (io.isTerminal)
        io.err(`\r${dayText(day)}  ${Math.round((done / of) * 100)} %  ${taken} days taken\u001b[K`)
    },
  }).finally(() => io.isTerminal && io.err('\r\u001b[K'))
  const { asked, skipped } = result
  const notes = [
    `${asked} questions asked${skipped === 0 ? '' : `, ${skipped} left out: their days are there whole (--again)`}.`,
  ]
  return { lines: [...lines.values()], doubts: openDoubts(), remarks: [], taken, kept, left, notes }
}

function poolsWanted(pools: readonly Pool[], list: string | undefined): readonly Pool[] {
  if (list === undefined) return pools
  const names = list.split(',').map(name => name.trim())
  const strange = names.find(name => !pools.some(pool => pool.name === name))
  if (strange !== undefined) throw new Stop(`--pool: wanted a pool of the configuration, found ${strange}`, 2)
  return pools.filter(({ name }) => names.includes(name))
}

// Less than nine tenths of a day may become more.
const wholeMin = 259

async function knownDays(call: Call): Promise<Set<string>> {
  const { lines } = (await openAsk(call).send('GET', path)) as Readonly<{ lines: readonly DaysThere[] }>
  return new Set(
    lines.flatMap(({ pool, resource, part, track, days }) =>
      days
        .filter(([, count]) => count >= wholeMin)
        .map(([day]) => `${track} ${day} ${lineKey({ pool, resource, part })}`),
    ),
  )
}
