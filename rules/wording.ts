// What an alert is called and what is said of it: the labels and annotations of its rule, filled in for one result. Their
// size is decided here, so that what is told of an alert stays far below what a record of the bus, and a person, can
// take. Called by evaluate-rule.ts and by live/effects.ts.
import { Failure } from '#core/errors.ts'
import { fingerprint, labelsOf, metricName, withLabels } from '#core/labels.ts'
import type { Labels, Series } from '#core/model.ts'
import { evaluate, evaluateNow } from '#promql/evaluate.ts'
import { parse } from '#promql/parse.ts'
import {
  type AlertTemplate,
  alertData,
  expandAlertTemplate,
  expandAlertTemplateWaiting,
  spliceAlertTemplate,
  waits,
} from '#promql/template.ts'
import { type Asking, ask, pause } from './ask.ts'
import { type Found, samplesOf, twice, type World } from './results.ts'
import type { AlertRule, Worded } from './rule.ts'
import type { Instance } from './state.ts'

// Bytes of one annotation, and of one label that a rule sets: more than anybody reads on a phone.
export const textMaxBytes = 4_096

// By fingerprint.
export function* instancesOf(
  rule: AlertRule,
  found: readonly Found[],
  world: World,
): Asking<Map<string, Instance>> {
  const instances = new Map<string, Instance>()
  for (const each of found) {
    if (instances.size % 256 === 255) yield pause
    const labels = yield* alertLabels(rule, each, world)
    const key = fingerprint(labels)
    if (instances.has(key)) throw twice(labels, 'alert')
    const annotations = yield* annotationsOf(rule, each, world)
    instances.set(key, { labels, annotations, value: each.value })
  }
  return instances
}

export function* alertLabels(rule: AlertRule, found: Found, world: World): Asking<Labels> {
  const plain = labelsAtOnce(rule, found)
  if (plain !== undefined) return plain
  const fill = filler(found, world)
  const pairs = Object.entries(found.series.labels)
  for (const [name, worded] of rule.labels) pairs.push([name, short(rule, name, yield* fill(worded))])
  pairs.push(['alertname', rule.alert])
  return labelsOf(pairs)
}

export function* annotationsOf(rule: AlertRule, found: Found, world: World): Asking<Labels> {
  const { annotations } = plainOf(rule)
  if (annotations !== undefined) return annotations
  const fill = filler(found, world)
  const texts: [string, string][] = []
  for (const [name, worded] of rule.annotations) texts.push([name, cut(yield* fill(worded), world)])
  return Object.fromEntries(texts)
}

// The same where no template fills a label, without the cost of being able to wait; undefined where one does.
export function labelsAtOnce(rule: AlertRule, { series }: Pick<Found, 'series'>): Labels | undefined {
  const { labels } = plainOf(rule)
  return labels && withLabels(series.labels, labels)
}

// The same where no template asks, without the cost of being able to wait; undefined where one does.
export function annotationsAtOnce(rule: AlertRule, found: Found, world: World): Labels | undefined {
  const { annotations, mayAsk } = plainOf(rule)
  if (annotations !== undefined || mayAsk) return annotations
  let data: ReturnType<typeof alertData> | undefined
  const texts: [string, string][] = []
  for (const [name, { template }] of rule.annotations) {
    let text = spliceAlertTemplate(template, found.series)
    if (text === undefined) {
      data ??= dataOf(found, world)
      text = expandAlertTemplate(template, data, world).text
    }
    texts.push([name, cut(text, world)])
  }
  return Object.fromEntries(texts)
}

// What is the same for every alert of a rule.
type Plain = Readonly<{
  // Sorted; none when a template fills one.
  labels: readonly (readonly [string, string])[] | undefined
  annotations: Labels | undefined
  mayAsk: boolean
}>

const plains = new WeakMap<AlertRule, Plain>()

function plainOf(rule: AlertRule): Plain {
  const known = plains.get(rule)
  if (known !== undefined) return known
  const labels = textsOf(rule.labels)
  for (const [name, text] of labels ?? []) short(rule, name, text)
  const annotations = textsOf(rule.annotations)
  const isShort = annotations?.every(([, text]) => Buffer.byteLength(text) <= textMaxBytes)
  const all = new Map([...(labels ?? []), ['alertname', rule.alert]])
  const plain = {
    labels: labels && [...all].sort(([a], [b]) => (a < b ? -1 : 1)),
    annotations: isShort === true ? Object.fromEntries(annotations!) : undefined,
    mayAsk: [...rule.annotations.values()].some(({ template }) => waits(template)),
  }
  plains.set(rule, plain)
  return plain
}

function textsOf(all: ReadonlyMap<string, Worded>): (readonly [string, string])[] | undefined {
  const texts = [...all].flatMap(([name, { template }]) =>
    'plain' in template ? [[name, template.plain] as const] : [],
  )
  return texts.length === all.size ? texts : undefined
}

// A label says who an alert is: a part of it would be another one.
function short({ alert }: AlertRule, name: string, text: string): string {
  const bytes = Buffer.byteLength(text)
  if (bytes <= textMaxBytes) return text
  const what = `label ${name} of ${alert} comes to ${bytes} bytes, at most ${textMaxBytes} may be`
  throw new Failure('rule_failed', `${what}: put long texts into annotations`)
}

const end = '…'
const endBytes = Buffer.byteLength(end)

function cut(text: string, { cutText }: World): string {
  // A code unit is three bytes at most.
  if (text.length * 3 <= textMaxBytes) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= textMaxBytes) return text
  cutText?.()
  let length = textMaxBytes - endBytes
  // Not within a character.
  while ((bytes[length]! & 0xc0) === 0x80) length--
  return bytes.toString('utf8', 0, length) + end
}

const dataOf = ({ series, value }: Found, { externalLabels, externalUrl }: World) =>
  alertData({ labels: withName(series), externalLabels, externalUrl, value })

// What cannot be expanded becomes the text that says why, and the alert still goes out.
function filler(found: Found, world: World): (worded: Worded) => Asking<string> {
  const { source, options } = world
  let made: ReturnType<typeof alertData> | undefined
  const data = (): ReturnType<typeof alertData> => {
    made ??= dataOf(found, world)
    return made
  }
  return function* ({ template }) {
    if ('plain' in template) return template.plain
    if (!waits(template)) return expandAlertTemplate(template, data(), world).text
    return yield* asked(template)
  }

  function* asked(template: AlertTemplate): Asking<string> {
    const { text } = yield* ask(
      () => {
        const query = (text: string, atMs: number): Found[] =>
          samplesOf(evaluateNow(parse(text), source, { atMs }, options))
        return expandAlertTemplate(template, data(), { ...world, query })
      },
      () => {
        const query = async (text: string, atMs: number): Promise<Found[]> =>
          samplesOf(await evaluate(parse(text), source, { atMs }, options))
        return expandAlertTemplateWaiting(template, data(), { ...world, query })
      },
    )
    return text
  }
}

const withName = ({ name, labels }: Series): Labels =>
  name === '' ? labels : withLabels(labels, [[metricName, name]])
