// The tables in the README of an input, made from its schema and the vocabulary, so that they cannot drift.
// Everything outside the two markers is written by hand.
import type { InputKind } from '../../collector/input.ts'

type Entries = readonly (readonly [
  string,
  Readonly<{ kind: string; unit: string; meaning: string; labels: readonly string[] }>,
])[]

export function withTables(readme: string, kind: InputKind, entries: Entries): string {
  return replaced(replaced(readme, 'options', optionsTable(kind)), 'metrics', metricsTable(entries))
}

function replaced(readme: string, what: string, table: string): string {
  const [before, rest] = readme.split(`<!-- ${what}: generated -->\n`)
  const after = rest?.split('<!-- end -->\n').slice(1).join('<!-- end -->\n')
  if (before === undefined || after === undefined)
    throw new Error(`the README has no part "${what}: generated"`)
  return `${before}<!-- ${what}: generated -->\n${table}<!-- end -->\n${after}`
}

function optionsTable(kind: InputKind): string {
  const rows = Object.entries(kind.options.shape).map(([name, option]) => {
    const standard = (option as unknown as { _zod: { def: { defaultValue?: unknown } } })._zod.def
      .defaultValue
    const written = standard === undefined ? '' : `\`${JSON.stringify(standard).replaceAll('|', '\\|')}\``
    return `| \`${name}\` | ${written} | ${option.description ?? ''} |\n`
  })
  if (rows.length === 0) return 'None of its own.\n'
  return `| option | default | what |\n|---|---|---|\n${rows.join('')}`
}

function metricsTable(entries: Entries): string {
  const rows = entries.map(
    ([name, { kind, unit, meaning, labels }]) =>
      `| \`${name}\` | ${kind} | ${unit} | ${labels.map(each => `\`${each}\``).join(' ')} | ${meaning} |\n`,
  )
  if (rows.length === 0) return 'Those of the service itself: see `core/metrics.ts`.\n'
  return `| metric | kind | unit | labels | meaning |\n|---|---|---|---|---|\n${rows.join('')}`
}
