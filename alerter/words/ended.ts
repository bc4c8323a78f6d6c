// The lines about what ended, and about what nobody knows any more. Called by fields.ts and for SMS.
import type { Message, ToldAlert } from '../message.ts'
import { type Field, listText, plainField } from './field.ts'
import { placeOf } from './place.ts'
import { alertTitle, nameOf } from './title.ts'
import type { LineName, Tongue } from './tongue.ts'

const endedRank = 2

// What ended beside others that fire still, and of what nobody knows how it is: that is said even of one.
export function endedFields(
  told: readonly ToldAlert[],
  message: Message,
  tongue: Tongue,
  alertsMax: number,
): Field[] {
  const unknown = message.alerts.filter(({ stale }) => stale)
  const well = message.alerts.filter(({ status, stale }) => status === 'resolved' && !stale)
  if (unknown.length > 0 && unknown.length === message.alerts.length) {
    return [plainField(tongue.labels.noData, 1, tongue.nobodyKnows)]
  }
  const isMixed = told.length < message.alerts.length || unknown.length > 0
  const isOneKind = new Set(message.alerts.map(nameOf)).size === 1
  const list = (name: LineName, alerts: readonly ToldAlert[]): Field[] => {
    // The place is enough where all are of one kind.
    const short = alerts.map(each => (isOneKind && placeOf(each.labels)) || alertTitle(each, tongue))
    const names = [...new Set(short)]
    const named = names.slice(0, Math.max(1, alertsMax))
    const text = listText(named, names.length - named.length, tongue)
    return alerts.length === 0 ? [] : [{ label: tongue.labels[name], rank: endedRank, text }]
  }
  return [...(isMixed ? list('worksAgain', well) : []), ...list('noData', unknown)]
}
