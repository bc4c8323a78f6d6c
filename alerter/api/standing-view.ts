// What the alerter of this process knows, for the routes. Called by bin/ where the alerter is at work.
import type { State } from '#core/state.ts'
import type { Alerter } from '../alerter.ts'
import type { Delivery } from '../delivery.ts'
import { incidentOf, readFacts, readIncidents } from '../facts.ts'
import { readSilenceFacts } from '../silences/silence-facts.ts'
import type { AlerterView, ConfigView } from './view.ts'

export type StandingViewOptions = Readonly<{
  alerter: Pick<Alerter, 'alerts' | 'alert' | 'groups' | 'seats' | 'untold'>
  delivery: Pick<Delivery, 'waitOf'>
  state: State
  // As it is now.
  config(): ConfigView
}>

export const standingView = ({ alerter, delivery, state, config }: StandingViewOptions): AlerterView => ({
  config,
  alerts: async () => alerter.alerts(),
  alert: async fingerprint => alerter.alert(fingerprint),
  groups: async () => alerter.groups(),
  seats: async fingerprint => alerter.seats(fingerprint),
  waiting: async fingerprint => alerter.untold(fingerprint),
  waitOf: entry => delivery.waitOf(entry),
  ...historyOf(state),
})

// What lies in the state is the same for every process.
type History = Pick<AlerterView, 'readFacts' | 'silenceFacts' | 'incidents' | 'incident'>

export const historyOf = ({ db }: State): History => ({
  readFacts: asked => readFacts(db, asked),
  silenceFacts: asked => readSilenceFacts(db, asked),
  incidents: asked => readIncidents(db, asked),
  incident: number => incidentOf(db, number),
})
