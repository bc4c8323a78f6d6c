// The entry of every process: hands the real world to run.ts. Started by bin/plimsoll, which finds the Node.js
// that can run it.
import { realClock } from '#core/clock.ts'
import type { Io } from './command.ts'
import { run } from './run.ts'
import { leaveRoomToThreads } from './tidy-heap.ts'

leaveRoomToThreads()

// Whoever starts a service may ask it to read its files again before it is there. That would end it, and systemd takes
// such an end for a wanted one.
const isService = ['up', 'alertmanager'].includes(process.argv[2] ?? '')
if (isService) process.on('SIGHUP', () => {})

// A service goes on without its log, when the disk is full or the reader of the pipe is gone. For others the output is
// the work, but `plimsoll query … | head` closes the pipe when it has seen enough.
process.stdout.on('error', error => {
  if (isService) return
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  process.stderr.write(`plimsoll: cannot write the output: ${error.message}\n`)
  process.exit(1)
})

// There is nowhere left to say it.
process.stderr.on('error', () => {})

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
