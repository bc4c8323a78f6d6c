// What the addresses of the alerter show. Made by standing-view.ts where the alerter is at work and by saved-view.ts
// elsewhere, given to the routes by bin/.
import type { Wait } from '../delivery/wait.ts'
import type { Fact } from '../fact.ts'
import type { FactQuestion, IncidentQuestion, IncidentView } from '../facts.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import type { Integration, Route } from '../route.ts'
import type { SilenceFact } from '../silences/silence-facts.ts'
import type { AlertView, GroupView, SeatView } from '../timeline/views.ts'

export type ConfigView = Readonly<{
  route: Route
  // In the order of the file.
  receivers: ReadonlyMap<string, Readonly<{ integrations: readonly Integration[] }>>
  resolveTimeoutMs: number
  // Alertmanager's YAML, without secrets: made when somebody asks, because every POST looks at the rest.
  text(): string
}>

export interface AlerterView {
  config(): ConfigView
  // Those that go on.
  alerts(): Promise<Iterable<AlertView>>
  alert(fingerprint: string): Promise<AlertView | undefined>
  groups(): Promise<Iterable<GroupView>>
  seats(fingerprint: string): Promise<readonly SeatView[]>
  // What is not delivered yet and names this alert.
  waiting(fingerprint: string): Promise<readonly OutboxEntry[]>
  // What keeps it. Only the process that sends it knows; elsewhere nothing.
  waitOf(entry: string): Wait | undefined
  // Newest first.
  readFacts(asked: FactQuestion): Promise<readonly Fact[]>
  // What people did with silences, newest first.
  silenceFacts(asked: Readonly<{ sinceMs: number; limit: number }>): Promise<readonly SilenceFact[]>
  // Newest first.
  incidents(asked: IncidentQuestion): Promise<readonly IncidentView[]>
  incident(number: number): Promise<IncidentView | undefined>
}
