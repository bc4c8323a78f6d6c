// What a label set is and what it is equal to: building, the canonical key and the fingerprint. Called by
// everyone who reads or makes series.
import type { Labels, Series } from './model.ts'

// An object that inherits nothing and is still fast: `labels.constructor` is undefined and
// `labels.__proto__ = 'x'` is an ordinary label, without the cost of Object.create(null).
// biome-ignore lint/complexity/useArrowFunction: an arrow function has no `new`
const Bag = function () {} as unknown as new () => Record<string, string>
Bag.prototype = Object.create(null)

export const metricName = '__name__'

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : a > b ? 1 : 0

// Sorted by name; empty values left out; of two with one name the later wins.
export function labelsOf(entries: Iterable<readonly [string, string]>): Labels {
  const labels = new Bag()
  for (const [name, value] of [...entries].sort(byName)) {
    if (value === '') delete labels[name]
    else labels[name] = value
  }
  return labels
}

export const noLabels: Labels = labelsOf([])

// Two series are the same exactly when their keys are. Neither byte can occur in well-formed text.
export function keyOf({ name, labels }: Series): string {
  let key = name
  for (const label in labels) key += `\u{fffe}${label}\u{ffff}${labels[label]}`
  return key
}

// The value under a name: absent labels are empty, as in Prometheus.
export const labelValue = ({ name, labels }: Series, label: string): string =>
  label === metricName ? name : (labels[label] ?? '')

export const labelNamesOf = ({ labels }: Series): string[] => [metricName, ...Object.keys(labels)]

// Prometheus' own: FNV-1a 64 over the sorted names and values, each ended by the byte 255.
export function fingerprint(labels: Labels): string {
  let hash = 0xcbf29ce484222325n
  const add = (byte: number): void => {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  }
  const names = Object.keys(labels).sort()
  for (const name of names) {
    for (const text of [name, labels[name] ?? '']) {
      for (const byte of Buffer.from(text)) add(byte)
      add(255)
    }
  }
  return hash.toString(16).padStart(16, '0')
}
