// The lines of several alerts: what they share once, then each by its title while they are few, else what differs by
// label. Called by fields.ts.
import type { ToldAlert } from '../message.ts'
import { type Field, listText, plainField } from './field.ts'
import { type Spread, spreadOf } from './spread.ts'
import { tidy } from './tidy.ts'
import { alertTitle, countedNames } from './title.ts'
import type { Tongue } from './tongue.ts'

const sameRank = 7
const memberRank = 5
const differRank = 2
// Of a member whose title another one has too.
const detailMax = 3

export function membersOf(told: readonly ToldAlert[], tongue: Tongue, alertsMax: number): Field[] {
  const { same, differ } = spreadOf(told)
  const shared = same.map(([name, value]) => `${name} ${value}`).join(tongue.comma)
  const where = shared === '' ? [] : [plainField(tongue.labels.where, sameRank, shared)]
  if (told.length <= alertsMax) return [...where, ...eachOf(told, differ, tongue)]
  const kinds = countedNames(told)
  const lists = differ.map(({ name, values }): Field => {
    const items = name === 'alertname' ? kinds : values
    const named = items.slice(0, Math.max(1, alertsMax))
    return {
      label: name === 'alertname' ? tongue.labels.what : name,
      rank: differRank,
      text: listText(named, items.length - named.length, tongue),
    }
  })
  return [...lists, ...where]
}

function eachOf(told: readonly ToldAlert[], differ: Spread['differ'], tongue: Tongue): Field[] {
  const titles = told.map(alert => alertTitle(alert, tongue))
  return told.map((alert, at) => {
    const title = titles[at] ?? ''
    const isOnly = titles.indexOf(title) === titles.lastIndexOf(title)
    return plainField('', memberRank, `• ${title}${isOnly ? '' : detail(alert, differ)}`)
  })
}

// In brackets, what tells it from the others.
function detail(alert: ToldAlert, differ: Spread['differ']): string {
  const parts = differ
    .filter(({ name }) => (alert.labels[name] ?? '') !== '')
    .slice(0, detailMax)
    .map(({ name }) => `${name} ${tidy(alert.labels[name] ?? '')}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}
