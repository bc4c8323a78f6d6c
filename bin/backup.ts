// What makes a folder a backup: its files and a manifest that names each with its size and SHA-256, written last.
// Called by the commands backup and restore, and by the address that backs up while the service runs.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, relative, sep } from 'node:path'
import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { makeFolder } from '#core/make-folder.ts'

export type BackupFile = Readonly<{ name: string; bytes: number; sha256: string }>
export type Backup = Readonly<{ folder: string; files: readonly BackupFile[]; atMs: number }>

const manifestName = 'manifest.json'

// Names are relative, with `/`, and stay inside.
const isInside = (name: string): boolean =>
  name !== '' &&
  !isAbsolute(name) &&
  !name.includes('\\') &&
  !name.split('/').some(part => ['', '.', '..'].includes(part))

const manifestSchema = z.object({
  v: z.literal(1, { error: 'v: 1' }),
  atMs: z.int(),
  files: z.array(
    z.object({
      name: z.string().refine(isInside, { error: 'a name inside the folder' }),
      bytes: z.int().min(0),
      sha256: z.string().regex(/^[\da-f]{64}$/),
    }),
  ),
})

// `fill` puts a consistent copy of every engine into the folder. What it leaves half done is removed.
type Taking = Readonly<{ data: string; fill: (folder: string) => Promise<void>; nowMs: number }>

export async function takeBackup(folder: string, { data, fill, nowMs }: Taking): Promise<Backup> {
  if (!isAbsolute(folder)) throw new Failure('bad_backup', `wanted a whole path, found ${folder}`)
  await demandOutside(data, folder)
  await demandEmpty(folder)
  try {
    makeFolder(folder)
  } catch (cause) {
    throw new Failure('bad_backup', `${folder} cannot be made: ${(cause as Error).message}`)
  }
  await using manifest = await claim(folder)
  try {
    await fill(folder)
    const files = (await describeFiles(folder)).filter(({ name }) => name !== manifestName)
    await manifest.writeFile(`${JSON.stringify({ v: 1, atMs: nowMs, files }, null, 2)}\n`)
    await manifest.sync()
    return { folder, files, atMs: nowMs }
  } catch (cause) {
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
    throw cause
  }
}

// What dies with the data is no backup of it.
async function demandOutside(data: string, folder: string): Promise<void> {
  const inside = await realpath(data)
  for (let at = folder; ; at = dirname(at)) {
    const real = await realpath(at).catch(() => undefined)
    if (real === undefined) continue
    const whole = join(real, relative(at, folder))
    if (whole !== inside && !whole.startsWith(`${inside}${sep}`)) return
    throw new Failure('bad_backup', `wanted a folder that is not in the data folder ${data}, found ${folder}`)
  }
}

async function demandEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw new Failure('bad_backup', `wanted a new or empty folder, found ${folder}: ${cause.message}`)
  })
  if (names.length === 0) return
  throw new Failure(
    'bad_backup',
    `wanted a new or empty folder, found ${folder} with ${names.length} entries`,
  )
}

// Of two backups into one folder at one time, the second is refused before it can spoil the first. A manifest without
// contents is that of a backup under way.
async function claim(folder: string): Promise<FileHandle> {
  return open(join(folder, manifestName), 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EEXIST' ? 'another backup goes there' : cause.message
    throw new Failure('bad_backup', `wanted a new or empty folder, found ${folder}: ${why}`)
  })
}

async function describeFiles(folder: string): Promise<BackupFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const files: BackupFile[] = []
  for (const path of paths.sort()) {
    const name = path.slice(folder.length + 1).replaceAll(sep, '/')
    files.push({ name, bytes: (await stat(path)).size, sha256: await sha256Of(path) })
  }
  return files
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

// What the manifest names, after every file was found as it says; a Failure names the first that was not.
export async function verifyBackup(folder: string): Promise<Backup> {
  const { atMs, files } = await readManifest(folder)
  for (const { name, bytes, sha256 } of files) {
    const path = join(folder, normalize(name))
    const found = await stat(path).catch(() => undefined)
    if (found === undefined || !found.isFile()) throw bad(folder, `${name}: wanted a file, found none`)
    if (found.size !== bytes) throw bad(folder, `${name}: wanted ${bytes} bytes, found ${found.size}`)
    if ((await sha256Of(path)) !== sha256)
      throw bad(folder, `${name}: its contents are not what was backed up`)
  }
  return { folder, files, atMs }
}

const bad = (folder: string, what: string): Failure => new Failure('bad_backup', `${folder}: ${what}`)

async function readManifest(folder: string): Promise<z.output<typeof manifestSchema>> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => {
    throw bad(folder, `wanted ${manifestName}, found none`)
  })
  const result = manifestSchema.safeParse(parsed(text))
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw bad(folder, `${manifestName}: ${issue?.path.join('.')}: wanted ${issue?.message}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
