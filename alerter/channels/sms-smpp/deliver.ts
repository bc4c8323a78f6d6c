// What a deliver_sm says: a receipt for what we sent, or what somebody answered. Called by index.ts.
import type { Inbound, Receipt } from '../../inbound.ts'
import { gsm7Text } from '../../segments.ts'
import { readerOf } from './pdu.ts'

const isReceipt = (esmClass: number): boolean => (esmClass & 0x3c) === 0x04
const hasHeader = (esmClass: number): boolean => (esmClass & 0x40) !== 0
const receiptedMessageId = 0x001e
const messageState = 0x0427
const messagePayload = 0x0424

const failures = new Map([
  [3, 'EXPIRED'],
  [4, 'DELETED'],
  [5, 'UNDELIV'],
  [8, 'REJECTD'],
])
const delivered = 2

export function readDeliver(body: Uint8Array): Inbound | undefined {
  const reader = readerOf(body)
  reader.text()
  reader.bytes(2)
  const from = reader.text()
  reader.bytes(2)
  reader.text()
  const esmClass = reader.byte()
  reader.bytes(2)
  reader.text()
  reader.text()
  reader.bytes(2)
  const coding = reader.byte()
  reader.byte()
  const short = reader.bytes(reader.byte())
  const tlvs = reader.tlvs()
  const whole = short.length > 0 ? short : (tlvs.get(messagePayload) ?? short)
  const bytes = hasHeader(esmClass) ? whole.subarray((whole[0] ?? 0) + 1) : whole
  const text = textOf(bytes, coding)
  if (!isReceipt(esmClass)) return { kind: 'reply', from, text }
  const found = receiptOf(text, tlvs)
  return found && { ...found, ...(from !== '' && { to: from }) }
}

function textOf(bytes: Buffer, coding: number): string {
  if (coding === 8)
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le')
  return coding === 0 ? gsm7Text(bytes) : bytes.toString('latin1')
}

// By the fields of 3.4 where they are there, else by the text that everyone writes: `id:… stat:DELIVRD err:000`.
function receiptOf(text: string, tlvs: ReadonlyMap<number, Buffer>): Receipt | undefined {
  const field = (name: string): string => new RegExp(`\\b${name}:(\\S+)`, 'i').exec(text)?.[1] ?? ''
  const named = tlvs.get(receiptedMessageId)?.toString('latin1').replace(/\0.*$/s, '')
  const receipt = named ?? field('id')
  if (receipt === '') return undefined
  const state = tlvs.get(messageState)?.[0]
  const written = field('stat').toUpperCase()
  if (state === delivered || (state === undefined && written === 'DELIVRD')) {
    return { kind: 'receipt', receipt, outcome: 'delivered', reason: '' }
  }
  const failed = failures.get(state ?? 0) ?? ([...failures.values()].includes(written) ? written : undefined)
  if (failed === undefined) return undefined
  return { kind: 'receipt', receipt, outcome: 'failed', reason: `${failed} ${field('err')}`.trim() }
}
