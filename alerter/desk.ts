// What the timeline has decided becomes what is written: rows, facts, incidents and entries of the outbox, all on one
// page. Called by the alerter after every step of the timeline.
import type { Labels } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { Page } from './book/page.ts'
import { digest } from './book/records.ts'
import type { Fact } from './fact.ts'
import type { Incidents } from './incidents.ts'
import { factOfEnd } from './intake.ts'
import { lineOf, tellingEntry } from './outbox/line.ts'
import type { OutboxWrite, StandingOutbox } from './outbox.ts'
import type { OutboxEntry } from './outbox-entry.ts'
import type { Ended, Held, Outcome } from './timeline/outcome.ts'
import type { Timeline } from './timeline.ts'

export type DeskOptions = Readonly<{
  timeline: Timeline
  outbox: StandingOutbox
  incidents: Incidents
  own: OwnMetrics
  wrote?: ((facts: readonly Fact[]) => void) | undefined
  lastSeq: number
}>

// `saved` is to be called when the page is durable.
export type Written = Readonly<{ page: Page; saved: () => void }>

export class Desk {
  readonly #options: DeskOptions
  readonly #counted
  #seq: number

  constructor(options: DeskOptions) {
    this.#options = options
    this.#counted = options.own.counter('plimsoll_alerter_facts_total')
    this.#seq = options.lastSeq
  }

  // Of what has happened since the last page, with the facts that led to it; nothing where that is nothing.
  write(heard: readonly Fact[], nowMs: number): Written | undefined {
    const outcome = this.#options.timeline.takeOutcome()
    if (outcome === undefined) return heard.length === 0 ? undefined : this.say(heard, [])
    const page = new Page()
    page.outcome(outcome)
    const puts = this.#put(page, outcome)
    // What is reported once more has ended before.
    this.#putFacts(
      page,
      outcome.ended.map(each => this.#endedFact(each)),
    )
    this.#putFacts(page, this.#placed(heard, outcome))
    this.#putFacts(page, this.#heldFacts(outcome.held))
    this.#close(page, outcome, nowMs)
    return { page, saved: inOrder(puts) }
  }

  // Of what is told and is no alert.
  say(facts: readonly Fact[], entries: readonly OutboxEntry[]): Written {
    const page = new Page()
    this.#putFacts(page, facts)
    const puts = entries.map(each => this.#options.outbox.put(each))
    for (const { entry } of puts) page.entry(entry.id, entry)
    return { page, saved: inOrder(puts.map(({ saved }) => saved)) }
  }

  // Of the outbox, which has decided it itself.
  putWritten(page: Page, { puts, gone, facts }: Omit<OutboxWrite, 'saved'>): void {
    for (const each of gone) page.entry(each, null)
    for (const each of puts) page.entry(each.id, each)
    this.#putFacts(page, facts)
  }

  // Called when it is durable, also where the state refused it first. Whoever is told next is told with it in mind.
  savedOf({ facts, saved }: OutboxWrite): () => void {
    return () => {
      this.#options.wrote?.(facts)
      saved()
    }
  }

  #putFacts(page: Page, facts: readonly Fact[]): void {
    const counts = new Map<string, number>()
    for (const each of facts) {
      counts.set(each.kind, (counts.get(each.kind) ?? 0) + 1)
      this.#seq += 1
      page.fact(each, this.#seq)
    }
    for (const [kind, count] of counts) this.#counted.inc(count, { kind })
  }

  #put(page: Page, { tellings, groups, goneGroups, told }: Outcome): (() => void)[] {
    const { incidents, outbox } = this.#options
    if (tellings.length === 0) return []
    // A group may have told its last.
    const labels = new Map<string, Labels>()
    for (const rows of [goneGroups, groups]) for (const each of rows) labels.set(each.id, each.labels)
    const heard = new Map(told.map(each => [lineOf(each), each]))
    return tellings.map(telling => {
      const { group, atMs, begun } = telling
      let incident = incidents.of(group)
      if (incident === undefined) {
        incident = incidents.open(group, labels.get(group)!, atMs)
        page.incident(incident)
      }
      // In a storm that is all that was ever told, and nobody needs to be looked up.
      const all = telling.reason === 'first' ? heard.get(lineOf(telling)) : undefined
      if (all?.firing.length === begun.length && telling.resolved.length === 0)
        for (const [each, sinceMs] of all.firing) page.member(incident.number, each, sinceMs)
      else for (const each of begun) page.member(incident.number, each, this.#sinceMs(each) ?? atMs)
      const { entry, saved } = outbox.put(tellingEntry(telling, incident.number))
      page.entry(entry.id, entry)
      return saved
    })
  }

  // A fact of an alert that sits in one group happened in that group.
  #placed(heard: readonly Fact[], { alerts }: Outcome): readonly Fact[] {
    if (heard.length === 0) return heard
    const groups = new Map<string, string>()
    for (const { alert, seats } of alerts)
      if (seats.length === 1) groups.set(alert.fingerprint, seats[0]!.group)
    return heard.map(fact => {
      const group = groups.get(fact.fingerprint!)
      if (group === undefined) return fact
      return { ...fact, group, incident: this.#numberOf(group) }
    })
  }

  #endedFact(ended: Ended): Fact {
    return { ...factOfEnd(ended), incident: ended.group === null ? null : this.#numberOf(ended.group) }
  }

  #heldFacts(held: readonly Held[]): Fact[] {
    return held.map(({ group, fingerprint, atMs, reason }) => {
      const kind = reason === null ? 'released' : 'held'
      return {
        id: `${kind}/${fingerprint}/${atMs}/${digest(group)}`,
        kind,
        atMs,
        incident: this.#numberOf(group),
        group,
        fingerprint,
        who: 'alerter',
        details: reason,
      }
    })
  }

  #close(page: Page, { goneGroups, groups }: Outcome, nowMs: number): void {
    if (goneGroups.length === 0) return
    const isBack = new Set(groups.map(({ id }) => id))
    for (const { id } of goneGroups) {
      if (isBack.has(id)) continue
      const closed = this.#options.incidents.close(id, nowMs)
      if (closed !== undefined) page.incident(closed)
    }
  }

  #numberOf(group: string): number | null {
    return this.#options.incidents.of(group)?.number ?? null
  }

  #sinceMs(fingerprint: string): number | undefined {
    return this.#options.timeline.known(fingerprint)?.startsAtMs
  }
}

const inOrder = (all: readonly (() => void)[]) => (): void => {
  for (const each of all) each()
}
