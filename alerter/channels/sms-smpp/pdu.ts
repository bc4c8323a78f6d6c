// The units of SMPP 3.4 as bytes, and bytes as units: a small parser and writer of what a sender of messages needs.
// Called by session.ts, submit.ts and deliver.ts.

export const commands = {
  genericNack: 0x80000000,
  bindTransceiver: 0x09,
  submitSm: 0x04,
  deliverSm: 0x05,
  unbind: 0x06,
  enquireLink: 0x15,
} as const
const response = 0x80000000

export const responseTo = (command: number): number => (command | response) >>> 0
export const isResponse = (command: number): boolean => (command & response) !== 0

export type Pdu = Readonly<{ command: number; status: number; sequence: number; body: Uint8Array }>

const headerBytes = 16
// The standard's own fields end far below it; a message_payload may have 64 KiB.
const pduBytesMax = 70_000

export function encodePdu({ command, status, sequence, body }: Pdu): Uint8Array {
  const bytes = Buffer.alloc(headerBytes + body.length)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(command, 4)
  bytes.writeUInt32BE(status, 8)
  bytes.writeUInt32BE(sequence, 12)
  bytes.set(body, headerBytes)
  return bytes
}

// What is whole; the rest waits for more. Nothing when the other side does not speak SMPP.
export function cutPdus(bytes: Buffer): Readonly<{ pdus: Pdu[]; rest: Buffer }> | undefined {
  const pdus: Pdu[] = []
  let at = 0
  while (bytes.length - at >= headerBytes) {
    const length = bytes.readUInt32BE(at)
    if (length < headerBytes || length > pduBytesMax) return undefined
    if (bytes.length - at < length) break
    pdus.push({
      command: bytes.readUInt32BE(at + 4),
      status: bytes.readUInt32BE(at + 8),
      sequence: bytes.readUInt32BE(at + 12),
      body: bytes.subarray(at + headerBytes, at + length),
    })
    at += length
  }
  return { pdus, rest: bytes.subarray(at) }
}

type Part = string | number | Uint8Array

// Texts end with a zero, numbers are one byte.
export const bodyOf = (parts: readonly Part[]): Uint8Array =>
  Buffer.concat(
    parts.map(part => {
      if (typeof part === 'number') return Buffer.from([part])
      return typeof part === 'string' ? Buffer.from(`${part}\0`, 'latin1') : Buffer.from(part)
    }),
  )

export function tlv(tag: number, value: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(4 + value.length)
  bytes.writeUInt16BE(tag, 0)
  bytes.writeUInt16BE(value.length, 2)
  bytes.set(value, 4)
  return bytes
}

// Reads a body from left to right. What is missing reads as empty or 0, since services leave out what they like.
export function readerOf(body: Uint8Array) {
  const bytes = Buffer.from(body)
  let at = 0
  return {
    byte: (): number => bytes[at++] ?? 0,
    text: (): string => {
      const end = bytes.indexOf(0, at)
      const found = bytes.toString('latin1', at, end < 0 ? bytes.length : end)
      at = end < 0 ? bytes.length : end + 1
      return found
    },
    bytes: (count: number): Buffer => {
      const found = bytes.subarray(at, at + count)
      at += count
      return found
    },
    tlvs: (): ReadonlyMap<number, Buffer> => {
      const found = new Map<number, Buffer>()
      while (bytes.length - at >= 4) {
        const [tag, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)]
        found.set(tag, bytes.subarray(at + 4, at + 4 + length))
        at += 4 + length
      }
      return found
    },
  }
}
