import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '#core/config.ts'
import { holdDataFolder } from '#core/data-folder.ts'
import { prepareFolder } from '../../../bin/demo/folder.ts'
import { demoPools } from '../../../bin/demo/pools.ts'
import { settingsText } from '../../../bin/demo/settings-text.ts'
import { roomSchemas } from '../../../bin/room-schemas.ts'
import type { CapacitySettings } from '../../../capacity/pool-settings.ts'
import { folderWith } from '../../core/config/files.ts'
import { nowMs, world } from '../world.ts'

const zone = 'Asia/Shanghai'
const settings = (isOpen = true): string =>
  settingsText({
    ...{ listen: '127.0.0.1:0', timezone: zone, language: 'zh', isOpen },
    pools: demoPools(nowMs, zone),
  })

test('the configuration of the demonstration is a good one, with all of its pools', () => {
  const path = join(folderWith({ 'plimsoll.yml': settings() }), 'plimsoll.yml')
  const read = readConfig({ path, env: {}, rooms: roomSchemas })
  expect(read).toMatchObject({ ok: true })
  if (!read.ok) return
  const { pools } = read.config.capacity as CapacitySettings
  expect(pools.map(({ name }) => name)).toEqual(demoPools(nowMs, zone).map(({ name }) => name))
  expect(read.config).toMatchObject({
    language: 'zh',
    timezone: zone,
    auth: { anonymous: ['read', 'operate'] },
  })
  const checkout = pools.find(({ name }) => name === 'checkout')
  expect(checkout).toMatchObject({
    spare: { kind: 'units', units: 1 },
    events: [{ factor: 1.7 }, { factor: 1.6 }],
  })
  // Each question names a metric that the pool's machines write.
  for (const { name, series } of demoPools(nowMs, zone)) {
    const asked = JSON.stringify(pools.find(pool => pool.name === name)?.resources)
    for (const each of series) expect(asked, name).toContain(each.name)
  }
})

test('where others can listen, nothing is open', () => {
  expect(settings(false)).not.toContain('anonymous')
})

test('a new or empty folder is taken, and that of an earlier demonstration', () => {
  const path = join(folderWith({}), 'demo')
  prepareFolder(path, settings())
  writeFileSync(join(path, 'report', 'report.csv'), 'old')
  mkdirSync(join(path, 'data'))
  const { report } = prepareFolder(path, settings())
  expect(readdirSync(path).sort()).toEqual(['plimsoll.yml', 'report'])
  expect(readdirSync(report)).toEqual([])
})

test('what anybody else has put there stays', () => {
  const t = (files: Record<string, string>, found: string) => {
    const path = folderWith(files)
    expect(() => prepareFolder(path, settings()), found).toThrow(found)
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(join(path, name), 'utf8')).toBe(text)
  }
  t({ 'notes.txt': 'mine' }, 'found notes.txt')
  t({ 'plimsoll.yml': 'listen: 127.0.0.1:1876\n' }, 'found no plimsoll.yml of a demonstration')
  t({ 'plimsoll.yml': settings(), 'notes.txt': 'mine' }, 'found notes.txt')
})

test('a folder that cannot be made is named, and so is the flag for another', () => {
  const file = join(folderWith({ notes: 'mine' }), 'notes')
  const t = (path: string) =>
    expect(() => prepareFolder(path, settings())).toThrow(`${path} cannot be used: E`)
  t(file)
  t(join(file, 'demo'))
  // Below /proc the kernel says that there is no such folder, however often it is made.
  if (existsSync('/proc/self')) t('/proc/demo')
})

test('a service that runs on it keeps its data', () => {
  const path = folderWith({})
  const { data } = prepareFolder(path, settings())
  using _ = holdDataFolder(data)
  expect(() => prepareFolder(path, settings())).toThrow('is held by process')
  expect(existsSync(join(data, 'lock'))).toBe(true)
})

test('wrong words end it before anything is written', async () => {
  const { run, cwd } = world({ 'mine/notes.txt': 'mine' }, { env: { NODE_COMPILE_CACHE: 'x' } })
  const t = async (words: readonly string[], said: string) => {
    const { exit, err } = await run('demo', ...words)
    expect([exit, err], words.join(' ')).toEqual([2, expect.stringContaining(said)])
  }
  await t(['--days', 'many'], '--days: wanted a whole number from 10 to 365, found many')
  await t(['--folder', 'mine'], 'found notes.txt')
  expect(readdirSync(cwd)).toEqual(['mine'])
})
