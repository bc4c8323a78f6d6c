// What to make of a failure: command_status of the centre, or a connection that broke. Called by index.ts.
import { Refused } from '#core/guard.ts'
import type { Verdict } from '../../channel.ts'
import { later, limited, refused } from '../../http-channel.ts'
import { Nack } from './session.ts'

// Chapter 5.1.3 of SMPP 3.4; those that are not here are tried again.
const statuses = new Map<
  number,
  readonly [name: string, because: 'message' | 'settings' | 'later' | 'limit']
>([
  [0x01, ['invalid message length', 'message']],
  [0x02, ['invalid command length', 'message']],
  [0x03, ['invalid command', 'settings']],
  [0x04, ['wrong state of the line', 'later']],
  [0x05, ['already bound', 'later']],
  [0x06, ['invalid priority', 'settings']],
  [0x07, ['invalid registered_delivery', 'settings']],
  [0x08, ['system error', 'later']],
  [0x0a, ['invalid source address', 'settings']],
  [0x0b, ['invalid destination address', 'settings']],
  [0x0d, ['bind failed', 'settings']],
  [0x0e, ['invalid password', 'settings']],
  [0x0f, ['invalid system id', 'settings']],
  [0x14, ['queue full', 'limit']],
  [0x15, ['invalid service type', 'settings']],
  [0x43, ['invalid esm_class', 'settings']],
  [0x45, ['submit failed', 'later']],
  [0x48, ['invalid type of source number', 'settings']],
  [0x49, ['invalid plan of source number', 'settings']],
  [0x50, ['invalid type of destination number', 'settings']],
  [0x51, ['invalid plan of destination number', 'settings']],
  [0x53, ['invalid system type', 'settings']],
  [0x58, ['throttled', 'limit']],
  [0x62, ['invalid validity', 'settings']],
  [0x64, ['temporary error of the receiver', 'later']],
  // Centres say so of accounts too: of want of credit, and of senders that are blocked.
  [0x65, ['permanent error of the receiver', 'settings']],
  [0x66, ['refused by the receiver', 'settings']],
  [0xc0, ['invalid optional fields', 'settings']],
  [0xc1, ['optional field not allowed', 'settings']],
  [0xc2, ['invalid length of a field', 'message']],
  [0xc3, ['optional field missing', 'settings']],
  [0xc4, ['invalid optional field', 'settings']],
  [0xfe, ['delivery failed', 'later']],
  [0xff, ['unknown error', 'later']],
])

// `number` is named where it is one of several.
export function verdictOf(error: unknown, number?: string): Verdict {
  if (error instanceof Nack) {
    const [name, because] = statuses.get(error.status) ?? ['', 'later']
    const status = `status 0x${error.status.toString(16).padStart(2, '0')} ${name}`.trim()
    const told = number === undefined ? status : `${number}: ${status}`
    if (because === 'limit') return limited(told)
    return because === 'later' ? later(told) : refused(because, told)
  }
  if (error instanceof Refused) return refused('settings', error.message)
  const { code, message, name } = error as NodeJS.ErrnoException
  if (name === 'AbortError') return later('stopped')
  // Messages of Node quote addresses; our own are plain.
  return later(code ?? message)
}
