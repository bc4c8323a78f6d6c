// The token with which commands on the same machine come in: a file in the data folder that only its owner can
// read. Called by access.ts as the service starts.
import { chmod, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { Tokens } from './tokens.ts'

const localTokenName = 'local command'

export const localTokenFile = (dataFolder: string): string => join(dataFolder, 'token')

// Keeps the one that is there while it is good; else makes a new one and revokes those before it.
export async function keepLocalToken(tokens: Tokens, dataFolder: string, process?: string): Promise<void> {
  const ourName = process === undefined ? localTokenName : `${localTokenName} at ${process}`
  const file = localTokenFile(dataFolder)
  const held = await textOf(file)
  const found = held === undefined ? undefined : await tokens.recognise(held)
  if (found !== undefined && 'principal' in found && found.principal.scopes.includes('admin')) {
    await chmod(file, 0o600)
    return
  }
  for (const { id, name, createdBy, revokedAtMs } of await tokens.list()) {
    const isOurs = name === ourName && createdBy === 'plimsoll'
    if (isOurs && revokedAtMs === undefined) await tokens.revoke(id, 'plimsoll')
  }
  const { secret } = await tokens.create({ name: ourName, scopes: ['admin'] }, 'plimsoll')
  await put(file, secret)
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw refused(file, error)
  }
}

// By way of another file, so that a command never reads half a token.
async function put(file: string, secret: Secret): Promise<void> {
  const part = `${file}.part`
  try {
    await using handle = await open(part, 'w', 0o600)
    await handle.chmod(0o600)
    await handle.writeFile(`${secret.reveal()}\n`)
    await handle.sync()
    await rename(part, file)
  } catch (error) {
    throw refused(file, error)
  }
}

function refused(file: string, error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException
  return new Failure(code === 'ENOSPC' ? 'state_full' : 'data_folder_not_ours', `${file}: ${message}`)
}
