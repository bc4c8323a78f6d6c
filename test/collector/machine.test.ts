import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { globTest } from '../../collector/glob.ts'
import { openMachine, ownRoots } from '../../collector/machine.ts'

test('absent is absent, unreadable is a failure that names the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'machine-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'net'))
  writeFileSync(join(folder, 'stat'), 'cpu 1 2 3 4\n')
  const machine = openMachine({ ...ownRoots, proc: folder, root: '/host' }, 'linux')

  expect(machine.eyes).toBe('1')
  expect(machine.read('/proc/stat')).toBe('cpu 1 2 3 4\n')
  expect(machine.bytes('/proc/stat')?.length).toBe(12)
  expect(machine.list('/proc/')).toEqual(['net', 'stat'])
  // Not there, not a folder, no link.
  expect(machine.read('/proc/meminfo')).toBeUndefined()
  expect(machine.read('/proc/stat/deeper')).toBeUndefined()
  expect(machine.list('/proc/nowhere')).toEqual([])
  expect(machine.link('/proc/stat')).toBeUndefined()
  expect(() => machine.read('/proc/net')).toThrow('unreadable: /proc/net: EISDIR')
  expect(() => machine.read('/proc/a\0b')).toThrow('unreadable: /proc/a')
  chmodSync(join(folder, 'stat'), 0)
  if (process.getuid?.() !== 0)
    expect(() => machine.read('/proc/stat')).toThrow('unreadable: /proc/stat: EACCES')
})

test('space is asked where the watched machine is mounted', async () => {
  const { blocks, bsize } = await openMachine().space('/')
  expect(blocks * bsize).toBeGreaterThan(0)
  await expect(openMachine({ ...ownRoots, root: '/nowhere' }).space('/')).rejects.toThrow('/nowhere')
})

test('patterns are those of a shell', () => {
  const t = (globs: string[], name: string, expected: boolean) =>
    expect(globTest(globs)(name), `${globs} ${name}`).toBe(expected)

  t([], 'eth0', false)
  t(['eth0'], 'eth0', true)
  t(['eth0'], 'eth00', false)
  t(['eth*'], 'eth', true)
  t(['eth?'], 'eth', false)
  t(['lo', 'en[po]*'], 'enp0s3', true)
  t(['en[!p]*'], 'enp0s3', false)
  t(['eth0.1'], 'eth0x1', false)
  t(['(a|b)'], 'a', false)
  t(['[a'], '[a', true)
  t(['\\d'], '\\d', true)
})
