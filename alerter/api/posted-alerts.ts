// Alerts that somebody has posted → transitions, as those of our own rules travel. The good ones of a list are taken, the
// others are named. Called by alert-routes.ts.
// Hot in a storm: see bench/storm.ts.
import { Breath } from '#core/breath.ts'
import { annotationsIn, fingerprint, labelsIn, mapLabels } from '#core/labels.ts'
import type { AlertTransition, Labels } from '#core/model.ts'
import { charactersIn, nameCharactersMax } from '../alert-size.ts'
import { isRequestUri } from '../request-uri.ts'
import { isObject, kindOf, timeMs, withNames } from './form.ts'
import { codes, refuseBody, refuseForm } from './refusal.ts'

export type Posted = Readonly<{ transitions: readonly AlertTransition[]; problems: readonly string[] }>

type Times = Readonly<{ nowMs: number; resolveTimeoutMs: number; cameAtMs?: number | undefined }>

// Of a body in portions. Throws a Refused where the form is wrong: then none is taken.
export async function readPosted(portions: Iterable<unknown>, times: Times): Promise<Posted> {
  const breath = new Breath()
  const transitions: AlertTransition[] = []
  const problems: string[] = []
  for (const portion of portions) {
    if (portion === null) continue
    if (!Array.isArray(portion)) throw refuseBody('alerts', `wanted a list, found ${kindOf(portion)}`)
    for (const found of portion) {
      if (breath.isDue) await breath.taken()
      const alert = formOf(found, transitions.length + problems.length)
      const problem = problemOf(alert, times)
      if (problem === undefined) transitions.push(transitionOf(alert, times))
      else problems.push(problem)
    }
  }
  return { transitions, problems }
}

// How a list of what is wrong looks; a storm of nonsense is not answered by as much.
const problemsShown = 100

export function problemsText(problems: readonly string[]): string {
  const shown = problems.slice(0, problemsShown).join('; ')
  const left = problems.length - problemsShown
  return left > 0 ? `${shown}; and ${left} more` : shown
}

type Form = Readonly<{
  labels: Labels
  annotations: Labels
  startsAtMs: number | undefined
  endsAtMs: number | undefined
  generatorUrl: string
}>

// Most senders state all of them.
const names = ['labels', 'annotations', 'startsAt', 'endsAt', 'generatorURL']

function formOf(found: unknown, at: number): Form {
  if (!isObject(found)) throw refuseBody('alerts', `alert ${at} is ${kindOf(found)}`)
  const named = names.every(name => name in found) ? found : withNames(found, names)
  const { labels, annotations, startsAt, endsAt } = named
  const generatorURL = named['generatorURL'] ?? ''
  if (labels === undefined || labels === null)
    throw refuseForm(codes.missing, `${at}.labels in body is required`)
  if (typeof generatorURL !== 'string')
    throw refuseBody('alerts', `generatorURL of alert ${at} is ${kindOf(generatorURL)}`)
  const form = {
    labels: textsOf(labels, 'labels', at),
    annotations: textsOf(annotations ?? {}, 'annotations', at),
    startsAtMs: timeMs(startsAt, 'alerts'),
    endsAtMs: timeMs(endsAt, 'alerts'),
    generatorUrl: sameText(generatorURL),
  }
  if (generatorURL === '' || isRequestUri(generatorURL)) return form
  const what = `${at}.generatorURL in body must be of type uri: ${JSON.stringify(generatorURL)}`
  throw refuseForm(codes.wrongFormat, what)
}

// Alerts of one rule come together, and have one address: kept once.
let lastText = ''
function sameText(text: string): string {
  if (text !== lastText) lastText = text
  return lastText
}

// Labels without a text are as good as absent, annotations are not; null is a text of nothing, as Go reads it.
function textsOf(found: unknown, what: 'labels' | 'annotations', at: number): Labels {
  if (!isObject(found)) throw refuseBody('alerts', `${what} of alert ${at} are ${kindOf(found)}`)
  let isWhole = true
  for (const name in found) {
    const value = found[name]
    if (value !== null && typeof value !== 'string')
      throw refuseBody('alerts', `${name} in ${what} of alert ${at} is ${kindOf(value)}`)
    isWhole &&= value?.isWellFormed() === true
  }
  const texts = isWhole ? (found as Labels) : mapLabels(found as Labels, each => (each ?? '').toWellFormed())
  return what === 'labels' ? labelsIn(texts) : annotationsIn(texts)
}

// The texts are Alertmanager's.
function problemOf(
  { labels, annotations, startsAtMs, endsAtMs, generatorUrl }: Form,
  { nowMs, resolveTimeoutMs }: Times,
): string | undefined {
  const start = startsAtMs ?? endsAtMs ?? nowMs
  // Of one that begins behind the end that would be assumed, too.
  if ((endsAtMs ?? nowMs + resolveTimeoutMs) < start) return 'start time must be before end time'
  if (charactersIn(labels) + generatorUrl.length > nameCharactersMax)
    return `its labels and its generatorURL are longer than ${nameCharactersMax} characters`
  let isEmpty = true
  for (const name in labels) {
    if (name === '') return 'invalid label set: invalid name ""'
    isEmpty = false
  }
  if (isEmpty) return 'at least one label pair required'
  return '' in annotations ? 'invalid annotations: invalid name ""' : undefined
}

const noRule = { id: '', group: '', name: '', expr: '' }

// The id is that of the beginning or the end: the same when it is reported again, with whatever end ahead.
function transitionOf(form: Form, { nowMs, resolveTimeoutMs, cameAtMs }: Times): AlertTransition {
  const { labels, annotations, generatorUrl } = form
  const startsAtMs = form.startsAtMs ?? form.endsAtMs ?? nowMs
  const endsAtMs = form.endsAtMs ?? nowMs + resolveTimeoutMs
  const isOver = endsAtMs <= nowMs
  const print = fingerprint(labels)
  const state = isOver ? 'resolved' : 'firing'
  return {
    v: 1,
    id: isOver ? `${print}-resolved-${startsAtMs}-${endsAtMs}` : print + firingSince(startsAtMs),
    atMs: nowMs,
    cameAtMs,
    alert: {
      fingerprint: print,
      labels,
      annotations,
      state,
      stale: false,
      startsAtMs,
      endsAtMs: isOver ? endsAtMs : null,
      value: '',
      rule: noRule,
      generatorUrl,
      expiresAtMs: isOver ? null : endsAtMs,
      isEndAssumed: form.endsAtMs === undefined,
    },
    reason: null,
  }
}

// Alerts that come together began together, and what is joined of many pieces is laid together again when it is looked up.
let since = { atMs: Number.NaN, text: '' }
function firingSince(atMs: number): string {
  if (since.atMs !== atMs) since = { atMs, text: `-firing-${atMs}` }
  return since.text
}
