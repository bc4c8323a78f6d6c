// Matchers as a selector of PromQL that the database at hand can read, quoted so that no text can leave its place.
// Called by read.ts. What a database cannot be asked is left out: read.ts looks at every series once more.
import { metricName } from '../../labels.ts'
import { matchesValue } from '../../matchers.ts'
import type { Matcher } from '../../model.ts'
import { patternTest } from '../../pattern.ts'

// How a label is written whose name is no classic one (`service.name`, UTF-8). quoted: "service.name", Prometheus 3,
// Mimir, newer VictoriaMetrics. escaped: service\.name, VictoriaMetrics. none: not at all, Prometheus 2.
export type Dialect = 'quoted' | 'escaped' | 'none'

export const dialects: readonly Dialect[] = ['quoted', 'escaped', 'none']

export const isClassic = (name: string): boolean => /^[a-zA-Z_]\w*$/.test(name)

export function selector(matchers: readonly Matcher[], dialect: Dialect): string {
  for (const { op, value } of matchers) if (op === '=~' || op === '!~') patternTest(value)
  const written = matchers.flatMap(matcher => {
    const name = nameText(matcher.name, dialect)
    return name === undefined ? [] : [{ matcher, text: `${name}${matcher.op}${quoted(matcher.value)}` }]
  })
  const texts = written.map(({ text }) => text)
  // A selector that would take a series without any label is refused. Every series of ours has a name.
  if (written.every(({ matcher }) => matchesValue('', matcher))) texts.push(`${metricName}!=""`)
  return `{${texts.join(',')}}`
}

function nameText(name: string, dialect: Dialect): string | undefined {
  if (isClassic(name)) return name
  if (dialect === 'none') return undefined
  return dialect === 'quoted' ? quoted(name) : escaped(name)
}

// A literal of Go: control characters by their numbers, because not every lexer takes them as they are.
export const quoted = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand there
  `"${text.toWellFormed().replace(/[\\"\x00-\x1f\x7f]/g, found => (/[\\"]/.test(found) ? `\\${found}` : hex(found)))}"`

const escaped = (name: string): string =>
  [...name.toWellFormed()]
    .map((char, at) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand there
      if (/[\x00-\x1f\x7f]/.test(char)) return hex(char)
      return /[a-zA-Z_]/.test(char) || (at > 0 && /\d/.test(char)) ? char : `\\${char}`
    })
    .join('')

const hex = (char: string): string => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
