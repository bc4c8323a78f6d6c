import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { readDeliver } from '../../../../alerter/channels/sms-smpp/deliver.ts'
import { channel, openSmpp } from '../../../../alerter/channels/sms-smpp/index.ts'
import { commands, cutPdus, encodePdu, type Pdu, tlv } from '../../../../alerter/channels/sms-smpp/pdu.ts'
import { submitBodies, validityText } from '../../../../alerter/channels/sms-smpp/submit.ts'
import type { Inbound } from '../../../../alerter/inbound.ts'
import { gsm7Text } from '../../../../alerter/segments.ts'
import { alertOf, messageOf, startMs } from '../../messages.ts'
import { metadataHosts, openNames } from '../names.ts'
import { type Centre, deliverSm, openCentre } from './smsc.ts'

const around = { nowMs: startMs, random: () => 0.5 }
const signal = new AbortController().signal
const password = 'Secr3t-1'

let centre: Centre
let clock: SimulatedClock
let heard: Inbound[]
let line: ReturnType<typeof openSmpp>
beforeEach(async () => {
  centre = await openCentre(password)
  clock = new SimulatedClock(startMs)
  heard = []
})
afterEach(async () => {
  // Not asked politely: some tests have a centre that does not answer.
  centre.hangUp()
  await line.close()
  await centre.close()
})

function open(more: object = {}) {
  const settings = channel.settings.parse({
    address: `127.0.0.1:${centre.port}`,
    system_id: 'plimsoll',
    password,
    from: '12345',
    to: ['+86 138-0013-8000'],
    ...more,
  }) as Parameters<typeof openSmpp>[0]
  line = openSmpp(settings, inbound => heard.push(inbound), clock, openNames().lookup)
  return line
}

const long = messageOf({ alerts: [alertOf({ annotations: { summary: `disk ${'x'.repeat(150)}` } })] })

test('binds once, and each message has the name that the centre gave it', async () => {
  const { send } = open()
  expect(await send(messageOf(), around, signal)).toEqual([{ kind: 'accepted', receipts: ['id-1'] }])
  expect(await send(messageOf({ id: 'm-2' }), around, signal)).toEqual([
    { kind: 'accepted', receipts: ['id-2'] },
  ])
  expect(centre.binds).toEqual([{ systemId: 'plimsoll', password }])
  const [first] = centre.submitted
  expect(first).toMatchObject({
    from: '12345',
    fromKind: [3, 1],
    to: '8613800138000',
    esmClass: 0,
    coding: 0,
    wantsReceipt: true,
    validity: '000000001500000R',
  })
  expect(gsm7Text(first!.short)).toMatch(/^db-7: disk \/var is 94 % full\nSince 16:55, for 5 min\n/)
})

test('two at once share one line', async () => {
  const { send } = open()
  const verdicts = await Promise.all(['a', 'b', 'c'].map(id => send(messageOf({ id }), around, signal)))
  expect(verdicts.flat()).toMatchObject(Array(3).fill({ kind: 'accepted' }))
  expect(centre.binds).toHaveLength(1)
})

test('a long text travels in parts that belong together, or as a payload', async () => {
  await open().send(long, around, signal)
  expect(centre.submitted.map(({ esmClass }) => esmClass)).toEqual([0x40, 0x40])
  const headers = centre.submitted.map(({ short }) => [...short.subarray(0, 6)])
  expect(headers.map(([, , , reference]) => reference)).toEqual([headers[0]![3], headers[0]![3]])
  expect(headers.map(([a, b, c, , total, nth]) => [a, b, c, total, nth])).toEqual([
    [5, 0, 3, 2, 1],
    [5, 0, 3, 2, 2],
  ])
  const text = centre.submitted.map(({ short }) => gsm7Text(short.subarray(6))).join('')
  expect(text).toContain('\nIncident 4711\nhttps://plimsoll.example.org')
  await line.close()

  await open({ long: 'payload' }).send({ ...long, id: 'm-2' }, around, signal)
  expect(centre.submitted[2]!.short).toHaveLength(0)
  expect(gsm7Text(centre.submitted[2]!.payload!)).toBe(text)
})

test('Chinese goes as UCS-2', async () => {
  await open({ links: false }).send(messageOf({ language: 'zh' }), around, signal)
  const [first] = centre.submitted
  expect(first!.coding).toBe(8)
  expect(Buffer.from(first!.short).swap16().toString('utf16le')).toMatch(/db-7：disk/)
})

test('what the centre says no to is told apart', async () => {
  const { send } = open()
  const t = async (status: number, wanted: object) => {
    centre.answerWith(status)
    expect(await send(messageOf(), around, signal)).toMatchObject([wanted])
  }

  await t(0x58, { kind: 'later', reason: 'status 0x58 throttled' })
  await t(0x14, { kind: 'later' })
  await t(0x0b, { kind: 'refused', because: 'settings' })
  await t(0x01, { kind: 'refused', because: 'message' })
  await t(0x7f, { kind: 'later' })
  await t(0, { kind: 'accepted' })
  expect(centre.binds).toHaveLength(1)
})

test('what the centre says of one number is of that one, and nobody who has it is asked for again', async () => {
  const to = ['+8613800000001', '+8613800000002', '+8613800000003']
  const { send } = open({ to })
  const fine = { kind: 'accepted' }
  const t = async (status: number, wanted: object) => {
    const id = `m-${status}`
    centre.answerWith(0)
    centre.refuse('8613800000001', status)
    const before = centre.submitted.length
    expect(await send(messageOf({ id }), around, signal)).toMatchObject([wanted, fine, fine])
    expect(centre.submitted.slice(before).map(each => each.to)).toEqual(['8613800000002', '8613800000003'])
  }
  const reason = '+8613800000001: status 0x0b invalid destination address'
  await t(0x0b, { kind: 'refused', because: 'settings', reason })
  await t(0x65, { kind: 'refused' })
  await t(0x58, { kind: 'later' })

  centre.refuse('', 0)
  const before = centre.submitted.length
  const settled = new Map(
    ([1, 2] as const).map(nth => [nth, { kind: 'accepted', receipt: `r-${nth}` } as const]),
  )
  expect(await send(messageOf({ id: 'm-7' }), around, signal, settled)).toMatchObject([
    fine,
    { receipt: 'r-1' },
    { receipt: 'r-2' },
  ])
  expect(centre.submitted.slice(before).map(each => each.to)).toEqual(['8613800000001'])
})

test('a wrong password is no use, and is not told', async () => {
  const verdict = await open({ password: 'Wr0ng-1' }).send(messageOf(), around, signal)
  expect(verdict).toEqual({ kind: 'refused', because: 'settings', reason: 'status 0x0e invalid password' })
})

test('a line that broke is opened anew, and parts that arrived are not sent twice', async () => {
  const { send } = open({ to: ['+86 138-0013-8000', '+1 415 555 2671'] })
  await send(messageOf(), around, signal)
  centre.hangUp()
  const both = [{ kind: 'accepted' }, { kind: 'accepted' }]
  await expect.poll(() => send(messageOf({ id: 'm-2' }), around, signal)).toMatchObject(both)
  expect(centre.binds).toHaveLength(2)
  const before = centre.submitted.length
  expect(await send(messageOf({ id: 'm-2' }), around, signal)).toMatchObject(both)
  expect(centre.submitted).toHaveLength(before)
})

test('a centre that does not know the line any more is bound to anew', async () => {
  const { send } = open()
  await send(messageOf(), around, signal)
  centre.answerWith(0x04)
  expect(await send(messageOf({ id: 'm-2' }), around, signal)).toMatchObject([{ kind: 'later' }])
  centre.answerWith(0)
  expect(await send(messageOf({ id: 'm-2' }), around, signal)).toMatchObject([{ kind: 'accepted' }])
  expect(centre.binds).toHaveLength(2)
})

test('who does not answer is left in time, and nobody there is later', async () => {
  centre.ignore(commands.submitSm)
  const sent = open().send(messageOf(), around, signal)
  await expect.poll(() => centre.unanswered).toHaveLength(1)
  await clock.runFor(10_000)
  expect(await sent).toEqual([{ kind: 'later', reason: 'no answer within 10 s' }])

  await line.close()
  expect(await open({ address: '127.0.0.1:1' }).send(messageOf(), around, signal)).toEqual({
    kind: 'later',
    reason: 'ECONNREFUSED',
  })
})

test('a metadata service is no centre, by address or by name, with TLS or without', async () => {
  for (const host of metadataHosts)
    for (const more of [{}, { tls: {} }]) {
      const { send, close } = open({ address: `${host}:${centre.port}`, ...more })
      expect(await send(messageOf(), around, signal), host).toMatchObject({
        kind: 'refused',
        because: 'settings',
        reason: expect.stringMatching(/ is a metadata service$/),
      })
      await close()
    }
  expect(centre.binds).toEqual([])
})

test('asks now and then whether the other side lives', async () => {
  const { send } = open()
  await send(messageOf(), around, signal)
  for (let nth = 1; nth <= 3; nth++) {
    await clock.runFor(30_000)
    await expect.poll(centre.enquiries).toBe(nth)
    // Its answer comes before that to the message.
    await send(messageOf({ id: `m-${nth}` }), around, signal)
  }
})

test('receipts and replies are heard, and answered', async () => {
  await open().send(messageOf(), around, signal)
  const receipt =
    'id:id-1 sub:001 dlvrd:001 submit date:2611210312 done date:2611210312 stat:DELIVRD err:000 text:x'
  centre.sendAll(deliverSm(7, { from: '8613800138000', text: receipt, esmClass: 4 }))
  centre.sendAll(deliverSm(8, { from: '8613800138000', text: '1 4711' }))
  await expect.poll(() => centre.answers).toHaveLength(2)
  expect(heard).toEqual([
    { kind: 'receipt', receipt: 'id-1', outcome: 'delivered', reason: '', to: '8613800138000' },
    { kind: 'reply', from: '8613800138000', text: '1 4711' },
  ])
  expect(centre.answers.map(({ sequence }) => sequence)).toEqual([7, 8])
})

test('a line that listens is open before anything is sent, and is opened anew', async () => {
  open({ listen: true })
  await expect.poll(() => centre.binds).toHaveLength(1)
  centre.sendAll(deliverSm(7, { from: '8613800138000', text: '1 4711' }))
  await expect.poll(() => heard).toEqual([{ kind: 'reply', from: '8613800138000', text: '1 4711' }])
  centre.hangUp()
  await expect
    .poll(async () => {
      await clock.runFor(2_000)
      return centre.binds
    })
    .toHaveLength(2)
  await line.close()
  centre.hangUp()
  await clock.runFor(600_000)
  expect(centre.binds).toHaveLength(2)
})

test('whoever is not asked to listen opens no line', async () => {
  open()
  await clock.runFor(600_000)
  expect(centre.binds).toEqual([])
})

test('receipts by their fields, and those that say nothing yet', () => {
  const t = (text: string, tlvs: Uint8Array, wanted: unknown) =>
    expect(readDeliver(deliverSm(1, { from: 'x', text, esmClass: 4, tlvs }).body)).toEqual(wanted)
  const named = tlv(0x001e, Buffer.from('abc\0'))

  t('', Buffer.concat([named, tlv(0x0427, Uint8Array.of(2))]), {
    kind: 'receipt',
    receipt: 'abc',
    outcome: 'delivered',
    reason: '',
    to: 'x',
  })
  t('', Buffer.concat([named, tlv(0x0427, Uint8Array.of(5))]), {
    kind: 'receipt',
    receipt: 'abc',
    outcome: 'failed',
    reason: 'UNDELIV',
    to: 'x',
  })
  t('id:7 stat:EXPIRED err:034', new Uint8Array(), {
    kind: 'receipt',
    receipt: '7',
    outcome: 'failed',
    reason: 'EXPIRED 034',
    to: 'x',
  })
  t('id:7 stat:ACCEPTD err:000', new Uint8Array(), undefined)
  t('hello', new Uint8Array(), undefined)
})

test('units are cut as they come, byte by byte or all at once', () => {
  const pdus = fc.array(
    fc.record({
      command: fc.constantFrom<number>(...Object.values(commands)),
      status: fc.nat(),
      sequence: fc.nat(),
      body: fc.uint8Array({ maxLength: 40 }),
    }),
    { maxLength: 5 },
  )
  fc.assert(
    fc.property(pdus, fc.integer({ min: 1, max: 50 }), (given, step) => {
      const bytes = Buffer.concat(given.map(encodePdu))
      const found: Pdu[] = []
      let rest: Buffer = Buffer.alloc(0)
      for (let at = 0; at < bytes.length; at += step) {
        const cut = cutPdus(Buffer.concat([rest, bytes.subarray(at, at + step)]))!
        found.push(...cut.pdus.map(pdu => ({ ...pdu, body: Uint8Array.from(pdu.body) })))
        rest = cut.rest
      }
      expect(found).toEqual(given)
      expect(rest).toHaveLength(0)
    }),
  )
  expect(cutPdus(Buffer.from('HTTP/1.1 400 Bad Request'))).toBeUndefined()
})

test('nothing that is delivered makes the reader throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), body => void readDeliver(body)))
})

test('bodies and validity as the standard writes them', () => {
  expect(validityText(900_000)).toBe('000000001500000R')
  expect(validityText(90_061_000)).toBe('000001010101000R')
  const given = {
    from: { number: 'Plimsoll', ton: 5, npi: 0 },
    to: '+8613800138000',
    text: 'a',
    long: 'udh',
    reference: 7,
    validity: '',
  } as const
  expect(Buffer.from(submitBodies(given)[0]!).toString('latin1')).toBe(
    '\0\x05\0Plimsoll\0\x01\x018613800138000\0\0\0\x01\0\0\x01\0\0\0\x01a',
  )
})
