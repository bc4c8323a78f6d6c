// Where an alert is: which of its labels say so, and in which order people want them. Called by title.ts and spread.ts.
import type { Labels } from '#core/model.ts'
import { tidy } from './tidy.ts'

// The first that is there names the place.
const places = [
  'host',
  'hostname',
  'nodename',
  'node',
  'instance',
  'target',
  'url',
  'pod',
  'container',
  'name',
  'service',
  'app',
  'pool',
  'job',
  'cluster',
  'zone',
]

// Said after all others: they seldom tell people where to look.
const wide = [
  'job',
  'namespace',
  'cluster',
  'zone',
  'region',
  'dc',
  'env',
  'environment',
  'prometheus',
  'replica',
]

// Said elsewhere, or of no use to people.
const unsaid = new Set(['alertname', 'severity', 'unit'])

const isSaid = (name: string): boolean => !unsaid.has(name) && !name.startsWith('__')

const orderOf = (name: string): number => {
  if (wide.includes(name)) return places.length + 1 + wide.indexOf(name)
  const at = places.indexOf(name)
  return at < 0 ? places.length : at
}

// Of these, those that are said, in their order.
export const saidNames = (names: Iterable<string>): string[] =>
  [...names].filter(isSaid).toSorted((a, b) => orderOf(a) - orderOf(b) || (a < b ? -1 : 1))

// Nothing but the host once more, with the port of its exporter.
export function isInstanceOfHost(labels: Labels): boolean {
  const host = labels['host'] ?? labels['hostname'] ?? labels['node'] ?? labels['nodename']
  return withoutPort(labels['instance'] ?? '') === host
}

// What this one tells is of others, never of where it runs itself.
const isOfOthers = ({ job }: Labels): boolean => job?.includes('kube-state-metrics') ?? false

const isOfNoUse = (labels: Labels): boolean => isInstanceOfHost(labels) || isOfOthers(labels)

export const saidLabels = (labels: Labels): (readonly [name: string, value: string])[] =>
  saidNames(Object.keys(labels))
    .filter(name => labels[name] !== '' && !(name === 'instance' && isOfNoUse(labels)))
    .map(name => [tidy(name), tidy(labels[name] ?? '')])

// The port of an exporter says nothing in a title.
export function placeOf(labels: Labels): string {
  const known = isOfOthers(labels) ? places.filter(each => each !== 'instance') : places
  const name = known.find(each => (labels[each] ?? '') !== '')
  if (name === undefined) return ''
  const value = labels[name] ?? ''
  return tidy(name === 'instance' ? withoutPort(value) : value)
}

// Of `[::1]:9100` and `db-7:9100`; a bare IPv6 address has none.
const withoutPort = (value: string): string => value.replace(/^(\[[^\]]*\]|[^:]+):\d+$/, '$1')
