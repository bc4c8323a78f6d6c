// Packages of Debian: there already, or installed by apt-get when that is allowed. Called by the prepare… functions.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, run } from './cache.ts'

export type DebianPackage = Readonly<{
  name: string
  // What it puts on the machine: when that is there, nothing is installed, wherever it came from.
  has: () => boolean
  // Services that its installation starts; they are stopped again, since the tests start their own.
  services?: readonly string[]
}>

export const onPath = (program: string): boolean => says(program, ['--version']) !== undefined

// What a program prints, both streams; undefined when there is no such program.
export function says(program: string, args: readonly string[]): string | undefined {
  const { error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return error === undefined ? `${stdout}${stderr}`.trim() : undefined
}

// Answers the names of what it installed.
export async function debian(...wanted: DebianPackage[]): Promise<string[]> {
  const missing = wanted.filter(each => !each.has())
  const names = missing.map(each => each.name)
  if (names.length === 0) return []
  const command = `apt-get install ${names.join(' ')}`
  if (process.getuid?.() !== 0) throw new Error(`${names.join(', ')} missing: run \`${command}\` as root`)
  mkdirSync(cacheFolder, { recursive: true })
  const log = join(cacheFolder, 'apt-get.log')
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['-q', 'update'], { log, env })
  await run('apt-get', ['-q', '-y', '--no-install-recommends', 'install', ...names], { log, env })
  for (const service of missing.flatMap(each => each.services ?? [])) says('service', [service, 'stop'])
  const still = missing.filter(each => !each.has()).map(each => each.name)
  if (still.length > 0) throw new Error(`${still.join(', ')}: installed, and yet not there. See ${log}`)
  return names
}
