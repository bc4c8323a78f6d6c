// Flags as Alertmanager's parser reads them: `--name value`, `--name=value`, `--name=`, `--no-name`; one dash is for -h
// alone. Called by the command that takes Alertmanager's own flags.
import { nearest } from '#core/nearest.ts'
import { type Flag, Stop } from './command.ts'

export type KingpinFlag = Omit<Flag, 'many' | 'isGreedy'> &
  Readonly<{
    kind?: 'duration' | 'whole' | 'number'
    // What it is when it is left out.
    standard?: string
    // May be said again.
    isMany?: true
    // Has no effect here, where somebody may count on it.
    isMissed?: true
  }>
type Flags = Readonly<Record<string, KingpinFlag>>

// What was said of each, in order; of one without a value `true` or `false`.
export type Given = ReadonlyMap<string, readonly string[]>

const wrong = (message: string): Stop => new Stop(`${message}; --help shows what there is.`, 2)

export function readKingpin(words: readonly string[], flags: Flags): Given {
  const given = new Map<string, string[]>()
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    if (word === '-h' || name.startsWith('help')) {
      given.set('help', ['true'])
      continue
    }
    if (name === '') throw wrong(strayText(word))
    const [known, flag] = flagOf(name, flags)
    if (given.has(known) && flag.isMany !== true) throw wrong(`--${known} cannot be repeated`)
    const said = saidOf({ name, known, flag, value, next: words[at + 1] })
    if (flag.takes !== undefined && value === undefined) at += 1
    given.set(known, [...(given.get(known) ?? []), said])
  }
  return given
}

function strayText(word: string): string {
  if (!word.startsWith('-')) return `wanted flags alone, found ${word}`
  return `found ${word}: a flag has two dashes, like --config.file`
}

function flagOf(name: string, flags: Flags): [string, KingpinFlag] {
  const find = (wanted: string) => (Object.hasOwn(flags, wanted) ? flags[wanted] : undefined)
  const flag = find(name)
  if (flag !== undefined) return [name, flag]
  const bare = name.replace(/^no-/, '')
  const switched = find(bare)
  if (bare !== name && switched !== undefined && switched.takes === undefined) return [bare, switched]
  const guess = nearest(name, Object.keys(flags))
  throw wrong(`there is no flag --${name}${guess === undefined ? '' : ` (did you mean --${guess}?)`}`)
}

type Said = Readonly<{
  name: string
  known: string
  flag: KingpinFlag
  value: string | undefined
  next: string | undefined
}>

function saidOf({ name, known, flag, value, next }: Said): string {
  if (flag.takes === undefined) {
    if (value !== undefined) throw wrong(`--${name} takes no value, found ${value}`)
    return String(name === known)
  }
  const found = value ?? (next?.startsWith('-') ? undefined : next)
  if (found === undefined) throw wrong(`--${name} wants ${flag.takes}`)
  const complaint = complaintOn(found, flag)
  if (complaint !== undefined) throw wrong(`--${name} wants ${complaint}, found ${found || 'nothing'}`)
  return found
}

function complaintOn(text: string, { kind, values }: KingpinFlag): string | undefined {
  if (values !== undefined && !values.includes(text)) return `one of ${values.join(', ')}`
  if (kind === 'duration' && goDurationMs(text) === undefined) return 'a duration like 120h or 1h30m'
  if (kind === 'whole' && !/^[+-]?\d+$/.test(text)) return 'a whole number'
  if (kind === 'number' && !/^[+-]?\d+(\.\d+)?$/.test(text)) return 'a number'
  return undefined
}

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

// As Go writes them: fractions, and units in any order. Days are not among them.
export function goDurationMs(text: string): number | undefined {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (rest === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(rest)) return undefined
  let totalMs = 0
  for (const [, count, unit = ''] of rest.matchAll(/([\d.]+)([a-zµ]+)/g))
    totalMs += Number(count) * unitsMs[unit]!
  return Math.round(sign === '-' ? -totalMs : totalMs)
}
