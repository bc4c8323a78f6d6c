// Where the real servers lie between test runs: each in a folder of its own, which is whole or not there. Called by
// the prepare… functions beside it.
import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const cacheFolder = process.env['PLIMSOLL_ENGINES'] ?? join(homedir(), '.cache', 'plimsoll-engines')

// What `prepare` did, for people.
export type Prepared = Readonly<{ did: string; tookMs: number }>

type Make = (folder: string, log: string) => Promise<void>

// `name` holds the version, so that another version is another folder. What a run before this one left half-done
// is thrown away; two runs at once wait for each other.
export async function cached(name: string, make: Make): Promise<Prepared & Readonly<{ folder: string }>> {
  const folder = join(cacheFolder, name)
  if (existsSync(folder)) return { folder, did: 'was there', tookMs: 0 }
  const sinceMs = performance.now()
  mkdirSync(cacheFolder, { recursive: true })
  const release = await locked(`${folder}.lock`)
  const part = `${folder}.part`
  try {
    if (!existsSync(folder)) {
      discard(part)
      mkdirSync(part)
      await make(part, `${folder}.log`)
      renameSync(part, folder)
    }
  } finally {
    discard(part)
    release()
  }
  return { folder, did: 'made', tookMs: performance.now() - sinceMs }
}

const discard = (path: string): void => rmSync(path, { recursive: true, force: true })

// The file holds the id of who makes it; an owner that is gone is none.
async function locked(file: string): Promise<() => void> {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => discard(file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = Number(existsSync(file) ? readFileSync(file, 'utf8') : '')
    if (owner > 0 && !existsSync(`/proc/${owner}`)) discard(file)
    else await sleep(500)
  }
}

export type Run = Readonly<{
  // Everything that the program says; its end is shown when it fails.
  log: string
  cwd?: string
  env?: Readonly<Record<string, string>>
  limitMs?: number
}>

// A program that must succeed.
export async function run(
  program: string,
  args: readonly string[],
  { log, cwd, env, limitMs = 300_000 }: Run,
): Promise<void> {
  const line = [program, ...args].join(' ')
  writeFileSync(log, `$ ${line}\n`, { flag: 'a' })
  const output = openSync(log, 'a')
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  })
  closeSync(output)
  const why = await new Promise<string | undefined>(resolve => {
    child.on('error', error => resolve(error.message))
    child.on('exit', (code, signal) =>
      resolve(code === 0 ? undefined : signal === null ? `exit ${code}` : `${signal}, limit ${limitMs} ms`),
    )
  })
  if (why !== undefined) throw new Error(`\`${line}\` failed: ${why}\n${endOf(log)}`)
}

export function endOf(log: string, lines = 15): string {
  const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
  return text.trimEnd().split('\n').slice(-lines).join('\n')
}
