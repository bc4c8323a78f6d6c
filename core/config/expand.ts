// What do `${NAME}`, `${NAME:-default}` and `${file:path}` stand for? Called for every text value of a
// configuration file after parsing, so that what is put in can never change the file's structure.
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Complaint } from './problem.ts'

export type Environment = Readonly<Record<string, string | undefined>>

// `at` is where in the text the trouble is.
export type Trouble = Readonly<{ at: number } & Omit<Complaint, 'path'>>
export type Expanded = Readonly<{ text: string; changed: boolean; troubles: readonly Trouble[] }>

// `$${` is a `${` that stays.
const form = /\$\$\{|\$\{([^}]*)(\}?)/g
const fileMaxBytes = 1024 * 1024
const formsWanted = `\${NAME}, \${NAME:-default} or \${file:path}`

// `folder` is where relative paths begin: that of the file which says so.
export function expand(text: string, folder: string, env: Environment): Expanded {
  const troubles: Trouble[] = []
  let changed = false
  const result = text.replaceAll(form, (whole, inside: string | undefined, end: string, at: number) => {
    if (inside === undefined) return '${'
    changed = true
    const value = end === '' ? { wanted: 'a closing }', found: whole } : lookUp(inside, folder, env)
    if (typeof value === 'string') return value
    troubles.push({ at, ...value })
    return ''
  })
  return { text: result, changed, troubles }
}

type Answer = string | Omit<Trouble, 'at'>

function lookUp(inside: string, folder: string, env: Environment): Answer {
  if (inside.startsWith('file:')) return contents(inside.slice('file:'.length), folder)
  const [, name, fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside) ?? []
  if (name === undefined) {
    const hint = 'for a ${ that shall stay, write $${'
    return { wanted: formsWanted, found: `\${${inside}}`, hint }
  }
  // As in a shell: `:-` also takes the place of an empty variable.
  const value = env[name]
  if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
  if (value !== undefined) return value
  return {
    wanted: `the environment variable ${name}`,
    found: 'none of that name',
    hint: `set it where the service starts, or give a default: \${${name}:-…}`,
  }
}

function contents(path: string, folder: string): Answer {
  const file = resolve(folder, path)
  const wanted = `a readable file of at most 1MiB at ${file}`
  try {
    const stat = statSync(file)
    if (!stat.isFile()) return { wanted, found: 'something that is no file' }
    if (stat.size > fileMaxBytes) return { wanted, found: `${stat.size} bytes` }
    // Editors and `echo` end a file with a newline that is no part of the secret.
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    return { wanted, found: fileTrouble(cause) }
  }
}

const troubleTexts: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'a file that this user may not read',
  EISDIR: 'a folder',
  ENOTDIR: 'a path through something that is no folder',
}

export function fileTrouble(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  return troubleTexts[code] ?? (cause as Error).message
}
