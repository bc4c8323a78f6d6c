// Which packages for other machines (`@duckdb/node-bindings-darwin-arm64`) does the lock file name and not hold?
// npm leaves out what its registry did not have on the day, and `npm ci` then refuses the whole file. Run by
// `npm run lock` after `npm install`; test/lock.test.ts says when that was forgotten.
import { readFileSync, writeFileSync } from 'node:fs'

type Locked = {
  version?: string
  cpu?: string[]
  dev?: boolean
  libc?: string[]
  optional?: boolean
  os?: string[]
  resolved?: string
  optionalDependencies?: Record<string, string>
}

export type Lock = { packages: Record<string, Locked> }

type Missing = Readonly<{ at: string; version: string; dev: boolean }>

export function missingFrom({ packages }: Lock): Missing[] {
  return Object.entries(packages).flatMap(([owner, { optionalDependencies = {}, dev = false }]) =>
    Object.entries(optionalDependencies)
      .filter(
        ([name]) => !(`node_modules/${name}` in packages || `${owner}/node_modules/${name}` in packages),
      )
      .map(([name, version]) => ({ at: `node_modules/${name}`, version, dev })),
  )
}

const systems = /android|darwin|freebsd|linux|openharmony|win32/
const processors = /arm64|arm|ia32|ppc64|riscv64|s390x|x64/

// Such names say what they are for; npm fetches an entry only where that is the machine's own.
export function entryFor({ at, version, dev }: Missing): Locked {
  const name = at.split('/').at(-1) ?? ''
  const [os, cpu] = [systems.exec(name)?.[0], processors.exec(name)?.[0]]
  if (os === undefined || cpu === undefined || !/^\d/.test(version)) {
    throw new Error(
      `${at} ${version}: cannot tell the machine it is for; add it to package-lock.json by hand`,
    )
  }
  const libc = name.includes('musl') ? ['musl'] : name.includes('gnu') ? ['glibc'] : undefined
  return {
    version,
    cpu: [cpu],
    ...(dev && { dev }),
    ...(libc && { libc }),
    optional: true,
    os: [os],
  }
}

if (import.meta.main) {
  const file = 'package-lock.json'
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock
  const missing = missingFrom(lock)
  for (const each of missing) lock.packages[each.at] = entryFor(each)
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${missing.length} packages for other machines added to ${file}`)
}
