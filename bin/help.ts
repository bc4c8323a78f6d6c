// How commands explain themselves: the list of all, and one in full; made from the table. Called by run.ts.
import type { Flag, Row } from './command.ts'
import { commands, everyFlag } from './commands.ts'
import type { Paint } from './paint.ts'
import { wrapped } from './table.ts'

const lineWidth = 80

// Of these, the overview shows one line, and their help the list of them.
const large: Readonly<Record<string, string>> = {
  capacity: 'plan capacity: pools, forecasts, requests, reports, advice',
}

const groupOf = ({ name }: Row): string => name.split(' ', 1)[0] ?? ''
const isLarge = (row: Row): boolean => Object.hasOwn(large, groupOf(row))

export function overview(paint: Paint): string {
  const shown = commands.map(row =>
    isLarge(row) ? ([`${groupOf(row)} …`, large[groupOf(row)]!] as const) : ([usage(row), row.says] as const),
  )
  const lines = listed(shown.filter(([name], at) => shown.findIndex(each => each[0] === name) === at))
  return [
    `${paint('bold', 'Plimsoll')} shows what is failing now, what was done about it, and how much capacity to order.`,
    '',
    'Usage: plimsoll COMMAND …',
    '',
    ...lines,
    '',
    '`plimsoll help COMMAND` tells all about one. Exit codes: 0 fine, 1 found problems, 2 wrong usage.',
    '',
  ].join('\n')
}

function listed(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, says]) => `  ${name.padEnd(width)}  ${says}`)
}

const usage = ({ name, args }: Row): string => [name, ...args].join(' ')

export function helpText(topic: readonly Row[], paint: Paint): string {
  if (topic.length === 0) return overview(paint)
  const [first] = topic
  if (topic.length === 1 || first === undefined || !isLarge(first))
    return topic.map(row => rowText(row, paint)).join('\n')
  const group = groupOf(first)
  return [
    `${paint('bold', `plimsoll ${group}`)}: ${large[group]}`,
    '',
    ...listed(topic.map(row => [usage(row), row.says])),
    '',
    `\`plimsoll help ${group} ${first.name.slice(group.length + 1)}\` tells all about one.`,
    '',
  ].join('\n')
}

function rowText(row: Row, paint: Paint): string {
  const { says, about, examples = [], flags } = row
  const all = Object.entries({ ...flags, ...everyFlag })
  const width = Math.max(...all.map(([name, flag]) => flagText(name, flag).length))
  return [
    `${paint('bold', `plimsoll ${usage(row)}`)}: ${says}`,
    '',
    ...(about === undefined ? [] : [...wrapped(about, lineWidth), '']),
    ...all.map(([name, flag]) => `  ${flagText(name, flag).padEnd(width)}  ${flag.says}`),
    '',
    ...(examples.length === 0 ? [] : ['For example:', ...examples.map(each => `  ${each}`), '']),
  ].join('\n')
}

function flagText(name: string, { takes, short }: Flag): string {
  const long = takes === undefined ? `--${name}` : `--${name} ${takes}`
  return short === undefined ? long : `-${short}, ${long}`
}
