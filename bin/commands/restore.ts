// `plimsoll restore`: a backup becomes the data folder, while nothing runs in it. Called by run.ts.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { holdDataFolder } from '#core/data-folder.ts'
import { sizeText } from '#core/size.ts'
import { verifyBackup } from '../backup.ts'
import type { Command } from '../command.ts'
import { restoreInto } from '../restore.ts'
import { settings } from '../settings.ts'
import { timeText } from '../when.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const folder = resolve(io.cwd, args[0] ?? '')
  const { data } = settings(call)
  // A service that works in the folder holds it, so this refuses at once, before the long look at the backup.
  using held = existsSync(data) ? holdDataFolder(data) : undefined
  const backup = await verifyBackup(folder)
  const options = { replace: on.has('replace'), isHeld: held !== undefined, nowMs: io.clock.nowMs() }
  const restored = await restoreInto(data, backup, options)
  if (on.has('json')) {
    io.out(`${JSON.stringify({ ...restored, atMs: backup.atMs })}\n`)
    return 0
  }
  const aside = restored.movedTo === undefined ? '' : ` What was there is in ${restored.movedTo}.`
  const what = `${restored.files} files, ${sizeText(restored.bytes)}`
  io.out(`${data} is as it was at ${timeText(backup.atMs, io.timeZone)} (${what}).${aside}\n`)
  return 0
}
