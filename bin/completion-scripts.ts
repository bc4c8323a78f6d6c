// The completion of each shell as text, made from the table of commands. Called by commands/completion.ts.
import type { Flag, Row } from './command.ts'
import { commands, everyFlag, rowsUnder } from './commands.ts'

const firstWords = (): string[] => [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))]
const secondWords = (first: string): string[] =>
  rowsUnder(first).map(({ name }) => name.slice(first.length + 1))
const flagsOf = ({ flags }: Row): [string, Flag][] => Object.entries({ ...flags, ...everyFlag })

// What may stand for `[FILE]`, `FOLDER`, `SHELL` and the like.
function choicesFor(placeholder: string): readonly string[] | 'files' | 'folders' {
  const name = placeholder.replaceAll(/[[\]…]/g, '')
  if (name === 'FILE') return 'files'
  if (name === 'FOLDER') return 'folders'
  if (name === 'SHELL') return ['bash', 'zsh', 'fish']
  return name === 'COMMAND' ? firstWords() : []
}

export function bashScript(): string {
  const groups = firstWords().filter(first => secondWords(first).length > 0)
  const valued = commands.flatMap(row => flagsOf(row)).filter(([, { takes }]) => takes !== undefined)
  const takesFile = names(valued, ({ takes }) => takes === 'FILE')
  const takesFolder = names(valued, ({ takes }) => takes === 'FOLDER')
  const takesOther = names(
    valued,
    ({ takes, values }) => !['FILE', 'FOLDER'].includes(takes ?? '') && values === undefined,
  )
  const choices = new Map(
    valued.flatMap(([name, { values }]) => (values === undefined ? [] : [[name, values] as const])),
  )
  return `# Completion of plimsoll for bash; made by \`plimsoll completion bash\`.
_plimsoll() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  case $before in
    ${takesFile.join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;;
    ${takesFolder.join('|')}) COMPREPLY=($(compgen -d -- "$word")); return ;;
${[...choices].map(([name, values]) => `    --${name}) COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$word")); return ;;\n`).join('')}    ${takesOther.join('|')}) return ;;
  esac
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${firstWords().join(' ')}' -- "$word")); return
  fi
  case $command in
    ${groups.join('|')}) ((COMP_CWORD > 2)) && command+=" \${COMP_WORDS[2]}" ;;
  esac
  case $command in
${groups.map(first => bashCase(first, secondWords(first))).join('')}${commands.map(row => bashRow(row)).join('')}  esac
}
complete -o filenames -F _plimsoll plimsoll
`
}

const names = (flags: readonly [string, Flag][], test: (flag: Flag) => boolean): string[] => [
  ...new Set(flags.filter(([, flag]) => test(flag)).map(([name]) => `--${name}`)),
]

const bashCase = (command: string, words: readonly string[]): string =>
  `    '${command}') COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$word")) ;;\n`

function bashRow(row: Row): string {
  const words = flagsOf(row).map(([name]) => `--${name}`)
  const choices = choicesFor(row.args[0] ?? '')
  const how = choices === 'files' ? '-f ' : choices === 'folders' ? '-d ' : ''
  const more = typeof choices === 'string' ? [] : choices
  return `    '${row.name}') COMPREPLY=($(compgen ${how}-W '${[...words, ...more].join(' ')}' -- "$word")) ;;\n`
}

// zsh reads bash's completions when asked to.
export const zshScript = (): string =>
  `#compdef plimsoll
autoload -U +X bashcompinit && bashcompinit
${bashScript()}`

export function fishScript(): string {
  const lines = [
    '# Completion of plimsoll for fish; made by `plimsoll completion fish`.',
    'complete -c plimsoll -f',
  ]
  for (const first of firstWords()) {
    const row = commands.find(({ name }) => name === first)
    const says = row?.says ?? secondWords(first).join(', ')
    lines.push(`complete -c plimsoll -n __fish_use_subcommand -a ${first} -d ${quoted(says)}`)
    const seconds = secondWords(first)
    for (const second of seconds) {
      const none = `not __fish_seen_subcommand_from ${seconds.join(' ')}`
      const says = commands.find(({ name }) => name === `${first} ${second}`)?.says ?? ''
      lines.push(
        `complete -c plimsoll -n '__fish_seen_subcommand_from ${first}; and ${none}' -a ${second} -d ${quoted(says)}`,
      )
    }
  }
  for (const row of commands) lines.push(...fishRow(row))
  return `${lines.join('\n')}\n`
}

function fishRow(row: Row): string[] {
  const seen = row.name.split(' ').map(word => `__fish_seen_subcommand_from ${word}`)
  const start = `complete -c plimsoll -n '${seen.join('; and ')}'`
  const flags = flagsOf(row).map(([name, { says, takes, short, values }]) => {
    const parts = [start, `-l ${name}`, short === undefined ? '' : `-s ${short}`, `-d ${quoted(says)}`]
    if (takes !== undefined) parts.push('-r')
    if (takes === 'FILE' || takes === 'FOLDER') parts.push('-F')
    if (values !== undefined) parts.push(`-a ${quoted(values.join(' '))}`)
    return parts.filter(part => part !== '').join(' ')
  })
  const choices = choicesFor(row.args[0] ?? '')
  if (choices === 'files' || choices === 'folders') return [...flags, `${start} -F`]
  return choices.length === 0 ? flags : [...flags, `${start} -a ${quoted(choices.join(' '))}`]
}

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`
