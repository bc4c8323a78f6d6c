// A server that says farewell between two questions, when nobody's answer is awaited: whoever asks hears of it, and the
// process lives on.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { CompiledQuery } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openReaders, type PostgresReaders } from '#core/state/postgres-link.ts'
import { addressOf } from '#core/state/postgres-url.ts'

const message = (kind: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(kind), length, body])
}
const welcome = message('R', Buffer.alloc(4))
const ready = message('Z', Buffer.from('I'))
const done = message('C', Buffer.from('SELECT 0\0'))
const farewell = message(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
)

let server: Server
let readers: PostgresReaders
let uncaught: unknown[]
const hear = (error: unknown): void => void uncaught.push(error)
beforeEach(() => {
  uncaught = []
  process.prependListener('uncaughtException', hear)
})
afterEach(async () => {
  process.off('uncaughtException', hear)
  await readers.end()
  server.close()
})

// What it says to who comes, and to each question.
async function serve(first: readonly Buffer[], then: readonly Buffer[]): Promise<void> {
  server = createServer(socket => {
    socket.once('data', () => {
      socket.on('data', () => socket.write(Buffer.concat(then)))
      socket.write(Buffer.concat(first))
    })
    socket.on('error', () => {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  readers = openReaders(addressOf(`postgres://plimsoll@127.0.0.1:${port}/plimsoll`), 5_000)
}

const read = (): Promise<unknown> => readers.read(CompiledQuery.raw('select 1'))

test('it says so to somebody who has just come', async () => {
  await serve([welcome, ready, farewell], [done, ready])
  await expect(read()).rejects.toMatchObject({ code: 'state_unavailable' })
  expect(uncaught).toEqual([])
})

test('it says so right after an answer', async () => {
  await serve([welcome, ready], [done, ready, farewell])
  expect(await read()).toEqual([])
  expect(await read()).toEqual([])
  expect(uncaught).toEqual([])
})
