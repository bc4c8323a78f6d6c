// Which labels does a point get? Its own attributes, and of its resource what tells targets apart: job, instance, host
// and what is promoted. The rest of the resource is told once, by target_info. Called by otlp-rows.ts.
import { labelsOf, metricName } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type { Attributes } from './otlp-model.ts'
import { labelNameOf } from './otlp-names.ts'

// Of a resource, as pairs of label and value.
export type Identity = Attributes

// Told by job and instance.
const identifying = new Set(['service.name', 'service.namespace', 'service.instance.id'])

export function identityOf(resource: Attributes, promote: readonly string[]): Identity {
  const given = new Map(resource)
  const service = given.get('service.name') ?? ''
  const namespace = given.get('service.namespace') ?? ''
  const pairs: [string, string][] = [
    ['job', service !== '' && namespace !== '' ? `${namespace}/${service}` : service],
    ['instance', given.get('service.instance.id') ?? ''],
    ['host', given.get('host.name') ?? ''],
  ]
  for (const key of promote) pairs.push([labelNameOf(key), given.get(key) ?? ''])
  return pairs.filter(([, value]) => value !== '')
}

// What the resource says about itself wins over a point's attribute, and the metric's own name over both.
export function labelsOfPoint(attributes: Attributes, identity: Identity): Attributes {
  const merged = mergedByName(attributes)
  for (const [name, value] of identity) merged.set(name, value)
  merged.delete(metricName)
  return [...merged]
}

// Two attributes that have one name here share it, as in Prometheus: a.b=1 and a_b=2 are a_b="1;2".
function mergedByName(attributes: Attributes): Map<string, string> {
  const merged = new Map<string, string>()
  const sorted = attributes.length > 1 ? [...attributes].sort(byKey) : attributes
  for (const [key, value] of sorted) {
    const name = labelNameOf(key)
    const known = merged.get(name)
    merged.set(name, known === undefined ? value : `${known};${value}`)
  }
  return merged
}

const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : a > b ? 1 : 0

// A series of value 1 that carries what else is known of the target, to be joined by job and instance.
export function targetInfo(resource: Attributes, identity: Identity): Labels | undefined {
  const others = resource.filter(([key]) => !identifying.has(key))
  const hasTarget = identity.some(([name]) => name === 'job' || name === 'instance')
  if (!hasTarget || others.length === 0) return undefined
  return labelsOf(labelsOfPoint(others, identity))
}
