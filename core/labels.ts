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

// Of an object that has no others, which JSON made. As labelsOf() of its entries, without making them.
export const labelsIn = (found: Readonly<Record<string, string>>): Labels => bagOf(found, false)

// The same of annotations: what their sender left empty is there, and empty.
export const annotationsIn = (found: Readonly<Record<string, string>>): Labels => bagOf(found, true)

// In one pass, as most are in order.
function bagOf(found: Readonly<Record<string, string>>, keepsEmpty: boolean): Labels {
  const bag = new Bag()
  let before = ''
  for (const name in found) {
    if (name < before) return sortedBagOf(found, keepsEmpty)
    before = name
    if (keepsEmpty || found[name] !== '') bag[name] = found[name]!
  }
  return bag
}

function sortedBagOf(found: Readonly<Record<string, string>>, keepsEmpty: boolean): Labels {
  const bag = new Bag()
  for (const name of Object.keys(found).sort()) if (keepsEmpty || found[name] !== '') bag[name] = found[name]!
  return bag
}

// Names like numbers come first in every object, wherever they belong.
function isInOrder(found: Readonly<Record<string, string>>): boolean {
  let before = ''
  for (const name in found) {
    if (name < before) return false
    before = name
  }
  return true
}

function isSorted(pairs: readonly (readonly [string, string])[]): boolean {
  for (let at = 1; at < pairs.length; at++) if (pairs[at - 1]![0] > pairs[at]![0]) return false
  return true
}

// With some more, which are sorted by name and win; an empty one takes a label away. As labelsOf() of both, in a third
// of the time.
export function withLabels(labels: Labels, added: readonly (readonly [string, string])[]): Labels {
  const all = new Bag()
  let next = 0
  let before = ''
  for (const name in labels) {
    // Names like numbers come first in every object, wherever they belong.
    if (name < before) return labelsOf([...Object.entries(labels), ...added])
    before = name
    for (; next < added.length && added[next]![0] < name; next++) put(all, added[next]!)
    if (added[next]?.[0] !== name) all[name] = labels[name]!
  }
  for (; next < added.length; next++) put(all, added[next]!)
  return all
}

function put(bag: Record<string, string>, [name, value]: readonly [string, string]): void {
  if (value !== '') bag[name] = value
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
// In two halves of 32 bits: numbers of 64 would take forty times as long. Hot while a storm begins: 0.5 µs for three
// labels of ASCII, a quarter of what copies of texts and padded digits took.
export function fingerprint(labels: Labels): string {
  hashed[0] = 0xcbf29ce4
  hashed[1] = 0x84222325
  if (isInOrder(labels) && areAscii(labels)) for (const name in labels) hashPair(name, labels[name]!)
  else for (const name of namesByBytes(labels)) hashPair(name, labels[name]!)
  return hex()
}

// The upper half and the lower.
const hashed = new Int32Array(2)

function hashPair(name: string, value: string): void {
  hash(name)
  hash(value)
}

// Bytes are read as a text of theirs where the text has others than ASCII.
function hash(text: string, most = 127): void {
  let high = hashed[0]!
  let low = hashed[1]!
  for (let at = 0; at <= text.length; at++) {
    const isEnd = at === text.length
    const byte = isEnd ? 255 : text.charCodeAt(at)
    if (byte > most && !isEnd) {
      hash(Buffer.from(text).toString('latin1'), 255)
      return
    }
    low ^= byte
    // The prime is 2^40 + 0x1b3; what the lower half carries comes from its own halves.
    const carried = ((low >>> 16) * 0x1b3 + (((low & 0xffff) * 0x1b3) >>> 16)) >>> 16
    high = (Math.imul(high, 0x1b3) + (low << 8) + carried) | 0
    low = Math.imul(low, 0x1b3)
  }
  hashed[0] = high
  hashed[1] = low
}

const digits = Uint8Array.from('0123456789abcdef', each => each.charCodeAt(0))
const written = Buffer.alloc(16)

// In one piece: what is joined is laid together by whoever looks it up.
function hex(): string {
  for (let at = 0; at < 16; at++) written[at] = digits[(hashed[at >> 3]! >>> (28 - 4 * (at & 7))) & 15]!
  return written.toString('latin1')
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false
  return true
}

function areAscii(labels: Labels): boolean {
  for (const name in labels) if (!isAscii(name)) return false
  return true
}

// UTF-16 and UTF-8 sort alike but for what UTF-16 writes as pairs.
function namesByBytes(labels: Labels): string[] {
  const names = Object.keys(labels).sort()
  if (!names.some(name => /[\ud800-\udfff]/.test(name))) return names
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
