// What was asked for on the command line, or what is wrong with it. Called by run.ts; knows commands only by
// their table.
import { parseArgs } from 'node:util'
import { nearest } from '#core/nearest.ts'
import type { Call, Flag, Row } from './command.ts'
import { commands, everyFlag, rowOf, rowsUnder } from './commands.ts'

export type Asked =
  | Readonly<{ do: 'run'; call: Omit<Call, 'io'> }>
  // Without a topic: the list of all commands.
  | Readonly<{ do: 'help'; topic: readonly Row[] }>
  | Readonly<{ do: 'wrong'; message: string; row?: Row }>

const wrong = (message: string, row?: Row): Asked => ({
  do: 'wrong',
  message,
  ...(row === undefined ? {} : { row }),
})

type Token = Readonly<{
  name: string
  rawName: string
  value?: string | undefined
  inlineValue?: boolean | undefined
}>

export function parse(argv: readonly string[]): Asked {
  const foreign = commands.find(({ name, isForeign }) => isForeign === true && name === argv[0])
  if (foreign !== undefined) {
    const call = { row: foreign, args: argv.slice(1), text: {}, lists: {}, on: new Set<string>() }
    return { do: 'run', call }
  }
  // `plimsoll --version` is what people try first.
  const words = argv.map(word => (word === '--version' ? 'version' : word))
  const { tokens } = parseArgs({
    args: words,
    options: parserOptions(),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const { args, behind } = sorted(tokens)
  const options: Token[] = tokens.flatMap(token => (token.kind === 'option' ? [token] : []))
  const wantsHelp = options.some(({ name }) => name === 'help')
  const row = rowOf(args)
  if (row === undefined) return withoutRow(args, options, wantsHelp)
  if (wantsHelp) return { do: 'help', topic: [row] }
  const rest = args.slice(row.name.split(' ').length)
  if (row.name === 'help') return helpOn(rest)
  const call = { row, args: rest, ...given(options), lists: listsOf(row, behind) }
  return flagsOf(row, options) ?? argsOf(row, rest) ?? { do: 'run', call }
}

const namesOf = (is: (flag: Flag) => boolean): ReadonlySet<string> =>
  new Set(
    commands.flatMap(({ flags }) =>
      Object.entries(flags).flatMap(([name, flag]) => (is(flag) ? [name] : [])),
    ),
  )
const lists = namesOf(({ many }) => many === true)
const greedy = namesOf(({ isGreedy }) => isGreedy === true)

type Word = Readonly<{ kind: string; name?: string; value?: string | undefined }>

// Which words stand for themselves, and which belong to the flag before them: to most, the one behind it alone.
function sorted(tokens: readonly Word[]): { args: string[]; behind: Map<string, string[]> } {
  const args: string[] = []
  const behind = new Map<string, string[]>()
  let list: string[] | undefined
  for (const { kind, name = '', value } of tokens) {
    if (kind === 'option') {
      const said = lists.has(name) ? (behind.get(name) ?? []) : undefined
      if (said !== undefined) behind.set(name, said)
      if (value !== undefined) said?.push(value)
      list = greedy.has(name) ? said : undefined
    } else if (value !== undefined) (list ?? args).push(value)
  }
  return { args, behind }
}

const listsOf = ({ flags }: Row, behind: ReadonlyMap<string, readonly string[]>): Call['lists'] =>
  Object.fromEntries([...behind].filter(([name]) => flags[name]?.many === true))

function parserOptions() {
  const ours = commands.filter(({ isForeign }) => isForeign !== true)
  const all = [everyFlag, ...ours.map(({ flags }) => flags)].flatMap(flags => Object.entries(flags))
  return Object.fromEntries(
    all.map(([name, { takes, short }]) => [
      name,
      {
        type: takes === undefined ? ('boolean' as const) : ('string' as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  )
}

function withoutRow(args: readonly string[], options: readonly Token[], wantsHelp: boolean): Asked {
  const [first, second] = args
  if (first === undefined) {
    const stray = options.find(({ name }) => name !== 'help')
    if (stray !== undefined) return wrong(`a command comes first, found ${stray.rawName}.`)
    return { do: 'help', topic: [] }
  }
  const under = rowsUnder(first)
  if (under.length === 0) return unknownCommand(first)
  if (wantsHelp) return { do: 'help', topic: under }
  const choices = under.map(({ name }) => name.slice(first.length + 1))
  if (second === undefined) return wrong(`${first} wants one of ${choices.join(', ')}.`)
  return wrong(`${first} wants one of ${choices.join(', ')}, found ${second}.${guess(second, choices)}`)
}

function helpOn(words: readonly string[]): Asked {
  const [first] = words
  if (first === undefined) return { do: 'help', topic: [] }
  const row = rowOf(words)
  const topic = row === undefined ? rowsUnder(first) : [row]
  return topic.length > 0 ? { do: 'help', topic } : unknownCommand(first)
}

function unknownCommand(word: string): Asked {
  const names = commands.map(({ name }) => name.split(' ')[0] ?? name)
  return wrong(`there is no command ${word}.${guess(word, [...new Set(names)])}`)
}

const guess = (word: string, known: readonly string[]): string => {
  const found = nearest(word, known)
  return found === undefined ? '' : ` Did you mean ${found}?`
}

function flagsOf(row: Row, options: readonly Token[]): Asked | undefined {
  for (const { name, rawName, value, inlineValue } of options) {
    const flag = row.flags[name]
    if (flag === undefined) {
      const known = Object.keys({ ...row.flags, ...everyFlag }).map(each => `--${each}`)
      return wrong(`there is no flag ${rawName} here.${guess(rawName, known)}`, row)
    }
    const complaint = valueComplaint(rawName, flag, inlineValue === true ? (value ?? '') : value)
    if (complaint !== undefined) return wrong(complaint, row)
  }
  return undefined
}

function valueComplaint(
  rawName: string,
  { takes, values }: Flag,
  value: string | undefined,
): string | undefined {
  if (takes === undefined)
    return value === undefined ? undefined : `${rawName} takes no value, found ${value}.`
  if (value === undefined || value === '' || value.startsWith('--')) return `${rawName} wants ${takes}.`
  const stray =
    values === undefined ? undefined : value.split(',').find(each => !values.includes(each.trim()))
  if (values === undefined || stray === undefined) return undefined
  return `${rawName} wants ${values.join(', ')}, found ${stray}.${guess(stray, values)}`
}

function argsOf(row: Row, args: readonly string[]): Asked | undefined {
  const missing = row.args.slice(args.length).find(each => !each.startsWith('['))
  if (missing !== undefined) return wrong(`${row.name} wants ${missing}.`, row)
  const extra = args[row.args.length]
  if (extra === undefined || row.args.at(-1)?.includes('…')) return undefined
  if (row.args.length === 0)
    return wrong(`${row.name} wants nothing behind it but flags, found ${extra}.`, row)
  const [what = ''] = row.args
  const hint = row.args.length === 1 ? ` ${what} with spaces needs quotes.` : ''
  return wrong(`${row.name} wants ${row.args.join(' ')} and no more, found ${extra}.${hint}`, row)
}

function given(options: readonly Token[]): Pick<Call, 'text' | 'on'> {
  const text: Record<string, string | undefined> = {}
  const on = new Set<string>()
  for (const { name, value } of options) {
    if (value === undefined) on.add(name)
    else text[name] = value
  }
  return { text, on }
}
