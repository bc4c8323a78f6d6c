// Fills the data folder of the demonstration by the roads that real data takes: samples by the bus, days by the recorder,
// drafts by the plan; then writes the report. Called by the command `demo`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#core/clock.ts'
import type { Config } from '#core/config.ts'
import type { Language } from '#core/http/language.ts'
import type { Log } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSink } from '#core/sink.ts'
import { offsetMs } from '#core/zone.ts'
import { dayOf, dayStartMs } from '../../capacity/days.ts'
import { openForecaster } from '../../capacity/forecast/forecaster.ts'
import { openHistory } from '../../capacity/history/open-history.ts'
import { openRecorder } from '../../capacity/history/recorder.ts'
import type { CapacitySettings } from '../../capacity/pool-settings.ts'
import { reportCsv } from '../../capacity/report/csv.ts'
import { reportHtml } from '../../capacity/report/html.ts'
import { reportJson } from '../../capacity/report/json.ts'
import { type Report, reportOf } from '../../capacity/report/report-model.ts'
import { reportXlsx } from '../../capacity/report/xlsx.ts'
import { openRequests, type Requests } from '../../capacity/requests.ts'
import { openEngines } from '../engines.ts'
import { type Fill, openFill, slotMs } from './fill.ts'
import type { DemoFolder } from './folder.ts'
import { demoPools } from './pools.ts'
import { monthAgoDays, tellLastMonth, tellThisMonth } from './story.ts'

export type MakeOptions = Readonly<{
  config: Config
  folder: DemoFolder
  days: number
  clock: Clock
  log: Log
  onProgress(what: string, share: number): void
}>

export type Made = Readonly<{
  report: Report
  samples: number
  // Goes on where the past ended.
  fill: Fill
  untilMs: number
  files: readonly string[]
}>

// The recorder makes a day ten minutes after its end, when the last samples have come; here they have come already.
const graceMs = 600_000

export async function makeDemo(options: MakeOptions): Promise<Made> {
  const { config, days, clock, log, onProgress, folder } = options
  const { timezone: zone, language } = config
  const nowMs = clock.nowMs()
  const today = dayOf(zone, nowMs)
  await using life = new AsyncDisposableStack()
  const own = openOwnMetrics()
  const { bus, store, state, table } = life.use(await openEngines(config, { clock, own, log }))
  if (bus === undefined || store === undefined)
    throw new Error('a demonstration was given no bus or no store')
  const sink = await openSink(bus, store)
  life.defer(() => sink.stop())

  const calendar = { beginsMs: dayStartMs(zone, today), offsetMs: (tMs: number) => offsetMs(zone, tMs) }
  const fill = openFill({ bus, table, pools: demoPools(nowMs, zone), calendar })
  const range = { fromMs: dayStartMs(zone, today - days), toMs: nowMs - (nowMs % slotMs) }
  const samples = await fill.write(range, share => onProgress('samples', share))

  const settings = () => config.capacity as CapacitySettings
  const pools = () => settings().pools
  const history = await openHistory({ state, clock, zone, memoryDays: () => days + monthAgoDays })
  life.defer(() => history.close())
  const recorder = openRecorder({
    ...{ bus, store, table, log, own, history, zone, pools, sender: 'demo' },
    clock: { ...clock, nowMs: () => clock.nowMs() + graceMs },
  })
  const onDays = (done: number, of: number): void => onProgress('days', done / of)
  await recorder.backfill({ fromDay: today - days }, { onProgress: onDays })

  onProgress('plans', 0)
  const forecaster = openForecaster()
  life.defer(() => forecaster.close())
  const asked = { pools: pools(), history, forecaster, zone, nowMs }
  const open = () => openRequests({ state, bus, clock, log, zone, language, settings, isShared: false })
  await inTheirTurn(await open(), requests => tellLastMonth({ ...asked, requests }))
  // What was said a month ago is looked up when requests are opened.
  const requests = life.use(await open())
  const plan = await tellThisMonth({ ...asked, requests })
  const report = reportOf({
    plan,
    requests: await requests.list({ limit: 1_000 }),
    before: await requests.plannedBefore(plan.month),
    judgement: await requests.judged(history),
  })
  const files = await writeReport(report, folder, language)
  return { report, samples, fill, untilMs: range.toMs, files }
}

async function inTheirTurn(requests: Requests, tell: (requests: Requests) => Promise<void>): Promise<void> {
  await using own = requests
  await tell(own)
}

async function writeReport(
  report: Report,
  { report: into }: DemoFolder,
  language: Language,
): Promise<string[]> {
  const html = (of: Language): string => reportHtml(report, { language: of, isFile: true })
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    ['report.en.html', html('en')],
    ['report.zh.html', html('zh')],
    ['report.xlsx', await reportXlsx(report, language)],
    ['report.csv', reportCsv(report)],
    ['report.json', reportJson(report, language)],
  ]
  return files.map(([name, content]) => {
    const path = join(into, name)
    writeFileSync(path, content)
    return path
  })
}
