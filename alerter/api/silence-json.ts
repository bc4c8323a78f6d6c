// Silences as Alertmanager's API shows and takes them. Called by silence-routes.ts.
import type { Matcher } from '#core/model.ts'
import { type Silence, silenceState, type WantedSilence } from '../silences/silence.ts'
import { type Found, isObject, kindOf, timeMs, timeText } from './form.ts'
import { codes, type Refused, refuseBody, refuseForm } from './refusal.ts'

export const silenceJson = (silence: Silence, nowMs: number): object => ({
  id: silence.id,
  status: { state: silenceState(silence, nowMs) },
  updatedAt: timeText(silence.updatedAtMs),
  comment: silence.comment,
  createdBy: silence.createdBy,
  endsAt: timeText(silence.endsAtMs),
  matchers: silence.matchers.map(({ name, op, value }) => ({
    isEqual: op === '=' || op === '=~',
    isRegex: op === '=~' || op === '!~',
    name,
    value,
  })),
  startsAt: timeText(silence.startsAtMs),
})

const states = ['active', 'pending', 'expired'] as const

// Those that end next, those that begin next, those that ended last.
export function inOrder(silences: readonly Silence[], nowMs: number): readonly Silence[] {
  const parts = Map.groupBy(silences, each => silenceState(each, nowMs))
  const [active = [], pending = [], expired = []] = states.map(state => parts.get(state))
  return [
    ...active.toSorted((a, b) => a.endsAtMs - b.endsAtMs),
    ...pending.toSorted((a, b) => a.startsAtMs - b.startsAtMs),
    ...expired.toSorted((a, b) => b.endsAtMs - a.endsAtMs),
  ]
}

// Throws a Refused. What it asks for is judged later.
export function readWanted(body: unknown, nowMs: number): WantedSilence {
  if (body !== null && !isObject(body)) throw refuseBody('silence', `wanted an object, found ${kindOf(body)}`)
  const found = body ?? {}
  const [comment, createdBy] = [textIn(found, 'comment'), textIn(found, 'createdBy')]
  const [startsAt, endsAt] = [timeMs(found['startsAt'], 'silence'), timeMs(found['endsAt'], 'silence')]
  const id = textIn(found, 'id') ?? ''
  if (comment === undefined) throw missing('comment')
  if (createdBy === undefined) throw missing('createdBy')
  if (found['endsAt'] === undefined || found['endsAt'] === null) throw missing('endsAt')
  const matchers = listIn(found)
  if (found['startsAt'] === undefined || found['startsAt'] === null) throw missing('startsAt')
  return {
    id,
    matchers: matchers.map(matcherOf),
    // Go's zero is now.
    startsAtMs: startsAt ?? nowMs,
    endsAtMs: endsAt ?? Number.NEGATIVE_INFINITY,
    createdBy,
    comment,
  }
}

const missing = (name: string): Refused => refuseForm(codes.missing, `${name} in body is required`)

function textIn(found: Found, name: string, at = ''): string | undefined {
  const value = found[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw refuseBody('silence', `${at}${name} is ${kindOf(value)}, not a text`)
  return value
}

function listIn({ matchers }: Found): readonly unknown[] {
  if (matchers === undefined || matchers === null) throw missing('matchers')
  if (!Array.isArray(matchers)) throw refuseBody('silence', `matchers is ${kindOf(matchers)}, not a list`)
  if (matchers.length === 0) throw refuseForm(codes.tooFew, 'matchers in body should have at least 1 items')
  return matchers
}

function matcherOf(found: unknown, nth: number): Matcher {
  const at = `matchers.${nth}.`
  if (!isObject(found)) throw refuseBody('silence', `matchers.${nth} is ${kindOf(found)}, not an object`)
  const [name, value] = [textIn(found, 'name', at), textIn(found, 'value', at)]
  const [isRegex, isEqual] = [switchIn(found, 'isRegex', at), switchIn(found, 'isEqual', at) ?? true]
  if (isRegex === undefined) throw missing(`${at}isRegex`)
  if (name === undefined) throw missing(`${at}name`)
  if (value === undefined) throw missing(`${at}value`)
  const op = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!='
  return { name, op, value }
}

function switchIn(found: Found, name: string, at: string): boolean | undefined {
  const value = found[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean')
    throw refuseBody('silence', `${at}${name} is ${kindOf(value)}, not true or false`)
  return value
}
