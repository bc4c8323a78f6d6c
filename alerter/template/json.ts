// A value of a template as JSON, as Go writes it: keys of maps in order, <, > and & escaped. Called by functions.ts and by
// html/ for values in pages.
import { formatFloat } from '#promql/template/format-float.ts'
import { sortedKeys } from '#promql/template/sorted-keys.ts'
import { CallRefused } from '#promql/template/state.ts'
import { formatTime } from '#promql/template/time-layout.ts'
import { isNil, typeName, type Value } from '#promql/template/value.ts'

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

const quoted = (text: string): string =>
  `"${text.toWellFormed().replaceAll(/["\\<>&\u2028\u2029]|[^ -\uffff]/g, sign => escapes[sign] ?? hexOf(sign))}"`

const hexOf = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`

export function jsonOf(value: Value, lengthMax: number): string {
  let left = lengthMax
  const bounded = (text: string): string => {
    left -= text.length
    if (left < 0) throw new CallRefused(`its text is longer than ${lengthMax} characters`)
    return text
  }
  const members = (names: readonly (readonly [string, Value])[]): string =>
    `{${names.map(([name, each]) => `${bounded(quoted(name))}:${written(each)}`).join(',')}}`
  const written = (each: Value): string => {
    if (isNil(each)) return bounded('null')
    if (typeof each !== 'object') return bounded(scalar(each))
    switch (each.kind) {
      case 'list':
        return `[${each.items.map(written).join(',')}]`
      case 'map':
        return members(sortedKeys(each.entries).map(name => [name, each.entries[name]]))
      case 'struct':
        return members(Object.entries(each.fields).map(([name, of]) => [keyOf(name, each.shape.name), of]))
      case 'named':
        return bounded(String(each.value))
      case 'time':
        return bounded(quoted(formatTime(each.tMs, '2006-01-02T15:04:05.999999999Z07:00', each.zone)))
      case 'text':
        return bounded(quoted(each.text))
      default:
        throw new CallRefused(`json: unsupported type: ${typeName(each)}`)
    }
  }
  return written(value)
}

// Pairs keep their large letters.
const keyOf = (name: string, type: string): string =>
  type === 'template.Pair' ? name : name[0]!.toLowerCase() + name.slice(1)

function scalar(value: string | boolean | bigint | number): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'number') return String(value)
  if (!Number.isFinite(value)) {
    throw new CallRefused(`json: unsupported value: ${formatFloat(value, 'g')}`)
  }
  return String(value)
}
