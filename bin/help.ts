// How commands explain themselves: the list of all, and one in full; made from the table. Called by run.ts.
import type { Flag, Row } from './command.ts'
import { commands, everyFlag } from './commands.ts'
import type { Paint } from './paint.ts'
import { wrapped } from './table.ts'

const lineWidth = 80

export function overview(paint: Paint): string {
  const width = Math.max(...commands.map(row => usage(row).length))
  const lines = commands.map(row => `  ${usage(row).padEnd(width)}  ${row.says}`)
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

const usage = ({ name, args }: Row): string => [name, ...args].join(' ')

export const helpText = (topic: readonly Row[], paint: Paint): string =>
  topic.length === 0 ? overview(paint) : topic.map(row => rowText(row, paint)).join('\n')

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
