// A line to a message centre by SMPP 3.4: bound once and kept, asked now and then whether it still lives, and opened anew
// by whoever next has something to send. Called by index.ts.
import { connect as connectPlain, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock, Timer } from '#core/clock.ts'
import type { Address } from '#core/config/values.ts'
import { guardedTarget } from '#core/guard.ts'
import { bodyOf, commands, cutPdus, encodePdu, isResponse, type Pdu, readerOf, responseTo } from './pdu.ts'

export type Line = Readonly<{
  address: Address
  // Left out: as the system does, but nowhere where nobody may go.
  lookup?: LookupFunction | undefined
  tls: Readonly<{ serverName: string | undefined; verify: boolean; ca: string | undefined }> | undefined
  systemId: string
  password: string
  systemType: string
  // Between questions whether the other side lives.
  enquireMs: number
  // For each answer.
  timeoutMs: number
}>

// What the other side said no to. `status` is its command_status.
export class Nack extends Error {
  readonly status: number
  constructor(status: number) {
    super(`status ${status}`)
    this.status = status
  }
}

// The centre has forgotten us: only another bind helps.
const notBound = 0x04

export interface Session {
  isOpen(): boolean
  // The name that the centre gives to the message.
  submit(body: Uint8Array): Promise<string>
  close(): Promise<void>
}

type Heard = (body: Uint8Array) => void
type Waiting = Readonly<{ resolve: (pdu: Pdu) => void; reject: (error: Error) => void; timer: Timer }>

export async function openSession(line: Line, heard: Heard, clock: Clock): Promise<Session> {
  const waiting = new Map<number, Waiting>()
  const socket = dial(line)
  let [last, isOpen] = [0, true]
  let rest: Buffer = Buffer.alloc(0)
  let enquiry: Timer | undefined

  const end = (why: Error): void => {
    isOpen = false
    enquiry?.cancel()
    for (const each of waiting.values()) {
      each.timer.cancel()
      each.reject(why)
    }
    waiting.clear()
    socket.destroy()
  }
  const ask = (command: number, body: Uint8Array): Promise<Pdu> =>
    new Promise((resolve, reject) => {
      if (!isOpen) return reject(new Error('the connection is closed'))
      last = last >= 0x7fffffff ? 1 : last + 1
      const sequence = last
      const timer = clock.after(line.timeoutMs, () =>
        end(new Error(`no answer within ${line.timeoutMs / 1_000} s`)),
      )
      waiting.set(sequence, { resolve, reject, timer })
      socket.write(encodePdu({ command, status: 0, sequence, body }))
    })
  const enquire = (): void => {
    enquiry = clock.after(line.enquireMs, () => {
      ask(commands.enquireLink, new Uint8Array()).then(enquire, () => {})
    })
  }
  const take = (pdu: Pdu): void => {
    if (isResponse(pdu.command)) {
      const asked = waiting.get(pdu.sequence)
      waiting.delete(pdu.sequence)
      asked?.timer.cancel()
      if (pdu.status === 0) asked?.resolve(pdu)
      else asked?.reject(new Nack(pdu.status))
      if (pdu.status === notBound) end(new Nack(pdu.status))
      return
    }
    const answer = answerTo(pdu)
    socket.write(encodePdu(answer))
    if (pdu.command === commands.deliverSm) heard(pdu.body)
    if (pdu.command === commands.unbind) end(new Error('the other side hung up'))
  }

  socket.on('error', end)
  socket.on('close', () => end(new Error('the connection was closed')))
  socket.on('data', (bytes: Buffer) => {
    const cut = cutPdus(Buffer.concat([rest, bytes]))
    if (cut === undefined) return end(new Error('the other side does not speak SMPP'))
    rest = cut.rest
    for (const pdu of cut.pdus) take(pdu)
  })
  const bind = [line.systemId, line.password, line.systemType, 0x34, 0, 0, '']
  try {
    await ask(commands.bindTransceiver, bodyOf(bind))
  } catch (error) {
    end(error as Error)
    throw error
  }
  enquire()
  return {
    isOpen: () => isOpen,
    submit: async body => readerOf((await ask(commands.submitSm, body)).body).text(),
    async close() {
      if (isOpen) await ask(commands.unbind, new Uint8Array()).catch(() => {})
      end(new Error('the connection is closed'))
    },
  }
}

function dial({ address, lookup, tls }: Line): Socket {
  const target = guardedTarget(address, lookup)
  if (tls === undefined) return connectPlain({ ...target, noDelay: true })
  return connectTls({
    ...target,
    rejectUnauthorized: tls.verify,
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    ...(tls.ca !== undefined && { ca: tls.ca }),
  })
}

// deliver_sm wants an empty message id; what we do not know is refused politely.
function answerTo({ command, sequence }: Pdu): Pdu {
  const known: readonly number[] = [commands.deliverSm, commands.enquireLink, commands.unbind]
  const body = command === commands.deliverSm ? bodyOf(['']) : new Uint8Array()
  if (known.includes(command)) return { command: responseTo(command), status: 0, sequence, body }
  return { command: commands.genericNack, status: 0x03, sequence, body }
}
