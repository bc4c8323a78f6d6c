// Of several alerts: what is the same for all, said once, and what differs, by label. Called by fields.ts.
import type { ToldAlert } from '../message.ts'
import { isInstanceOfHost, saidNames } from './place.ts'
import { tidy } from './tidy.ts'

export type Spread = Readonly<{
  same: readonly (readonly [name: string, value: string])[]
  // The values of each, in the order of people: db-2 before db-10.
  differ: readonly Readonly<{ name: string; values: readonly string[] }>[]
}>

const differMax = 4
const inOrder = new Intl.Collator('und', { numeric: true })

export function spreadOf(alerts: readonly ToldAlert[]): Spread {
  const names = new Set(alerts.flatMap(({ labels }) => Object.keys(labels)))
  if (alerts.every(({ labels }) => isInstanceOfHost(labels))) names.delete('instance')
  const same: (readonly [string, string])[] = []
  const differ: { name: string; values: readonly string[] }[] = []
  // What has been said already: a label that changes with another one adds nothing.
  const shapes = new Set<string>()
  for (const name of saidNames(names)) {
    const column = alerts.map(({ labels }) => labels[name] ?? '')
    const values = [...new Set(column)].filter(value => value !== '')
    if (values.length === 1 && !column.includes('')) same.push([tidy(name), tidy(values[0] ?? '')])
    if (values.length < 2 || differ.length >= differMax) continue
    const shape = shapeOf(column)
    if (shapes.has(shape)) continue
    shapes.add(shape)
    differ.push({ name: tidy(name), values: values.map(tidy).toSorted(inOrder.compare) })
  }
  return { same, differ: withNames(alerts, differ) }
}

// Equal for two labels that divide the alerts in the same way.
function shapeOf(column: readonly string[]): string {
  const numbers = new Map<string, number>()
  return column
    .map(value => {
      const number = numbers.get(value) ?? numbers.size
      numbers.set(value, number)
      return number
    })
    .join(',')
}

// Different kinds of alerts are told apart first.
function withNames(alerts: readonly ToldAlert[], differ: Spread['differ']): Spread['differ'] {
  const kinds = [...new Set(alerts.map(({ labels }) => tidy(labels['alertname'] ?? '')))]
  return kinds.length < 2 ? differ : [{ name: 'alertname', values: kinds }, ...differ]
}
