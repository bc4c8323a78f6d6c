// Does `npm ci` work from this lock file, here and on other machines, by whatever registry they use?
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { entryFor, type Lock, missingFrom } from '../.ci/complete-lock.ts'

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

test('holds every package that it names for another machine (mend: npm run lock)', () => {
  expect(missingFrom(lock).map(({ at }) => at)).toEqual([])
})

test('names no registry', () => {
  const resolved = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined)
  expect(resolved.map(([at]) => at)).toEqual([])
})

test('says the same as package.json (mend: npm install)', () => {
  for (const field of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
    const locked = (lock.packages[''] as Record<string, object>)[field]
    expect(locked, field).toEqual(manifest[field])
  }
})

test('pins every version', () => {
  const { dependencies, devDependencies, optionalDependencies } = manifest
  const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
  expect(all.filter(([, version]) => !/^\d/.test(version as string))).toEqual([])
})

test('the machine of a missing package is read from its name', () => {
  const t = (name: string, machine: object) =>
    expect(entryFor({ at: `node_modules/${name}`, version: '1.0.0', dev: false }), name).toEqual({
      version: '1.0.0',
      optional: true,
      ...machine,
    })

  t('@duckdb/node-bindings-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] })
  t('@biomejs/cli-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] })
  t('@oxc-parser/binding-linux-s390x-gnu', { os: ['linux'], cpu: ['s390x'], libc: ['glibc'] })
})

test('a name that says nothing is left to a person', () => {
  const t = (name: string, version: string) =>
    expect(() => entryFor({ at: `node_modules/${name}`, version, dev: true })).toThrow('by hand')

  t('mystery', '1.0.0')
  // A range: only the registry knows what it stands for.
  t('fsevents-darwin-x64', '~2.3.3')
})
