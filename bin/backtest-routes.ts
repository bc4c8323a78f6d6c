// The address that replays stored history under rules that somebody sends: one replay at a time, told line by line, ended
// when the caller goes away. Called by start.ts; `plimsoll backtest` asks it.
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Clock, Timer } from '#core/clock.ts'
import { timezone } from '#core/config/values.ts'
import { problemsText } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import { type Answer, type Route, route } from '#core/http/route.ts'
import type { Log } from '#core/log.ts'
import type { Store } from '#core/store.ts'
import { storedTimes } from '../query/evaluate-routes.ts'
import { type BacktestOptions, backtest } from '../rules/backtest.ts'
import type { RuleGroup } from '../rules/rule.ts'
import { readRuleFile } from '../rules/rule-file.ts'
import { openRuleIds } from '../rules/rule-ids.ts'
import type { BacktestLine, RuleText } from './backtest-lines.ts'

export type BacktestRouteOptions = Readonly<{ store: Store; clock: Clock; log: Log; timeZone: string }>

const bodyMaxBytes = 8 * 2 ** 20
const leastStepMs = 1_000
// A year every ten seconds.
const stepsMax = 4_000_000

const file = z.strictObject({
  file: z.string().max(1_000).describe('Its name, for messages.'),
  text: z.string().describe('What stands in it.'),
})
const wanted = z.strictObject({
  rules: z.array(file).min(1).max(1_000).describe('Rule files as Prometheus has them.'),
  against: z.array(file).min(1).max(1_000).optional().describe('An older version of them.'),
  fromMs: z.number().int().min(0).describe('Milliseconds since 1970.'),
  toMs: z.number().int().min(0).describe('Milliseconds since 1970; belongs to the time.'),
  stepMs: z
    .number()
    .int()
    .min(leastStepMs)
    .optional()
    .describe('Between two evaluations of every group; left out: its interval, else 15 s.'),
  timezone: timezone.optional().describe("For nights; left out: the service's."),
})

type Wanted = z.output<typeof wanted>

export function backtestRoutes(options: BacktestRouteOptions): Route[] {
  const turn = { isTaken: false }
  return [
    route({
      method: 'POST',
      path: '/api/plimsoll/v1/backtest',
      scope: 'read',
      summary:
        'What rules would have done with the samples that are stored; the answer is JSON line by line.',
      body: wanted,
      bodyMaxBytes,
      handle: ({ body, signal }) => {
        const asked = readAsked(body, options)
        if (turn.isTaken) {
          const what = 'another backtest is running, and there is one at a time: ask again when it is done'
          throw new Failure('overloaded', what, { retryAfterMs: 10_000 })
        }
        turn.isTaken = true
        const leave = (): void => {
          turn.isTaken = false
        }
        return answer(asked, options, { signal, leave })
      },
    }),
  ]
}

function readAsked(body: Wanted, { store, timeZone }: BacktestRouteOptions): BacktestOptions {
  const { rules, against, fromMs, toMs, stepMs, timezone: zone = timeZone } = body
  if (toMs <= fromMs) throw new Failure('bad_request', 'body.toMs: wanted a time after fromMs')
  const groups = groupsOf(rules, 'rules')
  const asked = {
    source: {
      select: (matchers, range, signal) => {
        const times = storedTimes(range)
        return times.fromMs > times.toMs ? [] : store.select(matchers, times, signal)
      },
    } satisfies BacktestOptions['source'],
    groups,
    fromMs,
    toMs,
    timeZone: zone,
    ...(stepMs === undefined ? {} : { stepMs }),
    ...(against === undefined ? {} : { against: groupsOf(against, 'against') }),
  }
  for (const { name, intervalMs = 15_000 } of [...groups, ...(asked.against ?? [])]) {
    const count = Math.floor((toMs - fromMs) / (stepMs ?? intervalMs))
    if (count <= stepsMax) continue
    const what = `group ${name} has ${count} steps in that time, at most ${stepsMax} may be: say a longer step`
    throw new Failure('too_many_steps', what)
  }
  return asked
}

function groupsOf(files: readonly RuleText[], at: string): RuleGroup[] {
  const ids = openRuleIds()
  const read = files.map(({ file, text }) => readRuleFile(file, text, ids))
  const problems = read.flatMap(each => each.problems)
  if (problems.length > 0) throw new Failure('bad_request', `body.${at}: ${problemsText(problems)}`)
  return read.flatMap(each => each.groups)
}

type Around = Readonly<{ signal: AbortSignal; leave(): void }>

const tellMs = 250
const headers = { 'content-type': 'application/x-ndjson; charset=utf-8' }

function answer(asked: BacktestOptions, { clock, log }: BacktestRouteOptions, around: Around): Answer {
  const { signal, leave } = around
  const stream = new Readable({ read() {} })
  const say = (line: BacktestLine): boolean => !stream.destroyed && stream.push(`${JSON.stringify(line)}\n`)
  const gone = (): void => void stream.destroy()
  signal.addEventListener('abort', gone, { once: true })
  let progress = { share: 0, atMs: asked.fromMs, samplesRead: 0, cells: 0, firings: 0 }
  // The first one at once: with it the answer begins.
  const telling = everySoOften(clock, () => void say({ progress }))
  const work = async (): Promise<void> => {
    const report = await backtest({
      ...asked,
      signal,
      onProgress: now => {
        progress = now
      },
    })
    const { alerts, ...rest } = report
    telling.stop()
    for (const alert of alerts) if (!say({ alert })) await taken(stream, clock, signal)
    say({ done: rest })
  }
  work()
    .catch(error => {
      if (signal.aborted) return
      if (!(error instanceof Failure)) log.error('backtest', 'ended by a mistake of ours', { error })
      const { code, detail } = error instanceof Failure ? error : internal
      say({ error: { code, detail } })
    })
    .finally(() => {
      telling.stop()
      leave()
      signal.removeEventListener('abort', gone)
      if (!stream.destroyed) stream.push(null)
    })
  return { headers, body: stream }
}

const internal = { code: 'internal', detail: 'the log of the service says why' }

function everySoOften(clock: Clock, tell: () => void): { stop(): void } {
  let timer: Timer | undefined
  const again = (): void => {
    tell()
    timer = clock.after(tellMs, again)
  }
  again()
  return { stop: () => timer?.cancel() }
}

// A caller that reads slowly holds up only himself.
async function taken(stream: Readable, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!stream.destroyed && stream.readableLength >= stream.readableHighWaterMark) {
    await clock.sleep(20, signal)
  }
}
