// Puts a verified backup in the place of the data folder: everything is copied and on the disk before anything
// takes its place, and old data is moved aside, never deleted. Called by the command restore; whoever opens the engines asks
// whether one was interrupted.
import { existsSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { holdDataFolder } from '#core/data-folder.ts'
import { Failure } from '#core/errors.ts'
import { type Backup, sha256Of } from './backup.ts'
import { Stop } from './command.ts'

export type Restored = Readonly<{ data: string; files: number; bytes: number; movedTo?: string }>

// Inside the data folder, so that it is on the same disk; left behind only by an interrupted restore.
const stagingName = '.restoring'

// What works on a part of the data, or on none, makes more: then a restore would refuse, and nobody knows what is missing.
export function refuseHalfRestored(data: string): void {
  const staging = join(data, stagingName)
  if (existsSync(staging)) throw new Failure('restore_unfinished', `${staging} is left of a restore`)
}

// What a hold leaves in the folder; whoever opens it makes them anew.
const holdNames = ['lock', 'pid']

// `isHeld`: the folder is there, and the caller holds it.
export type RestoreOptions = Readonly<{ replace: boolean; isHeld: boolean; nowMs: number }>

// `backup` is what verifyBackup answered.
export async function restoreInto(data: string, backup: Backup, options: RestoreOptions): Promise<Restored> {
  const movedTo = await makeRoom(data, options)
  const isNew = movedTo !== undefined || !options.isHeld
  using _held = isNew ? holdDataFolder(data) : undefined
  const staging = join(data, stagingName)
  try {
    await rm(staging, { recursive: true, force: true })
    await mkdir(staging, { mode: 0o700 })
    await copyAll(backup, staging)
  } catch (cause) {
    await rm(staging, { recursive: true, force: true })
    const back = movedTo === undefined ? '' : ` The old data is in ${movedTo}.`
    throw new Stop(`the backup could not be copied: ${(cause as Error).message}.${back}`)
  }
  for (const name of await readdir(staging)) await rename(join(staging, name), join(data, name))
  await rm(staging, { recursive: true })
  await sync(data)
  await sync(dirname(data))
  const bytes = backup.files.reduce((sum, file) => sum + file.bytes, 0)
  return { data, files: backup.files.length, bytes, ...(movedTo === undefined ? {} : { movedTo }) }
}

// Afterwards the folder has no data. Answers where its old contents are now.
async function makeRoom(data: string, { replace, nowMs }: RestoreOptions): Promise<string | undefined> {
  const names = await readdir(data).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw new Stop(`${data} cannot be read: ${cause.message}`)
  })
  if (names.every(name => [...holdNames, stagingName].includes(name))) return undefined
  if (!replace) {
    throw new Stop(`${data} has data. --replace moves it aside first, to ${data}.before-restore-TIME.`)
  }
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const aside = `${data}.before-restore-${stamp}`
  await rename(data, aside).catch((cause: Error) => {
    throw new Stop(`${data} cannot be moved to ${aside} (${cause.message}). Move its contents away yourself.`)
  })
  return aside
}

async function copyAll({ folder, files }: Backup, staging: string): Promise<void> {
  const folders = new Set<string>([staging])
  // Engines may expect folders that happen to be empty.
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) folders.add(join(staging, entry.parentPath.slice(folder.length), entry.name))
  }
  for (const each of folders) await mkdir(each, { recursive: true, mode: 0o700 })
  for (const { name, sha256 } of files) {
    const target = join(staging, name)
    await copyFile(join(folder, name), target)
    // A disk that lies is found out now, and not when the data is needed.
    if ((await sha256Of(target)) !== sha256) throw new Error(`${name} came out different`)
    await sync(target)
  }
  for (const each of folders) await sync(each)
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}
