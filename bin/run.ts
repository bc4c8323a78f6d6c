// From words to an exit code: finds the command, runs it, and tells a person what went wrong. Called by main.ts,
// and by tests with a world of their own.
import { errors, Failure } from '#core/errors.ts'
import { shownLines } from '#core/shown.ts'
import { type Command, type Exit, type Io, Stop } from './command.ts'
import { helpText } from './help.ts'
import { paintFor } from './paint.ts'
import { parse } from './parse.ts'

export async function run(argv: readonly string[], io: Io): Promise<Exit> {
  const asked = parse(argv)
  const paint = paintFor(io)
  if (asked.do === 'help') {
    io.out(helpText(asked.topic, paint))
    return 0
  }
  if (asked.do === 'wrong') {
    const more = asked.row === undefined ? 'plimsoll help' : `plimsoll help ${asked.row.name}`
    io.err(`plimsoll: ${asked.message} \`${more}\` shows what there is.\n`)
    return 2
  }
  const { name } = asked.call.row
  try {
    const command = await load(name)
    return await command({ ...asked.call, io })
  } catch (cause) {
    if (cause instanceof Stop) {
      // It may quote what others have written.
      io.err(`plimsoll ${name}: ${shownLines(cause.message)}\n`)
      return cause.exit
    }
    if (!(cause instanceof Failure)) throw cause
    const { means, todo } = errors[cause.code]
    io.err(`plimsoll ${name}: ${shownLines(cause.detail)}\n${means} ${todo}\n`)
    return 1
  }
}

// Only what is called is loaded, so that small commands start in no time.
async function load(name: string): Promise<Command> {
  const file = `./commands/${name.replace(' ', '-')}.ts`
  const { command } = (await import(file)) as { command: Command }
  return command
}
