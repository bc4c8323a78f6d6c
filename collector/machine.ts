// The files in which a machine tells about itself. The only place where inputs meet the file system, so that
// tests hand them captured trees, and a container the folders where its host's are mounted.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '#core/errors.ts'

// `root` is where the watched machine's / is mounted; the mount points in its /proc are below it.
export type Roots = Readonly<{ proc: string; sys: string; dev: string; run: string; root: string }>

export const ownRoots: Roots = { proc: '/proc', sys: '/sys', dev: '/dev', run: '/run', root: '/' }

export type MachinePath = `/${Exclude<keyof Roots, 'root'>}/${string}`

export type Space = Readonly<{
  bsize: number
  blocks: number
  bfree: number
  bavail: number
  files: number
  ffree: number
}>

export interface Machine {
  // As in process.platform.
  readonly platform: string
  // The process in /proc through whose eyes mounts and network are seen: `self`, or `1` of another machine.
  readonly eyes: string
  // Absent is a state of its own: no such file, or nothing to tell on this kernel.
  read(path: MachinePath): string | undefined
  bytes(path: MachinePath): Buffer | undefined
  link(path: MachinePath): string | undefined
  list(path: MachinePath): readonly string[]
  // May hang for ever on a dead network mount: whoever asks brings a deadline.
  space(mountPoint: string): Promise<Space>
}

// Gone (a process that just ended), not of this kernel, or switched off at boot (PSI answers EOPNOTSUPP).
const absences = new Set(['ENOENT', 'ENOTDIR', 'ESRCH', 'ENODEV', 'EINVAL', 'EOPNOTSUPP'])

// Reads at once: the kernel makes these files in memory, which costs a twentieth of asking the thread pool (5 µs
// against 100 µs), and a pool whose threads hang on a dead mount would take every input with it.
export function openMachine(roots: Roots = ownRoots, platform: string = process.platform): Machine {
  const real = (path: MachinePath): string => {
    const [, top = '', ...rest] = path.split('/')
    return join(roots[top as keyof Roots], ...rest)
  }
  return {
    platform,
    eyes: roots.root === '/' ? 'self' : '1',
    read: path => orAbsent(path, () => readFileSync(real(path), 'utf8')),
    bytes: path => orAbsent(path, () => readFileSync(real(path))),
    link: path => orAbsent(path, () => readlinkSync(real(path))),
    list: path => orAbsent(path, () => readdirSync(real(path))) ?? [],
    space: mountPoint => statfs(join(roots.root, mountPoint)),
  }
}

function orAbsent<Found>(path: string, read: () => Found): Found | undefined {
  try {
    return read()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    if (absences.has(code)) return undefined
    throw new Failure('unreadable', `${path}: ${(cause as Error).message}`, { cause })
  }
}

// For files that must be there.
export function demand<Found>(found: Found | undefined, path: MachinePath, wanted: string): Found {
  if (found !== undefined) return found
  throw new Failure('unreadable', `${path}: wanted ${wanted}, found none`)
}
