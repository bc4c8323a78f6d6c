// Live rules over a table and a head of their own, driven by hand: samples come in at a time, transitions go out.
import { RowBuffer } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import type { AlertTransition, Labels } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { staleNaN } from '#core/stale.ts'
import { Head } from '../../../rules/head.ts'
import { programOf } from '../../../rules/live/program.ts'
import { Recorder } from '../../../rules/live/recorder.ts'
import { alertsOf } from '../../../rules/live/shown.ts'
import { LiveRules } from '../../../rules/live-rules.ts'
import { readRuleFile } from '../../../rules/rule-file.ts'
import { openRuleIds } from '../../../rules/rule-ids.ts'
import type { Alerts, Tracked } from '../../../rules/state.ts'

export const lookbackMs = 300_000

type Options = Readonly<{
  nowMs?: number
  saved?: ReadonlyMap<string, Alerts>
  isPatient?: boolean
  keeps?: readonly string[]
  monotonicMs?: () => number
  // What the head knows before anything is evaluated.
  warm?: readonly Sample[]
}>

export type Sample = readonly [name: string, labels: Labels, value: number | 'stale', tMs?: number]

export function groupsOf(text: string) {
  const file = readRuleFile('rules.yml', text, openRuleIds())
  if (file.problems.length > 0) throw new Error(JSON.stringify(file.problems))
  return file.groups
}

export function driven(text: string, options: Options = {}) {
  const { nowMs = 0, saved = new Map(), isPatient = false, keeps = [] } = options
  const table = new SeriesTable()
  const own = openOwnMetrics()
  const head = new Head({ table, lookbackMs, maxBytes: 64 * 2 ** 20 })
  const recorder = new Recorder({ table, head, own })
  const program = programOf(groupsOf(text), { lookbackMs, headWindowMs: 3_600_000, keeps })
  head.due(nowMs)
  head.watch(program.watches)
  for (const [name, labels, value, tMs = nowMs] of options.warm ?? []) {
    const number = table.intern(name, labelsOf(Object.entries(labels)))
    head.warm(number, Float64Array.of(tMs), Float64Array.of(value === 'stale' ? staleNaN : value))
  }
  const live = new LiveRules({
    program,
    head,
    recorder,
    table,
    own,
    saved,
    externalLabels: labelsOf([]),
    externalUrl: '',
    lookbackMs,
    monotonicMs: options.monotonicMs ?? (() => 0),
    nowMs,
    isPatient,
  })
  live.evaluateAll()
  const said: AlertTransition[] = []
  const entries: string[] = []
  const book = new Map<string, Map<string, Tracked>>()
  for (const [rule, alerts] of options.saved ?? []) book.set(rule, new Map(alerts))
  const settle = (): void => {
    const outcome = live.takeOutcome()
    said.push(...(outcome?.transitions ?? []))
    for (const { rule, fingerprint, alert } of outcome?.entries ?? []) {
      const alerts = book.get(rule) ?? new Map<string, Tracked>()
      book.set(rule, alerts)
      if (alert === undefined) alerts.delete(fingerprint)
      else alerts.set(fingerprint, alert)
    }
    entries.push(
      ...(outcome?.entries ?? []).map(each => `${each.fingerprint} ${each.alert?.phase ?? 'gone'}`),
    )
  }
  // At `atMs`, unless the samples say another time.
  function rowsOf(samples: readonly Sample[], atMs: number) {
    const rows = new RowBuffer()
    for (const [name, labels, value, tMs = atMs] of samples) {
      const number = table.intern(name, labelsOf(Object.entries(labels)))
      rows.push(number, tMs, value === 'stale' ? staleNaN : value)
    }
    return rows.rows()
  }
  settle()
  return {
    live,
    program,
    head,
    table,
    recorder,
    own,
    entries,
    alerts: () => alertsOf(live),
    // As they would be after a restart.
    saved: (): ReadonlyMap<string, Alerts> => book,
    rows: rowsOf,
    sample(atMs: number, samples: readonly Sample[]) {
      live.take([rowsOf(samples, atMs)], atMs)
      settle()
    },
    runUntil(nowMs: number) {
      live.advanceTo(nowMs)
      settle()
    },
    // `60000 firing Hot {host="a"}`
    said: () => said.map(textOf),
    transitions: said,
  }
}

export function textOf({ atMs, alert, reason }: AlertTransition): string {
  const { alertname, ...rest } = alert.labels
  const labels = Object.entries(rest).map(([name, value]) => `${name}=${value}`)
  const more = [...(alert.stale ? ['stale'] : []), ...(reason === null ? [] : [reason])]
  return [atMs, alert.state, alertname, ...labels, ...more.map(each => `(${each})`)].join(' ')
}
