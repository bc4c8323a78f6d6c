// The folder of the demonstration: new, empty, or one that an earlier demonstration has made and nobody holds. Nothing else
// is ever touched. Called by the command `demo`.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { holdDataFolder } from '#core/data-folder.ts'
import { makeFolder } from '#core/make-folder.ts'
import { Stop } from '../command.ts'

export type DemoFolder = Readonly<{ config: string; data: string; report: string }>

const firstLine = '# Made by `plimsoll demo`'
const ours = ['data', 'plimsoll.yml', 'report']

export function prepareFolder(path: string, settings: string): DemoFolder {
  const folder = {
    config: join(path, 'plimsoll.yml'),
    data: join(path, 'data'),
    report: join(path, 'report'),
  }
  try {
    const found = existsSync(path) ? readdirSync(path) : []
    if (found.length > 0) clear(path, found, folder)
    makeFolder(folder.report)
    writeFileSync(folder.config, settings)
    return folder
  } catch (cause) {
    // Only what the file system says has a number.
    const { errno, message } = cause as NodeJS.ErrnoException
    if (errno === undefined) throw cause
    throw new Stop(`${path} cannot be used: ${message}. --folder names another.`)
  }
}

function clear(path: string, found: readonly string[], { config, data, report }: DemoFolder): void {
  const strange = found.find(name => !ours.includes(name))
  const isOurs = existsSync(config) && readFileSync(config, 'utf8').startsWith(firstLine)
  if (strange !== undefined || !isOurs) {
    const what = strange ?? 'no plimsoll.yml of a demonstration'
    throw new Stop(
      `${path}: wanted a new or empty folder, or one of an earlier demonstration; found ${what}. --folder names another.`,
      2,
    )
  }
  // Throws where a service still runs on it.
  if (existsSync(data)) holdDataFolder(data)[Symbol.dispose]()
  for (const each of [data, report, config]) rmSync(each, { recursive: true, force: true })
}
