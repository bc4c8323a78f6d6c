// `plimsoll backup`: the running service copies its own data; where none runs, this process opens the engines and
// does it. Called by run.ts.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Failure } from '#core/errors.ts'
import { sizeText } from '#core/size.ts'
import { openAsk, Unreachable } from '../ask.ts'
import type { Backup } from '../backup.ts'
import { type Call, type Command, Stop } from '../command.ts'
import { settings } from '../settings.ts'

const path = '/api/plimsoll/v1/backup'

export const command: Command = async call => {
  const { args, on, io } = call
  const folder = resolve(io.cwd, args[0] ?? '')
  const backup = await askedOrOwn(call, folder)
  if (on.has('json')) {
    io.out(`${JSON.stringify(backup)}\n`)
    return 0
  }
  const bytes = backup.files.reduce((sum, file) => sum + file.bytes, 0)
  io.out(`${backup.folder} holds ${backup.files.length} files, ${sizeText(bytes)}.\n`)
  return 0
}

async function askedOrOwn(call: Call, folder: string): Promise<Backup> {
  try {
    return (await openAsk(call).send('POST', path, { folder })) as Backup
  } catch (cause) {
    // A service that was named is meant, and no other.
    const isNamed = call.text['url'] !== undefined || (call.io.env['PLIMSOLL_URL'] ?? '') !== ''
    if (!(cause instanceof Unreachable) || isNamed) throw cause
  }
  const config = settings(call)
  if (config.engines !== undefined)
    throw new Failure('backup_elsewhere', 'see `engines` in the configuration')
  // Opening would make an empty folder, and a backup of nothing looks like one of everything.
  if (!existsSync(join(config.data, 'store'))) throw new Stop(`there is no data in ${config.data}`)
  // Loaded only where it is needed: the engines take longer to load than all else here. Should a service with
  // another address hold the folder after all, opening it is refused.
  const { openEngines } = await import('../engines.ts')
  await using engines = await openEngines(config)
  return await engines.backup(folder)
}
