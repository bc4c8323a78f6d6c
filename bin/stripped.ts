// Finds our TypeScript for Node and hands it over without its types, as text that is kept beside the compiled code. Node
// does all that by itself, but looks for each file several times and holds all that it has read of its cache as long as it
// lives: a tenth of a start, and 6 MiB. Loaded by the launcher before anything else, and so in every thread.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import {
  getCompileCacheDir,
  type LoadHookSync,
  type ResolveHookSync,
  registerHooks,
  stripTypeScriptTypes,
} from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { crc32 } from 'node:zlib'

const root = pathToFileURL(join(import.meta.dirname, '../')).href
const packages = `${root}node_modules/`

const isOurs = (url: string): boolean =>
  url.startsWith(root) && url.endsWith('.ts') && !url.startsWith(packages)

// Where one of our files asks for another one of ours.
const resolve: ResolveHookSync = (wanted, context, next) => {
  const { parentURL } = context
  if (!wanted.endsWith('.ts') || parentURL === undefined || !isOurs(parentURL)) return next(wanted, context)
  if (wanted.startsWith('#')) return ours(`${root}${wanted.slice(1)}`)
  return wanted.startsWith('.') ? ours(new URL(wanted, parentURL).href) : next(wanted, context)
}

// `#core/` is the folder `core`, and so on: see `imports` in package.json.
const ours = (url: string): ReturnType<ResolveHookSync> => ({ url, format: 'module', shortCircuit: true })

// Without a cache Node does it, as it does with whatever is not ours.
const cache = getCompileCacheDir()
if (cache !== undefined) registerHooks({ resolve, load: loadFrom(join(cache, 'stripped')) })

function loadFrom(folder: string): LoadHookSync {
  return (url, context, nextLoad) => {
    if (!isOurs(url)) return nextLoad(url, context)
    const typed = readFileSync(fileURLToPath(url))
    const file = join(folder, url.slice(root.length).replaceAll('/', '+'))
    return { format: 'module', source: kept(file, typed) ?? strip(file, typed), shortCircuit: true }
  }
}

// The last line tells of which text this is, and that it is whole: it may be half written, or by two at once.
const endOf = (typed: Buffer, text: Buffer): string => `\n//${crc32(typed)} ${crc32(text)}\n`

function kept(file: string, typed: Buffer): Buffer | undefined {
  try {
    const all = readFileSync(file)
    const text = all.subarray(0, all.lastIndexOf('\n//'))
    return all.toString('latin1', text.length) === endOf(typed, text) ? text : undefined
  } catch {
    return undefined
  }
}

function strip(file: string, typed: Buffer): Buffer {
  const text = Buffer.from(stripTypeScriptTypes(typed.toString()))
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, Buffer.concat([text, Buffer.from(endOf(typed, text))]))
  } catch {
    // It is stripped again next time.
  }
  return text
}
