import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Verdict } from '../../../../alerter/channel.ts'
import { channel } from '../../../../alerter/channels/sms-spool/index.ts'
import { messageOf, startMs } from '../../messages.ts'

const around = { nowMs: startMs, random: () => 0.5 }
const signal = new AbortController().signal

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-spool-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (more: object = {}) =>
  channel.open(channel.settings.parse({ to: ['+86 138-0013-8000', '+14155552671'], folder, ...more }))

const files = async (): Promise<string[]> =>
  Promise.all((await readdir(folder)).toSorted().map(name => readFile(join(folder, name), 'latin1')))

test('a file for each number, whole or not at all', async () => {
  const verdict = await open({ queue: 'GSM1', flash: true }).send(messageOf(), around, signal)
  expect(verdict).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }])
  const written = await files()
  expect(written.map(text => text.split('\n')[0]).toSorted()).toEqual([
    'To: 14155552671',
    'To: 8613800138000',
  ])
  expect(written[0]).toMatch(
    /^To: \d+\nAlphabet: ISO\nReport: yes\nQueue: GSM1\nFlash: yes\n\ndb-7: disk \/var is 94 % full\nSince 16:55, for 5 min\n/,
  )
  expect((await readdir(folder)).filter(name => name.endsWith('.LOCK'))).toEqual([])
})

test('what GSM-7 lacks is UCS-2, high byte first', async () => {
  await open({ to: ['13800138000'] }).send(messageOf({ language: 'zh' }), around, signal)
  const [name] = await readdir(folder)
  const bytes = await readFile(join(folder, name!))
  const at = bytes.indexOf('\n\n') + 2
  expect(bytes.subarray(0, at).toString()).toBe('To: 8613800138000\nAlphabet: UCS\nReport: yes\n\n')
  expect(Buffer.from(bytes.subarray(at)).swap16().toString('utf16le')).toMatch(/^db-7：disk/)
})

test('a message that is sent again replaces the one that still waits', async () => {
  const line = open({ to: ['13800138000'] })
  await line.send(messageOf(), around, signal)
  await line.send(messageOf(), around, signal)
  expect(await readdir(folder)).toHaveLength(1)
  await line.send(messageOf({ id: 'another' }), around, signal)
  expect(await readdir(folder)).toHaveLength(2)
})

test('a number whose file cannot be written is later alone, and no other gets a second file', async () => {
  const line = open()
  const [first] = (await line.send(messageOf(), around, signal)) as readonly Verdict[]
  const names = await readdir(folder)
  const mine = first?.kind === 'accepted' ? first.receipt! : ''
  const other = names.find(name => name !== mine)!
  // smsd has taken the first; in the place of the other is a folder, as no file can be written there.
  for (const name of names) await rm(join(folder, name))
  await mkdir(join(folder, other, 'in the way'), { recursive: true })
  const settled = new Map([[0, first!]])
  expect(await line.send(messageOf(), around, signal, settled)).toMatchObject([first, { kind: 'later' }])
  expect(await readdir(folder)).toEqual([other])
})

test('a folder that fills up means that nobody sends', async () => {
  await writeFile(join(folder, 'old'), '')
  const verdict = await open({ waiting_max: 1 }).send(messageOf(), around, signal)
  expect(verdict).toMatchObject({ kind: 'later', reason: expect.stringContaining('is smsd alive?') })
  expect(await readdir(folder)).toEqual(['old'])
})

test('a folder that is not there is no use until somebody makes it', async () => {
  const verdict = await open({ folder: join(folder, 'none') }).send(messageOf(), around, signal)
  expect(verdict).toEqual({
    kind: 'refused',
    because: 'settings',
    reason: `cannot write to ${folder}/none: ENOENT`,
  })
})

test('whoever stops gets no files', async () => {
  const verdict = await open().send(messageOf(), around, AbortSignal.abort())
  expect(verdict).toMatchObject([{ kind: 'later' }, { kind: 'later' }])
  expect(await readdir(folder)).toEqual([])
})
