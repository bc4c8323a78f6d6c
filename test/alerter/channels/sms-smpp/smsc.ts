// A message centre on 127.0.0.1 that speaks SMPP 3.4 as far as a sender needs it. Called by the tests beside it.
import { type AddressInfo, createServer, type Socket } from 'node:net'
import {
  bodyOf,
  commands,
  cutPdus,
  encodePdu,
  type Pdu,
  readerOf,
  responseTo,
} from '../../../../alerter/channels/sms-smpp/pdu.ts'

export type Submitted = Readonly<{
  from: string
  fromKind: readonly [ton: number, npi: number]
  to: string
  esmClass: number
  validity: string
  wantsReceipt: boolean
  coding: number
  short: Buffer
  payload: Buffer | undefined
}>

export type Centre = Readonly<{
  port: number
  binds: readonly Readonly<{ systemId: string; password: string }>[]
  submitted: readonly Submitted[]
  enquiries(): number
  // Of the next submit_sm, or of another command, and all after it.
  answerWith(status: number, command?: number): void
  // Of each submit_sm to this number.
  refuse(number: string, status: number): void
  // What it does not answer.
  ignore(command: number): void
  unanswered: readonly Pdu[]
  sendAll(pdu: Pdu): void
  hangUp(): void
  // What came back for what it sent.
  answers: readonly Pdu[]
  close(): Promise<void>
}>

export async function openCentre(password: string): Promise<Centre> {
  const [binds, submitted, answers, unanswered] = [[], [], [], []] as [
    { systemId: string; password: string }[],
    Submitted[],
    Pdu[],
    Pdu[],
  ]
  const sockets = new Set<Socket>()
  const ignored = new Set<number>()
  const statuses = new Map<number, number>()
  let refused = { number: '', status: 0 }
  let [enquiries, last] = [0, 0]
  const take = (socket: Socket, pdu: Pdu): void => {
    const { command, sequence, body } = pdu
    if (ignored.has(command)) return void unanswered.push(pdu)
    const answer = (code: number, said: Uint8Array): void =>
      void socket.write(encodePdu({ command: responseTo(command), status: code, sequence, body: said }))
    if (command === commands.bindTransceiver) {
      const reader = readerOf(body)
      const bind = { systemId: reader.text(), password: reader.text() }
      binds.push(bind)
      answer(statuses.get(command) ?? (bind.password === password ? 0 : 0x0e), bodyOf(['CENTRE']))
    } else if (command === commands.submitSm) {
      const submit = readSubmit(body)
      const status = submit.to === refused.number ? refused.status : (statuses.get(command) ?? 0)
      if (status === 0) submitted.push(submit)
      answer(status, status === 0 ? bodyOf([`id-${++last}`]) : new Uint8Array())
    } else if (command === commands.enquireLink) {
      enquiries += 1
      answer(0, new Uint8Array())
    } else if (command === commands.unbind) answer(0, new Uint8Array())
    else answers.push({ command, status: 0, sequence, body })
  }
  const server = createServer(socket => {
    sockets.add(socket)
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', (bytes: Buffer) => {
      const cut = cutPdus(Buffer.concat([rest, bytes]))
      rest = cut?.rest ?? Buffer.alloc(0)
      for (const pdu of cut?.pdus ?? []) take(socket, pdu)
    })
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    binds,
    submitted,
    answers,
    enquiries: () => enquiries,
    answerWith: (status, command = commands.submitSm) => void statuses.set(command, status),
    refuse(number, status) {
      refused = { number, status }
    },
    ignore: command => void ignored.add(command),
    unanswered,
    sendAll(pdu) {
      for (const socket of sockets) socket.write(encodePdu(pdu))
    },
    hangUp,
    async close() {
      hangUp()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function readSubmit(body: Uint8Array): Submitted {
  const reader = readerOf(body)
  reader.text()
  const fromKind = [reader.byte(), reader.byte()] as const
  const from = reader.text()
  reader.bytes(2)
  const to = reader.text()
  const esmClass = reader.byte()
  reader.bytes(2)
  reader.text()
  const validity = reader.text()
  const wantsReceipt = reader.byte() === 1
  reader.byte()
  const coding = reader.byte()
  reader.byte()
  const short = reader.bytes(reader.byte())
  return {
    from,
    fromKind,
    to,
    esmClass,
    validity,
    wantsReceipt,
    coding,
    short,
    payload: reader.tlvs().get(0x0424),
  }
}

// A deliver_sm with a text of the default alphabet.
export function deliverSm(
  sequence: number,
  given: Readonly<{ from: string; text: string; esmClass?: number; tlvs?: Uint8Array }>,
): Pdu {
  const short = Buffer.from(given.text, 'latin1')
  const body = bodyOf([
    '',
    1,
    1,
    given.from,
    1,
    1,
    '12345',
    given.esmClass ?? 0,
    0,
    0,
    '',
    '',
    0,
    0,
    0,
    0,
    short.length,
    short,
    given.tlvs ?? new Uint8Array(),
  ])
  return { command: commands.deliverSm, status: 0, sequence, body }
}
