// `plimsoll completion`: a script for the shell, made from the table of commands. Called by run.ts.
import { nearest } from '#core/nearest.ts'
import { type Command, Stop } from '../command.ts'
import { bashScript, fishScript, zshScript } from '../completion-scripts.ts'

const scripts: Readonly<Record<string, () => string>> = { bash: bashScript, zsh: zshScript, fish: fishScript }

export const command: Command = async ({ args, io }) => {
  const [shell = ''] = args
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
  if (script === undefined) {
    const guess = nearest(shell, Object.keys(scripts))
    const hint = guess === undefined ? '' : `. Did you mean ${guess}?`
    throw new Stop(`wanted bash, zsh or fish, found ${shell}${hint}`, 2)
  }
  io.out(script())
  return 0
}
