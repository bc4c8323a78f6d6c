import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '#core/config.ts'
import { holdDataFolder } from '#core/data-folder.ts'
import { type Backup, takeBackup, verifyBackup } from '../../bin/backup.ts'
import { openEngines } from '../../bin/engines.ts'
import { folderWith, put } from '../core/config/files.ts'
import { deafAddress, nowMs, serviceThat, world } from './world.ts'

const files = { 'state.db': 'rows', 'store/day/1.seg': 'samples', 'store/empty': '' }
const fill = async (folder: string): Promise<void> => {
  for (const [name, text] of Object.entries(files)) put(join(folder, name), text)
  mkdirSync(join(folder, 'journal'))
}
// Where the data are that are backed up.
const data = folderWith({ 'store/series.log': 'x' })
const taking = { data, fill, nowMs }
const taken = (folder: string): Promise<Backup> => takeBackup(join(folder, 'b'), taking)

test('a backup is its files and a manifest that names them', async () => {
  const folder = folderWith()
  const backup = await taken(folder)
  expect(backup).toEqual({
    folder: join(folder, 'b'),
    atMs: nowMs,
    files: [
      { name: 'state.db', bytes: 4, sha256: expect.stringMatching(/^[\da-f]{64}$/) },
      { name: 'store/day/1.seg', bytes: 7, sha256: expect.stringMatching(/^[\da-f]{64}$/) },
      {
        name: 'store/empty',
        bytes: 0,
        sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      },
    ],
  })
  expect(JSON.parse(readFileSync(join(folder, 'b/manifest.json'), 'utf8'))).toMatchObject({
    v: 1,
    atMs: nowMs,
  })
  expect(await verifyBackup(join(folder, 'b'))).toEqual(backup)
})

test('only a new or empty folder becomes a backup', async () => {
  const folder = folderWith({ 'full/x': '', file: '' })
  mkdirSync(join(folder, 'empty'))
  await takeBackup(join(folder, 'empty'), taking)
  await expect(takeBackup(join(folder, 'full'), taking)).rejects.toThrow('wanted a new or empty folder')
  await expect(takeBackup(join(folder, 'file'), taking)).rejects.toThrow('wanted a new or empty folder')
  await expect(takeBackup('relative', taking)).rejects.toThrow('wanted a whole path')
  expect(readdirSync(join(folder, 'full'))).toEqual(['x'])
})

test('what would die with the data is no backup of it, by whatever way it leads there', async () => {
  const folder = folderWith()
  symlinkSync(data, join(folder, 'link'))
  const t = (into: string) =>
    expect(takeBackup(into, taking), into).rejects.toThrow('wanted a folder that is not in the data folder')
  await t(data)
  await t(join(data, 'b'))
  await t(join(data, 'store/new/b'))
  await t(join(folder, 'link/b'))
  expect(readdirSync(data)).toEqual(['store'])
  // Beside it.
  await takeBackup(`${data}-b`, taking)
  rmSync(`${data}-b`, { recursive: true })
})

test('two at one time into one folder do not spoil each other', async () => {
  const folder = folderWith()
  const both = await Promise.allSettled([taken(folder), taken(folder)])
  expect(both.map(each => each.status).sort()).toEqual(['fulfilled', 'rejected'])
  await verifyBackup(join(folder, 'b'))
})

test('parents are made too, and a place where nothing can be made is refused at once', async () => {
  const folder = join(folderWith({ file: '' }), 'a/b/c')
  await takeBackup(folder, taking)
  await verifyBackup(folder)
  await expect(takeBackup('/proc/no/where', taking)).rejects.toThrow('cannot be made')
})

test('a backup that fails leaves nothing half done', async () => {
  const folder = join(folderWith(), 'b')
  const failing = async (into: string): Promise<void> => {
    await fill(into)
    throw new Error('disk full')
  }
  await expect(takeBackup(folder, { ...taking, fill: failing })).rejects.toThrow('disk full')
  expect(readdirSync(folder)).toEqual([])
})

test('damage of any kind is found', async () => {
  const t = async (damage: (folder: string) => void, said: string) => {
    const { folder } = await taken(folderWith())
    damage(folder)
    await expect(verifyBackup(folder), said).rejects.toThrow(said)
  }
  const manifest = (change: object) => (folder: string) =>
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ v: 1, atMs: 1, files: [], ...change }))
  const sha256 = 'a'.repeat(64)

  await t(
    folder => writeFileSync(join(folder, 'state.db'), 'rowz'),
    'state.db: its contents are not what was backed up',
  )
  await t(folder => writeFileSync(join(folder, 'state.db'), 'row'), 'state.db: wanted 4 bytes, found 3')
  await t(folder => writeFileSync(join(folder, 'manifest.json'), '{"v": 1'), 'manifest.json')
  await t(manifest({ v: 2 }), 'manifest.json: v: wanted v: 1')
  await t(manifest({ files: [{ name: 'gone', bytes: 1, sha256 }] }), 'gone: wanted a file, found none')
  await t(manifest({ files: [{ name: '../x', bytes: 1, sha256 }] }), 'a name inside the folder')
  await t(manifest({ files: [{ name: '/etc/passwd', bytes: 1, sha256 }] }), 'a name inside the folder')
  await expect(verifyBackup(folderWith())).rejects.toThrow('wanted manifest.json, found none')
})

test('the command asks the running service, with a whole path', async () => {
  const { url, asked } = await serviceThat(({ body }) => ({
    body: { ...(body as object), files: [{ name: 'a', bytes: 1_500, sha256: '' }], atMs: nowMs },
  }))
  const { run, cwd } = world({}, { env: { PLIMSOLL_URL: url } })
  const { exit, out } = await run('backup', 'b')
  expect([exit, out]).toEqual([0, `${cwd}/b holds 1 files, 1.5KiB.\n`])
  expect(asked[0]).toMatchObject({
    method: 'POST',
    url: '/api/plimsoll/v1/backup',
    body: { folder: join(cwd, 'b') },
  })
  expect(JSON.parse((await run('backup', 'b', '--json')).out)).toMatchObject({ atMs: nowMs })
})

test('a restored folder is the one that was backed up', async () => {
  const { run, cwd } = world({ 'plimsoll.yml': 'listen: 127.0.0.1:1' })
  await taken(cwd)
  const { exit, out, err } = await run('restore', 'b')
  expect([exit, err]).toEqual([0, ''])
  expect(out).toBe(`${cwd}/data is as it was at 2026-11-20 12:00:00 (3 files, 11B).\n`)
  for (const [name, text] of Object.entries(files))
    expect(readFileSync(join(cwd, 'data', name), 'utf8')).toBe(text)
  const names = readdirSync(join(cwd, 'data')).filter(name => !['lock', 'pid'].includes(name))
  expect(names.sort()).toEqual(['journal', 'state.db', 'store'])
})

test('data that is there is refused, or moved aside', async () => {
  const { run, cwd } = world({ 'plimsoll.yml': 'listen: 127.0.0.1:1', 'data/old': 'precious' })
  await taken(cwd)
  const refused = await run('restore', 'b')
  expect([refused.exit, refused.out]).toEqual([1, ''])
  expect(refused.err).toContain('has data. --replace moves it aside first')
  const { exit, out } = await run('restore', 'b', '--replace', '--json')
  const movedTo = join(cwd, 'data.before-restore-20261120T040000Z')
  expect([exit, JSON.parse(out)]).toEqual([
    0,
    { data: join(cwd, 'data'), files: 3, bytes: 11, movedTo, atMs: nowMs },
  ])
  expect(readFileSync(join(movedTo, 'old'), 'utf8')).toBe('precious')
  expect(existsSync(join(cwd, 'data/old'))).toBe(false)
})

test('a damaged backup touches nothing', async () => {
  const { run, cwd } = world({ 'plimsoll.yml': 'listen: 127.0.0.1:1', 'data/old': 'precious' })
  const { folder } = await taken(cwd)
  writeFileSync(join(folder, 'store/day/1.seg'), 'SAMPLES')
  const { exit, err } = await run('restore', 'b', '--replace')
  expect([exit, err]).toEqual([
    1,
    expect.stringContaining('store/day/1.seg: its contents are not what was backed up'),
  ])
  expect(err).toContain('Nothing was changed.')
  expect(readFileSync(join(cwd, 'data/old'), 'utf8')).toBe('precious')
})

test('a folder that a service holds is left alone', async () => {
  const { run, cwd } = world({ 'data/old': 'precious' })
  await taken(cwd)
  const held = holdDataFolder(join(cwd, 'data'))
  const { exit, err } = await run('restore', 'b', '--replace')
  expect([exit, err]).toEqual([1, expect.stringContaining(`${cwd}/data is held by process ${process.pid}`)])
  expect(readFileSync(join(cwd, 'data/old'), 'utf8')).toBe('precious')
  held[Symbol.dispose]()
  // What a hold leaves behind is no data.
  rmSync(join(cwd, 'data/old'))
  expect((await run('restore', 'b')).exit).toBe(0)
})

test('a restore that was interrupted is begun again', async () => {
  const { run, cwd } = world({ 'data/.restoring/half': 'x' })
  await taken(cwd)
  expect((await run('restore', 'b')).exit).toBe(0)
  expect(readFileSync(join(cwd, 'data/state.db'), 'utf8')).toBe('rows')
  expect(existsSync(join(cwd, 'data/.restoring'))).toBe(false)
})

test('nothing works on data of which an interrupted restore has brought a part', async () => {
  const { run, cwd } = world({ 'data/.restoring/state.sqlite': 'x', 'data/store/series.log': 'x' })
  await taken(cwd)
  const source = readConfig({ cwd, env: {} })
  if (!source.ok) throw new Error('the configuration is good')
  await expect(openEngines(source.config)).rejects.toMatchObject({
    code: 'restore_unfinished',
    detail: `${cwd}/data/.restoring is left of a restore`,
  })
  expect(readdirSync(join(cwd, 'data/store'))).toEqual(['series.log'])
  expect((await run('restore', 'b', '--replace')).exit).toBe(0)
  await (await openEngines(source.config)).close()
})

test('nobody else reads a backup, nor data in a folder that was there before', async () => {
  const cwd = folderWith()
  for (const name of ['data', 'b']) mkdirSync(join(cwd, name), { mode: 0o755 })
  const source = readConfig({ cwd, env: {} })
  if (!source.ok) throw new Error('the configuration is good')
  await using engines = await openEngines(source.config)
  await engines.backup(join(cwd, 'b'))
  const mode = (path: string): string => (statSync(join(cwd, path)).mode & 0o777).toString(8)
  const paths = ['data/store', 'data/state.sqlite', 'b/store', 'b/state.sqlite', 'b/manifest.json']
  expect(paths.map(mode)).toEqual(['700', '600', '700', '600', '600'])
})

test('where no service runs, the command opens the engines itself; without data it refuses', async () => {
  const address = await deafAddress()
  const { run, cwd } = world({ 'plimsoll.yml': `listen: ${address}` })
  const none = await run('backup', 'b')
  expect([none.exit, none.err]).toEqual([1, `plimsoll backup: there is no data in ${cwd}/data\n`])
  expect(existsSync(join(cwd, 'data'))).toBe(false)

  const source = readConfig({ cwd, env: {} })
  if (!source.ok) throw new Error('the configuration is good')
  await (await openEngines(source.config)).close()
  const { exit, out } = await run('backup', 'b')
  expect([exit, out]).toEqual([0, expect.stringMatching(/\/b holds \d+ files, /)])
  const { files: named } = await verifyBackup(join(cwd, 'b'))
  expect(named.map(({ name }) => name)).toContain('state.sqlite')
  expect((await run('restore', 'b', '--replace')).exit).toBe(0)
  await (await openEngines(source.config)).close()

  // A service that was named is meant, and no other.
  const { exit: refused } = await run('backup', 'c', '--url', `http://${address}`)
  expect([refused, existsSync(join(cwd, 'c'))]).toEqual([1, false])
})
