// What people answer, as smsd leaves it: a file for each message in its folder for incoming ones, which stay there, since
// others may read them too. Called by index.ts.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Timer } from '#core/clock.ts'
import type { Reply } from '../../inbound.ts'

const lookMs = 5_000
// A file is read when nobody has written to it for so long, and not when it is from long ago.
const settledMs = 1_000
const oldMs = 86_400_000
const sizeMax = 16_384
// At one look.
const mostFiles = 10_000

type Options = Readonly<{
  folder: string
  clock: Clock
  hear: (reply: Reply) => void
  filesMax?: number
}>

export function openInbox({
  folder,
  clock,
  hear,
  filesMax = mostFiles,
}: Options): Readonly<{ close(): void }> {
  let seen = new Set<string>()
  let timer: Timer | undefined
  let isClosed = false

  const read = async (name: string): Promise<boolean> => {
    const path = join(folder, name)
    const { mtimeMs, size } = await stat(path)
    const ageMs = clock.nowMs() - mtimeMs
    if (ageMs < settledMs) return false
    const reply = ageMs > oldMs || size > sizeMax ? undefined : readIncoming(await readFile(path))
    if (reply !== undefined && !isClosed) hear(reply)
    return true
  }
  const look = async (): Promise<void> => {
    // Without the folder there is nothing to hear; sending says what is wrong with it.
    const names = await readdir(folder).catch(() => [])
    const done = new Set(names.filter(name => seen.has(name)))
    // Nobody takes away what was read, so the new ones may stand behind very many.
    for (const name of names.filter(each => !done.has(each)).slice(0, filesMax))
      if (await read(name).catch(() => false)) done.add(name)
    seen = done
    if (!isClosed) timer = clock.after(lookMs, () => void look())
  }
  void look()
  return {
    close() {
      isClosed = true
      timer?.cancel()
    },
  }
}

// Headers, an empty line, the text in the alphabet that a header names.
export function readIncoming(bytes: Buffer): Reply | undefined {
  const end = bytes.indexOf('\n\n')
  if (end < 0) return undefined
  const headers = new Map(
    bytes
      .subarray(0, end)
      .toString('latin1')
      .split('\n')
      .map(line => [line.split(':', 1)[0]!.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const),
  )
  const from = headers.get('from') ?? ''
  if (from === '') return undefined
  return { kind: 'reply', from, text: textOf(bytes.subarray(end + 2), headers.get('alphabet') ?? '') }
}

function textOf(body: Buffer, alphabet: string): string {
  if (/^ucs/i.test(alphabet))
    return Buffer.from(body.subarray(0, body.length & ~1))
      .swap16()
      .toString('utf16le')
  return body.toString(/^utf-?8/i.test(alphabet) ? 'utf8' : 'latin1')
}
