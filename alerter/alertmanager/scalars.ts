// The kinds of single values in Alertmanager's configuration: how each is written and what it becomes. Called by the
// shapes of its parts.
import { foundText, plain, type Scalar, type Tree } from '#core/config/tree.ts'
import { durationWanted } from '#core/config/values.ts'
import { readDuration } from '#core/duration.ts'
import { Failure } from '#core/errors.ts'
import { Secret } from '#core/secret.ts'
import { isRequestUri } from '../request-uri.ts'
import { compileMessageTemplate, readyTemplates } from '../template.ts'
import { type At, complain, doubt, isEmpty, type Reader, textOf } from './form.ts'

function scalar(tree: Tree, at: At, wanted: string): Scalar | undefined {
  if (tree.kind === 'scalar') return tree
  complain(tree.place, at, { wanted, found: foundText(tree) })
  return undefined
}

export const text: Reader<string> = (tree, at) => {
  const found = scalar(tree, at, 'text')
  return found === undefined ? undefined : isEmpty(found) ? '' : textOf(found)
}

// One that must say something.
export const word: Reader<string> = (tree, at) => {
  const found = text(tree, at)
  if (found !== '') return found
  complain(tree.place, at, { wanted: 'text', found: foundText(tree) })
  return undefined
}

// What Alertmanager writes where it shows its configuration.
const left = '<secret>'

// An empty one is none. Values of secrets are in no message.
export const secret: Reader<Secret> = (tree, at) => {
  const found = text(tree, at)
  if (found === undefined || found === '') return undefined
  if (found === left) {
    const hint = 'this configuration was shown by Alertmanager, which leaves secrets out'
    doubt(tree.place, at, { wanted: 'a secret', found: left, hint })
  }
  return new Secret(found)
}

const urlWanted = 'an address that begins with http:// or https://'

// As Go takes them: a port of 99999 stops nobody from starting, it is the receiver that cannot be told by it.
function isUrl(found: string): boolean {
  const [, address = '', fragment = ''] = /^(https?:\/\/[^/?#][^#]*)(#.*)?$/is.exec(found) ?? []
  return isRequestUri(address) && isRequestUri(`/${fragment}`)
}

export const url: Reader<string> = (tree, at) => {
  const found = text(tree, at)
  if (found === undefined || isUrl(found)) return found
  complain(tree.place, at, { wanted: urlWanted, found: foundText(tree) })
  return undefined
}

export const secretUrl: Reader<Secret> = (tree, at) => {
  const found = text(tree, at)
  if (found === undefined) return undefined
  if (found === left) return secret(tree, at)
  if (isUrl(found)) return new Secret(found)
  const shown = found === '' ? 'nothing' : 'something else, which is not shown'
  // Without the line, in which it stands.
  at.work.findings.problems.push({ ...tree.place, path: at.path, wanted: urlWanted, found: shown })
  return undefined
}

// May hold a template, which makes it an address only later.
export const templatedUrl: Reader<Secret> = (tree, at) => {
  const found = text(tree, at)
  if (found === '') return undefined
  if (found?.includes('{{') !== true) return secretUrl(tree, at)
  const where = brokenAt(found)
  if (where === undefined) return new Secret(found)
  const shown = `one that cannot be read at ${where} of it, which is not shown`
  // Without the line, in which it stands.
  at.work.findings.problems.push({
    ...tree.place,
    path: at.path,
    wanted: 'a template that works',
    found: shown,
  })
  return undefined
}

// Line and column inside of it. What it uses of files of templates is not looked at, as with Alertmanager.
function brokenAt(template: string): string | undefined {
  try {
    compileMessageTemplate('', template, readyTemplates())
    return undefined
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return /^\d+:\d+/.exec(error.detail)?.[0] ?? 'some place'
  }
}

// All that YAML 1.1 takes for one, since Alertmanager's parser does.
const truths: Readonly<Record<string, boolean>> = Object.fromEntries(
  ['y', 'yes', 'on', 'true', 'n', 'no', 'off', 'false'].flatMap((each, nth) =>
    [each, each.toUpperCase(), each[0]!.toUpperCase() + each.slice(1)].map(form => [form, nth < 4]),
  ),
)

export const flag: Reader<boolean> = (tree, at) => {
  const found = scalar(tree, at, 'true or false')
  if (found === undefined) return undefined
  const truth = typeof found.value === 'boolean' ? found.value : truths[textOf(found)]
  if (truth === undefined) complain(found.place, at, { wanted: 'true or false', found: foundText(found) })
  return truth
}

// Alertmanager leaves out what stands behind the point.
export function whole(atLeast: number): Reader<number> {
  return (tree, at) => {
    const found = scalar(tree, at, 'a whole number')
    if (found === undefined) return undefined
    const isWritten = typeof found.value === 'number' || /^[+-]?\d+$/.test(textOf(found))
    const given = isWritten ? Number(found.value) : Number.NaN
    const number = Math.trunc(given)
    if (!Number.isSafeInteger(number) || number < atLeast) {
      const wanted = atLeast === 0 ? 'a whole number from 0 up' : 'a whole number'
      complain(found.place, at, { wanted, found: foundText(found) })
      return undefined
    }
    if (number !== given)
      doubt(found.place, at, {
        wanted: 'a whole number',
        found: `${foundText(found)}, which counts as ${number}`,
      })
    return number
  }
}

export const number: Reader<number> = (tree, at) => {
  const found = scalar(tree, at, 'a number')
  if (found === undefined || typeof found.value === 'number') return found?.value as number | undefined
  complain(found.place, at, { wanted: 'a number', found: foundText(found) })
  return undefined
}

// Prometheus' notation, in milliseconds.
export const durationMs: Reader<number> = (tree, at) => {
  const found = scalar(tree, at, durationWanted)
  if (found === undefined) return undefined
  const ms = readDuration(textOf(found))
  if (ms === undefined) complain(found.place, at, { wanted: durationWanted, found: foundText(found) })
  return ms
}

const goUnitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}
const goDuration = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/

// Go's own notation, in which a few keys are written; in whole milliseconds.
export const goDurationMs: Reader<number> = (tree, at) => {
  const found = scalar(tree, at, durationWanted)
  if (found === undefined) return undefined
  const written = textOf(found)
  if (typeof found.value === 'number' && Number.isSafeInteger(found.value) && found.value !== 0) {
    const hint = `Alertmanager takes a bare number for nanoseconds; did you mean ${written}s?`
    doubt(found.place, at, { wanted: durationWanted, found: written, hint })
    return Math.ceil(found.value / 1e6)
  }
  if (!goDuration.test(written)) {
    complain(found.place, at, { wanted: 'a duration like 10s, 1.5m or 1h30m', found: foundText(found) })
    return undefined
  }
  const parts = [...written.matchAll(/([\d.]+)([a-zµμ]+)/g)]
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (goUnitsMs[unit ?? ''] ?? 0), 0)
  return Math.ceil(written.startsWith('-') ? -ms : ms)
}

export function oneOf<const C extends string>(...choices: readonly C[]): Reader<C> {
  return (tree, at) => {
    const found = text(tree, at)
    const chosen = choices.find(each => each === found)
    if (chosen !== undefined || found === undefined) return chosen
    const shown = choices.map(each => (each === '' ? 'nothing' : each))
    complain(tree.place, at, { wanted: `one of ${shown.join(', ')}`, found: foundText(tree) })
    return undefined
  }
}

// host:port, as Go splits it.
export const hostPort: Reader<string> = (tree, at) => {
  const found = text(tree, at)
  if (found === undefined || found === '' || /^(?:[^:[\]]*|\[[^[\]]*\]):[^:[\]]+$/.test(found)) return found
  complain(tree.place, at, { wanted: 'host:port, like mail.example.org:587', found: foundText(tree) })
  return undefined
}

// Whatever it is: fields that the other side defines.
export const anything: Reader<unknown> = plain
