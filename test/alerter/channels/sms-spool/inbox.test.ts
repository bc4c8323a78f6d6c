// What smsd leaves of what people answer.
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openInbox, readIncoming } from '../../../../alerter/channels/sms-spool/inbox.ts'
import { channel, openSpool } from '../../../../alerter/channels/sms-spool/index.ts'
import type { Inbound } from '../../../../alerter/inbound.ts'
import { startMs } from '../../messages.ts'

let inbox: string
let clock: SimulatedClock
let heard: Inbound[]
let line: ReturnType<typeof openSpool>
beforeEach(async () => {
  inbox = await mkdtemp(join(tmpdir(), 'plimsoll-inbox-'))
  clock = new SimulatedClock(startMs)
  heard = []
})
afterEach(async () => {
  await line.close()
  await rm(inbox, { recursive: true, force: true })
})

const open = (folder = inbox): void => {
  const settings = channel.settings.parse({ to: ['13800138000'], inbox: folder })
  line = openSpool(settings as Parameters<typeof openSpool>[0], inbound => heard.push(inbound), clock)
}
async function put(
  name: string,
  body: string | Uint8Array,
  more: { ageMs?: number; alphabet?: string } = {},
) {
  const { ageMs = 2_000, alphabet = 'ISO' } = more
  const head = `From: 8613800138000\nFrom_SMSC: 49\nSent: 26-11-21 10:00:00\nAlphabet: ${alphabet}\nLength: 6\n\n`
  await writeFile(join(inbox, name), Buffer.concat([Buffer.from(head), Buffer.from(body)]))
  const atS = (clock.nowMs() - ageMs) / 1_000
  await utimes(join(inbox, name), atS, atS)
}
// The file system is a real one.
const look = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
  await clock.runFor(5_000)
}
const reply = (text: string): Inbound => ({ kind: 'reply', from: '8613800138000', text })

test('what is new is heard, however many stay', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await put(name, name)
  open('/nowhere')
  const few = openInbox({ folder: inbox, clock, hear: inbound => heard.push(inbound), filesMax: 2 })
  await expect
    .poll(async () => {
      await look()
      return heard
    })
    .toHaveLength(5)
  few.close()
})

test('each file is heard once, and stays', async () => {
  await put('GSM1.a', '1 4711')
  open()
  await expect.poll(() => heard).toEqual([reply('1 4711')])
  await put('GSM1.b', Buffer.from('认领 12', 'utf16le').swap16(), { alphabet: 'UCS2' })
  await expect
    .poll(async () => {
      await look()
      return heard
    })
    .toHaveLength(2)
  await look()
  expect(heard).toEqual([reply('1 4711'), reply('认领 12')])
  expect(await readdir(inbox)).toEqual(['GSM1.a', 'GSM1.b'])
})

test('a file that is still written waits, an old one is none of ours', async () => {
  await put('young', '1 1', { ageMs: 0 })
  await put('old', '1 2', { ageMs: 86_400_000 + 60_000 })
  open()
  await expect
    .poll(async () => {
      await look()
      return heard
    })
    .toEqual([reply('1 1')])
})

test('a folder that is not there yet is looked for again', async () => {
  const later = join(inbox, 'later')
  open(later)
  await look()
  expect(heard).toEqual([])
  expect(channel.listens?.(channel.settings.parse({ to: ['13800138000'], inbox: later }))).toBe(true)
  expect(channel.listens?.(channel.settings.parse({ to: ['13800138000'] }))).toBe(false)
})

test('what is no message is no reply, and nothing throws', () => {
  expect(readIncoming(Buffer.from('From: 49\n\nhello'))).toEqual({ kind: 'reply', from: '49', text: 'hello' })
  expect(readIncoming(Buffer.from('To: 49\n\nhello'))).toBeUndefined()
  expect(readIncoming(Buffer.from('From: 49'))).toBeUndefined()
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => void readIncoming(Buffer.from(bytes))))
})
