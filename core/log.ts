// What the operator reads when something is wrong: JSON lines, or short ones on a terminal. Normal operation
// logs nothing; the same message again within a minute is counted and told once, with the count. The only
// file that imports pino. Opened once by bin/ and handed to every room.
import { pino } from 'pino'
import { type Clock, realClock, type Timer } from './clock.ts'
import { Failure } from './errors.ts'
import type { OwnMetrics } from './own-metrics.ts'
import { shown } from './shown.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

// Numbers, names and the like; an Error becomes its message, and its stack when it is not a Failure.
export type Fields = Readonly<Record<string, unknown>>

// `message` is the same text each time it happens, so that repeats are known as such; what differs goes into
// the fields. A field `code` tells messages apart too.
type Say = (room: string, message: string, fields?: Fields) => void

export interface Log extends Disposable {
  debug: Say
  info: Say
  warn: Say
  error: Say
  // Writes the counts that are still held back.
  flush(): void
}

export type LogOptions = Readonly<{
  level?: LogLevel
  pretty?: boolean
  clock?: Clock
  own?: OwnMetrics
  // Where lines go, each with its newline; left out: standard output.
  write?: (line: string) => void
}>

const windowMs = 60_000
const messagesMax = 1_000

type Told = { level: LogLevel; room: string; message: string; fields: Fields; folded: number; timer: Timer }

export function openLog(options: LogOptions = {}): Log {
  const clock = options.clock ?? realClock
  const out = openOutput(options, clock)
  const told = new Map<string, Told>()
  const messages = options.own?.counter('plimsoll_log_messages_total')
  const foldedTotal = options.own?.counter('plimsoll_log_folded_total')

  const put = ({ level, room, message, fields }: Told, folded: number): void => {
    const count = folded === 0 ? {} : { repeated: folded }
    out[level]({ room, ...readable(fields), ...count }, message)
  }
  // The window is over: tells the count and opens the next window, or forgets the message.
  const turn = (key: string, again: boolean): void => {
    const one = told.get(key)
    if (one === undefined) return
    one.timer.cancel()
    told.delete(key)
    if (one.folded === 0) return
    put(one, one.folded)
    if (again) told.set(key, { ...one, folded: 0, timer: clock.after(windowMs, () => turn(key, true)) })
  }
  const sayAt =
    (level: LogLevel): Say =>
    (room, message, fields = {}) => {
      if (!out.isLevelEnabled(level)) return
      messages?.inc(1, { level })
      const key = [level, room, message, fields['code'] ?? ''].join('\n')
      const known = told.get(key)
      if (known !== undefined) {
        known.folded += 1
        known.fields = fields
        foldedTotal?.inc()
        return
      }
      if (told.size >= messagesMax) turn(told.keys().next().value ?? '', false)
      const timer = clock.after(windowMs, () => turn(key, true))
      const one = { level, room, message, fields, folded: 0, timer }
      told.set(key, one)
      put(one, 0)
    }
  const flush = (): void => {
    for (const key of [...told.keys()]) turn(key, false)
  }
  return {
    debug: sayAt('debug'),
    info: sayAt('info'),
    warn: sayAt('warn'),
    error: sayAt('error'),
    flush,
    [Symbol.dispose]: flush,
  }
}

// So many bytes wait while standard output cannot be written (a full disk); what comes after them is lost.
const waitingMax = 4 * 2 ** 20

// What it fails to write it keeps and tries again with the next line. For one that it drops it does not try, so it is
// made to: it would never write again.
function openStdout() {
  const stdout = pino.destination({ dest: 1, sync: true, maxLength: waitingMax })
  stdout.on('error', () => {})
  stdout.on('drop', () => void stdout.write(''))
  return stdout
}

function openOutput({ level = 'info', pretty = false, write }: LogOptions, clock: Clock) {
  const target = write === undefined ? openStdout() : { write }
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
    },
    pretty ? { write: line => void target.write(`${prettyLine(line)}\n`) } : target,
  )
}

function readable(fields: Fields): Fields {
  const entries = Object.entries(fields).map(([name, value]) => [name, plainValue(value)] as const)
  return Object.fromEntries(entries)
}

function plainValue(value: unknown): unknown {
  if (value instanceof Failure) return { code: value.code, detail: value.detail }
  if (value instanceof Error) return { message: value.message, stack: value.stack }
  return value
}

// 12:03:04 warn  gateway: cannot write  code=store_full path=/data
function prettyLine(line: string): string {
  const { time, level, room, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
  const more = Object.entries(fields).map(([name, value]) => `${name}=${prettyValue(value)}`)
  const head = `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${room}: ${msg}`
  return shown([head, ...more].join('  '))
}

const prettyValue = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value)
