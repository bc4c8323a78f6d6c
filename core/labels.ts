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
  const pairs = Array.isArray(entries) ? (entries as (readonly [string, string])[]) : [...entries]
  const sorted = isSorted(pairs) ? pairs : pairs.toSorted(byName)
  for (let at = 0; at < sorted.length; at++) {
    const [name, value] = sorted[at]!
    if (value !== '' && name !== sorted[at + 1]?.[0]) labels[name] = value
  }
  return labels
}

function isSorted(pairs: readonly (readonly [string, string])[]): boolean {
  for (let at = 1; at < pairs.length; at++) if (pairs[at - 1]![0] > pairs[at]![0]) return false
  return true
}

// The same labels, each value changed.
export function mapLabels(labels: Labels, change: (value: string) => string): Labels {
  const changed = new Bag()
  for (const name in labels) changed[name] = change(labels[name]!)
  return changed
}

export const noLabels: Labels = labelsOf([])

// Two series are the same exactly when their keys are: half a surrogate pair never occurs in well-formed text.
export function keyOf({ name, labels }: Series): string {
  let key = name
  for (const label in labels) key += `\ud800${label}\ud800${labels[label]}`
  return key
}

// The value under a name: absent labels are empty, as in Prometheus.
export const labelValue = ({ name, labels }: Series, label: string): string =>
  label === metricName ? name : (labels[label] ?? '')

export const labelNamesOf = ({ labels }: Series): string[] => [metricName, ...Object.keys(labels)]

// Prometheus' own: FNV-1a 64 over the names, sorted by their bytes, and values, each ended by the byte 255.
// In two halves of 32 bits: numbers of 64 would take forty times as long.
export function fingerprint(labels: Labels): string {
  let high = 0xcbf29ce4
  let low = 0x84222325
  for (const name of namesByBytes(labels)) {
    for (const text of [name, labels[name]!]) {
      const bytes = Buffer.from(text)
      for (let at = 0; at <= bytes.length; at++) {
        // The prime is 2^40 + 0x1b3.
        low = (low ^ (bytes[at] ?? 255)) >>> 0
        const product = low * 0x1b3
        high = (Math.imul(high, 0x1b3) + (low << 8) + Math.floor(product / 2 ** 32)) >>> 0
        low = product >>> 0
      }
    }
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}

function namesByBytes(labels: Labels): string[] {
  const names = Object.keys(labels).sort()
  // UTF-16 and UTF-8 sort alike but for what UTF-16 writes as pairs.
  if (!names.some(name => /[\ud800-\udfff]/.test(name))) return names
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
