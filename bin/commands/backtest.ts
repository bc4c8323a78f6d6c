// `plimsoll backtest`: what rules would have done with the samples that are stored. Called by run.ts.
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileTrouble } from '#core/config/expand.ts'
import { textOf } from '#core/config/text-file.ts'
import { problemsText } from '#core/config.ts'
import { readDuration } from '#core/duration.ts'
import type { AlertReport, Progress, Report } from '../../rules/backtest.ts'
import { readRuleFiles } from '../../rules/rule-files.ts'
import { openAsk } from '../ask.ts'
import type { BacktestAsked, BacktestLine, RuleText } from '../backtest-lines.ts'
import { backtestPage } from '../backtest-page.ts'
import { backtestText } from '../backtest-view.ts'
import { type Call, type Command, type Io, Stop } from '../command.ts'
import { paintFor } from '../paint.ts'
import { readTime, timeText, timeWanted } from '../when.ts'

export const command: Command = async call => {
  const { text, on, io } = call
  const asked = askedBy(call)
  const report = await replayed(asked, call)
  if (text['html'] !== undefined) write(resolve(io.cwd, text['html']), backtestPage(report, namesOf(asked)))
  if (on.has('json')) io.out(`${JSON.stringify(report, null, 2)}\n`)
  else io.out(backtestText(report, { paint: paintFor(io), columns: io.columns }))
  const failed = [...report.alerts, ...report.records].some(each => each.faults !== null)
  return failed ? 1 : 0
}

const namesOf = ({ rules, against = [] }: BacktestAsked) => ({
  rules: rules.map(each => each.file),
  against: against.map(each => each.file),
})

function askedBy({ text, lists, io }: Call): BacktestAsked {
  const rules = lists['rules'] ?? []
  if (rules.length === 0) throw new Stop('--rules wants FILE: a file of rules, or several', 2)
  const nowMs = io.clock.nowMs()
  const moment = (flag: 'from' | 'to', otherwise: string): number => {
    const given = text[flag] ?? otherwise
    const tMs = readTime(given, { nowMs, timeZone: io.timeZone })
    if (tMs === undefined) throw new Stop(`--${flag}: wanted ${timeWanted}, found ${given}`, 2)
    return tMs
  }
  const [fromMs, toMs] = [moment('from', '-30d'), moment('to', 'now')]
  if (toMs <= fromMs) throw new Stop('--from must be before --to', 2)
  const { against } = lists
  const timezone = text['timezone']
  return {
    rules: textsOf(rules, io),
    ...(against === undefined ? {} : { against: textsOf(against, io) }),
    fromMs,
    toMs,
    ...stepOf(text['step']),
    ...(timezone === undefined ? {} : { timezone }),
  }
}

function stepOf(given: string | undefined): { stepMs?: number } {
  if (given === undefined) return {}
  const stepMs = readDuration(given)
  if (stepMs !== undefined && stepMs >= 1_000) return { stepMs }
  throw new Stop(`--step: wanted a duration of 1s or more, like 30s or 5m, found ${given}`, 2)
}

// Read here first, so that what is wrong is told with the lines around it.
function textsOf(patterns: readonly string[], { cwd }: Io): RuleText[] {
  const { files, idle } = readRuleFiles(
    patterns.map(pattern => ({ folder: cwd, pattern })),
    { cwd },
  )
  const [nothing] = idle
  if (nothing !== undefined) throw new Stop(`no file matches ${nothing.pattern}`, 2)
  const problems = files.flatMap(each => each.problems)
  if (problems.length > 0) throw new Stop(`the rules have problems:\n${problemsText(problems)}`)
  return files.map(({ file }) => {
    const text = textOf(resolve(cwd, file))
    if (typeof text !== 'string') throw new Stop(`${file}: wanted ${text.wanted}, found ${text.found}`)
    return { file, text }
  })
}

async function replayed(asked: BacktestAsked, call: Call): Promise<Report> {
  const { io } = call
  const alerts: AlertReport[] = []
  const showsProgress = io.isTerminal
  try {
    for await (const each of openAsk(call).lines('/api/plimsoll/v1/backtest', asked)) {
      const line = each as BacktestLine
      if ('progress' in line && showsProgress) io.err(progressText(line.progress, io))
      if ('alert' in line) alerts.push(line.alert)
      if ('error' in line) throw new Stop(`the replay ended: ${line.error.detail} (${line.error.code})`)
      if ('done' in line) return { ...line.done, alerts }
    }
  } finally {
    if (showsProgress) io.err('\r\u001b[K')
  }
  throw new Stop('the service stopped before the replay was done')
}

const barWidth = 24

function progressText({ share, atMs, firings }: Progress, { timeZone, columns }: Io): string {
  const full = Math.round(share * barWidth)
  const bar = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`
  const text = `${bar} ${Math.round(share * 100)} %  ${timeText(atMs, timeZone).slice(0, 16)}  ${firings} firings`
  return `\r${text.slice(0, columns - 1)}\u001b[K`
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (cause) {
    throw new Stop(`--html: cannot write ${path}: ${fileTrouble(cause)}`, 2)
  }
}
