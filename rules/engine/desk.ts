// What an evaluator works on: the head, the live rules over it, what they record, and who sends. No I/O; what takes long
// is work in pieces, of which only one may be under way. Called by evaluator.ts.
import type { Rows } from '#core/batch.ts'
import { Failure } from '#core/errors.ts'
import { Agents } from '../agents.ts'
import type { Pieces } from '../ask.ts'
import { Head } from '../head.ts'
import { type Program, programOf } from '../live/program.ts'
import { Recorder } from '../live/recorder.ts'
import { alertsOf, waitingOf, writtenFor } from '../live/shown.ts'
import { LiveRules } from '../live-rules.ts'
import { lookbackMs } from '../lookback.ts'
import type { Alerts } from '../state.ts'
import { followRules, recordAgents } from './agent-samples.ts'
import type { Arrival } from './arrival.ts'
import type { EngineSettings, EvaluatorOptions } from './options.ts'
import { type Removed, removedAlerts } from './removed.ts'

export type Change = Readonly<{
  program: Program
  settings: EngineSettings
  nowMs: number
  // Whether samples may be missing because nobody listened.
  isPatient: boolean
}>

export class Desk {
  readonly #options: EvaluatorOptions
  readonly agents: Agents
  head: Head
  recorder: Recorder
  settings: EngineSettings
  program: Program | undefined
  live: LiveRules | undefined

  constructor(options: EvaluatorOptions) {
    this.#options = options
    this.settings = options.settings
    this.agents = new Agents({ table: options.table, ...options.settings })
    this.head = this.#newHead()
    this.recorder = this.#newRecorder()
  }

  get running(): LiveRules {
    if (this.live === undefined) throw new Failure('not_ready', 'the rules are being read')
    return this.live
  }

  // When time alone changes something.
  get nextDueMs(): number {
    return Math.min(this.running.nextDueMs(), this.agents.nextDueMs(), this.recorder.nextDueMs)
  }

  programOf({ groups }: EngineSettings): Program {
    const { headWindowMs, keeps } = this.#options
    return programOf(groups, { lookbackMs, headWindowMs, keeps })
  }

  // From now on the head keeps what rules read. Answers how far back they look.
  prepare(): number {
    const { watches } = this.programOf(this.settings)
    this.head.watch(watches)
    followRules(this.agents, this.settings, this.#options.completeMs())
    return watches.reduce((most, { keepMs }) => Math.max(most, keepMs), lookbackMs)
  }

  // Samples of the time before anything is evaluated.
  remember({ rows, receivedAtMs }: Arrival): void {
    for (const each of rows) this.head.take(each, receivedAtMs)
    this.#hear(rows, receivedAtMs)
  }

  *take(arrivals: readonly Arrival[]): Pieces {
    const live = this.running
    for (const { rows, receivedAtMs } of arrivals) {
      yield* live.takeInPieces(rows, receivedAtMs)
      this.#hear(rows, live.nowMs)
      yield* this.#tellAgents(live.nowMs)
    }
  }

  *advance(nowMs: number): Pieces {
    yield* this.running.advanceInPieces(nowMs)
    yield* this.#tellAgents(nowMs)
  }

  // Nothing of what was heard before is believed.
  forget(): void {
    this.head.close()
    this.head = this.#newHead()
    this.recorder = this.#newRecorder()
  }

  // Other rules, or the same ones over another past. `saved` counts where there were none. Answers with what is to be
  // saved of those before.
  *change(
    { program, settings, nowMs, isPatient }: Change,
    saved: ReadonlyMap<string, Alerts>,
  ): Pieces<Removed[]> {
    const { clock } = this.#options
    const { live: before, head, recorder } = this
    recorder.beginAnew()
    const alerts = before === undefined ? saved : alertsOf(before)
    const late = before?.takeOutcome()
    const live = new LiveRules({
      ...this.#options,
      ...settings,
      program,
      head,
      recorder,
      saved: alerts,
      lookbackMs,
      monotonicMs: () => clock.monotonicMs(),
      nowMs,
      isPatient,
      waiting: before === undefined ? undefined : waitingOf(before),
      written: before === undefined ? undefined : writtenFor(program, before),
    })
    this.live = live
    this.program = program
    this.settings = settings
    followRules(this.agents, settings, nowMs)
    if (isPatient) recordAgents(this.agents, recorder, nowMs)
    yield* live.evaluateAllInPieces()
    recorder.endUnclaimed(nowMs)
    return [late ?? [], removedAlerts(alerts, settings.groups, nowMs)].flat()
  }

  #hear(rows: readonly Rows[], nowMs: number): void {
    if (this.#options.hearsHosts) for (const each of rows) this.agents.hear(each, nowMs)
  }

  *#tellAgents(nowMs: number): Pieces {
    if (this.agents.nextDueMs() > nowMs) return
    recordAgents(this.agents, this.recorder, nowMs)
    yield* this.running.changedAsideInPieces()
  }

  #newHead(): Head {
    return new Head({ ...this.#options, lookbackMs, maxBytes: this.#options.headBytes })
  }

  #newRecorder(): Recorder {
    return new Recorder({ ...this.#options, head: this.head })
  }
}
