// What the alerter of this process knows, for the routes. Called by bin/ where the alerter is at work.
import type { State } from '#core/state.ts'
import type { Alerter } from '../alerter.ts'
import { incidentOf, readFacts, readIncidents } from '../facts.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import type { AlerterView, ConfigView } from './view.ts'

export type StandingViewOptions = Readonly<{
  alerter: Pick<Alerter, 'alerts' | 'alert' | 'groups' | 'seats' | 'outbox'>
  state: State
  // As it is now.
  config(): ConfigView
}>

export const standingView = ({ alerter, state, config }: StandingViewOptions): AlerterView => ({
  config,
  alerts: async () => alerter.alerts(),
  alert: async fingerprint => alerter.alert(fingerprint),
  groups: async () => alerter.groups(),
  seats: async fingerprint => alerter.seats(fingerprint),
  waiting: async fingerprint => alerter.outbox.waiting().filter(each => tellsOf(each, fingerprint)),
  ...historyOf(state),
})

export const tellsOf = ({ telling }: OutboxEntry, fingerprint: string): boolean =>
  telling.firing.includes(fingerprint) || telling.resolved.includes(fingerprint)

// What lies in the state is the same for every process.
export const historyOf = ({ db }: State): Pick<AlerterView, 'readFacts' | 'incidents' | 'incident'> => ({
  readFacts: asked => readFacts(db, asked),
  incidents: asked => readIncidents(db, asked),
  incident: number => incidentOf(db, number),
})
