// What Alertmanager's templates see of a message: its data under Alertmanager's names, with the methods that its lists
// and its sets of labels have. Called by template.ts.
import type { Labels } from '#core/model.ts'
import { sortedKeys } from '#promql/template/sorted-keys.ts'
import { timeValue } from '#promql/template/time.ts'
import {
  type Dict,
  type List,
  labelsValue,
  listOf,
  method,
  type Shape,
  type Struct,
  structOf,
  type Value,
  type Zone,
} from '#promql/template/value.ts'
import { type Message, type ToldAlert, truncatedCount } from '../message.ts'
import { acknowledgedBy } from '../words.ts'
import { zoneOf } from './zone.ts'

const texts: Shape = { name: '[]string' }
export const textsValue = (items: readonly string[]): List => listOf(items, texts)

const pairShape: Shape = { name: 'template.Pair' }
const pairsShape: Shape = {
  name: 'template.Pairs',
  text: (pairs: List) => pairsText(pairs),
  methods: {
    Names: method([], (pairs: List) => textsValue(pairs.items.map(each => fieldOf(each, 'Name')))),
    Values: method([], (pairs: List) => textsValue(pairs.items.map(each => fieldOf(each, 'Value')))),
    String: method([], (pairs: List) => pairsText(pairs)),
  },
}

const fieldOf = (of: Value, name: string): string => (of as Struct).fields[name] as string

const pairsText = ({ items }: List): string =>
  items.map(each => `${fieldOf(each, 'Name')}=${fieldOf(each, 'Value')}`).join(', ')

// The name of the alert comes first.
function namesOf({ entries }: Dict): readonly string[] {
  const names = sortedKeys(entries)
  return names.includes('alertname') ? ['alertname', ...names.filter(each => each !== 'alertname')] : names
}

const textOf = ({ entries }: Dict, name: string): string => entries[name] as string

const sortedPairs = (dict: Dict): List =>
  listOf(
    namesOf(dict).map(name => structOf({ Name: name, Value: textOf(dict, name) }, pairShape)),
    pairsShape,
  )

function without(dict: Dict, names: List): Dict {
  const left = new Set(names.items)
  return {
    ...dict,
    entries: Object.fromEntries(Object.entries(dict.entries).filter(([name]) => !left.has(name))),
  }
}

const labelsShape: Shape = {
  name: 'template.KV',
  text: (dict: Dict) => pairsText(sortedPairs(dict)),
  methods: {
    SortedPairs: method([], (dict: Dict) => sortedPairs(dict)),
    Remove: method(['[]string'], (dict: Dict, [names]) => without(dict, (names ?? textsValue([])) as List)),
    Names: method([], (dict: Dict) => textsValue(namesOf(dict))),
    Values: method([], (dict: Dict) => textsValue(namesOf(dict).map(name => textOf(dict, name)))),
    String: method([], (dict: Dict) => pairsText(sortedPairs(dict))),
  },
}

const alertShape: Shape = { name: 'template.Alert' }
const someAlerts: Shape = { name: '[]template.Alert' }
const thatAre = (status: string) =>
  method([], ({ items }: List) =>
    listOf(
      items.filter(each => fieldOf(each, 'Status') === status),
      someAlerts,
    ),
  )
const alertsShape: Shape = {
  name: 'template.Alerts',
  methods: { Firing: thatAre('firing'), Resolved: thatAre('resolved') },
}

// The year 1, as Go has it for what has not ended.
const neverMs = -62_135_596_800_000

function alertValue(alert: ToldAlert, local: Zone): Struct {
  const hasEnded = alert.status === 'resolved' && alert.endsAtMs !== null
  const fields = {
    Status: alert.status,
    Labels: labels(alert.labels),
    Annotations: labels(alert.annotations),
    StartsAt: timeValue(alert.startsAtMs, local),
    EndsAt: timeValue(hasEnded ? alert.endsAtMs : neverMs, local),
    GeneratorURL: alert.generatorUrl,
    Fingerprint: alert.fingerprint,
  }
  return structOf(fields, alertShape)
}

const labels = (found: Labels): Dict => labelsValue(found, labelsShape)

export function dataOf(message: Message): Struct {
  const local = zoneOf(message.timeZone)
  const fields = {
    // Written so that it stands for itself in a regular expression, as there.
    Receiver: message.receiver.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&'),
    Status: message.status,
    Alerts: listOf(
      message.alerts.map(alert => alertValue(alert, local)),
      alertsShape,
    ),
    GroupLabels: labels(message.groupLabels),
    CommonLabels: labels(message.commonLabels),
    CommonAnnotations: labels(message.commonAnnotations),
    ExternalURL: message.externalUrl,
  }
  return structOf(fields, { name: 'template.Data', pointer: true, methods: beyond(message) })
}

// What Alertmanager tells to webhooks only, and what only we have. No fields: what prints all of them stays as it is.
const beyond = (message: Message): NonNullable<Shape['methods']> => {
  const { groupKey, incident, link, acknowledged } = message
  return {
    GroupKey: method([], () => groupKey),
    TruncatedAlerts: method([], () => BigInt(truncatedCount(message))),
    Incident: method([], () => (incident === null ? '' : String(incident))),
    Link: method([], () => link ?? ''),
    AcknowledgedBy: method([], () => acknowledgedBy(message)),
    AcknowledgedAt: method([], () => timeValue(acknowledged?.atMs ?? neverMs, zoneOf(message.timeZone))),
  }
}
