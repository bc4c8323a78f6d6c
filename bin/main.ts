// The entry of every process: hands the real world to run.ts. Started by bin/plimsoll, which finds the Node.js
// that can run it.
import { realClock } from '#core/clock.ts'
import type { Io } from './command.ts'
import { run } from './run.ts'

// Whoever starts a service may ask it to read its files again before it is there. That would end it, and systemd takes
// such an end for a wanted one.
if (['up', 'alertmanager'].includes(process.argv[2] ?? '')) process.on('SIGHUP', () => {})

// `plimsoll query … | head` closes the pipe when it has seen enough.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  process.exit(0)
})

const { stdout, env } = process
const isTerminal = stdout.isTTY === true

const io: Io = {
  out: text => void stdout.write(text),
  err: text => void process.stderr.write(text),
  env,
  cwd: process.cwd(),
  isTerminal,
  columns: stdout.columns ?? 80,
  // NO_COLOR counts when it is set to anything but nothing.
  hasColor: isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
  timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  clock: realClock,
}

process.exitCode = await run(process.argv.slice(2), io)
