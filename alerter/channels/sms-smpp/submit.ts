// The submit_sm of a text: one for each part with a header that puts them together again, or one with the whole as
// payload. Called by index.ts.
import { type Encoding, gsm7Bytes, segmentsOf } from '../../segments.ts'
import { bodyOf, tlv } from './pdu.ts'

export type Submit = Readonly<{
  from: Readonly<{ number: string; ton: number; npi: number }>
  to: string
  text: string
  // How long texts travel: in parts, or as the field message_payload.
  long: 'udh' | 'payload'
  // The same for all parts of one text.
  reference: number
  // How long it may wait for a phone that is off, as SMPP writes it.
  validity: string
}>

const international = 1
const isdn = 1
const withHeader = 0x40
const receiptWanted = 1
const messagePayload = 0x0424
// data_coding: the default alphabet, or UCS-2.
const codings: Readonly<Record<Encoding, number>> = { gsm7: 0, ucs2: 8 }

const bytesOf = (text: string, encoding: Encoding): Uint8Array =>
  encoding === 'gsm7' ? gsm7Bytes(text) : Buffer.from(text, 'utf16le').swap16()

export function submitBodies(submit: Submit): Uint8Array[] {
  const { encoding, parts } = segmentsOf(submit.text)
  const bodyWith = (esmClass: number, short: Uint8Array, tail: Uint8Array = new Uint8Array()): Uint8Array =>
    bodyOf([
      '', // service_type
      submit.from.ton,
      submit.from.npi,
      submit.from.number,
      international,
      isdn,
      submit.to.replace(/^\+/, ''),
      esmClass,
      0, // protocol_id
      1, // priority_flag
      '', // schedule_delivery_time
      submit.validity,
      receiptWanted,
      0, // replace_if_present_flag
      codings[encoding],
      0, // sm_default_msg_id
      short.length,
      short,
      tail,
    ])
  if (parts.length === 1) return [bodyWith(0, bytesOf(parts[0] ?? '', encoding))]
  if (submit.long === 'payload') {
    const whole = bytesOf(submit.text, encoding)
    return [bodyWith(0, new Uint8Array(), tlv(messagePayload, whole))]
  }
  return parts.map((part, at) => {
    const header = [5, 0, 3, submit.reference & 0xff, parts.length, at + 1]
    return bodyWith(withHeader, Buffer.concat([Buffer.from(header), bytesOf(part, encoding)]))
  })
}

// Relative: years, months, days, hours, minutes, seconds, then `000R`.
export function validityText(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24]
  return `0000${two(days)}${two(hours)}${two(Math.floor(seconds / 60) % 60)}${two(seconds % 60)}000R`
}
