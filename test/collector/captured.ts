// Machines out of files: the captured trees beside the inputs, one folder for each reading. `space.json` there
// stands for statfs. What the tests of the inputs look at.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Machine, type MachinePath, openMachine, type Space } from '../../collector/machine.ts'

export type Captured = Readonly<{ machine: Machine; turnTo(reading: string): void }>

// `garble` may change what the files say, on its way to the input.
export function openCaptured(folder: string, garble: (text: string) => string = text => text): Captured {
  let now: Machine = openMachine()
  let spaces: Record<string, Space | string> = {}
  const turnTo = (reading: string): void => {
    const at = resolve(folder, reading)
    const roots = { proc: `${at}/proc`, sys: `${at}/sys`, dev: `${at}/dev`, run: `${at}/run`, root: '/' }
    now = openMachine(roots, 'linux')
    const file = join(at, 'space.json')
    spaces = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  }
  const text = (found: string | undefined): string | undefined =>
    found === undefined ? undefined : garble(found)
  const machine: Machine = {
    platform: 'linux',
    eyes: 'self',
    read: path => text(now.read(path)),
    bytes(path) {
      const found = text(now.bytes(path)?.toString('latin1'))
      return found === undefined ? undefined : Buffer.from(found, 'latin1')
    },
    link: path => now.link(path),
    list: path => now.list(path),
    async space(mountPoint) {
      const found = spaces[mountPoint]
      if (found !== undefined && typeof found !== 'string') return found
      throw Object.assign(new Error(found ?? 'ENOENT'), { code: found ?? 'ENOENT' })
    },
  }
  return { machine, turnTo }
}

// A machine of a few files that a test writes down.
export function machineOf(files: Readonly<Record<string, string>>, more: Partial<Machine> = {}): Machine {
  return {
    platform: 'linux',
    eyes: 'self',
    read: (path: MachinePath) => files[path],
    bytes: (path: MachinePath) =>
      files[path] === undefined ? undefined : Buffer.from(files[path], 'latin1'),
    link: () => undefined,
    list: () => [],
    space: async () => ({ bsize: 1, blocks: 1, bfree: 0, bavail: 0, files: 0, ffree: 0 }),
    ...more,
  }
}
