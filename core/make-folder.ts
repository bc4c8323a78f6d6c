// Makes a folder and those above it. Level by level, because Node's own recursive mkdir never ends where the
// kernel answers ENOENT below a folder that is there, as in /proc. Called for the data folder and for backups.
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

// Nobody else may look into what this makes.
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return
    if (code !== 'ENOENT' || existsSync(dirname(folder))) throw cause
    makeFolder(dirname(folder))
    mkdirSync(folder, { mode: 0o700 })
  }
}
