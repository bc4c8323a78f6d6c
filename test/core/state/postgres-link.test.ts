// What only a server of a test does at will: it says farewell between two questions, when nobody's answer is awaited, and
// whoever asks hears of it and the process lives on; it works slowly through what was sent to it, or falls silent.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { CompiledQuery } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openLink, openReaders, type PostgresLink, type PostgresReaders } from '#core/state/postgres-link.ts'
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
let readers: PostgresReaders | undefined
let uncaught: unknown[]
const hear = (error: unknown): void => void uncaught.push(error)
beforeEach(() => {
  uncaught = []
  process.prependListener('uncaughtException', hear)
})
afterEach(async () => {
  process.off('uncaughtException', hear)
  await readers?.end()
  readers = undefined
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

const read = (): Promise<unknown> => readers!.read(CompiledQuery.raw('select 1'))

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

describe('the connection that writes', () => {
  const select = CompiledQuery.raw('select 1')
  let clock: SimulatedClock
  let link: PostgresLink
  // One for each question that has no answer yet: gives it.
  let asked: (() => void)[]

  // Reads as far as each question ends, so that it is known how many came.
  async function open(isSilent = false): Promise<void> {
    asked = []
    server = createServer(socket => {
      let rest = Buffer.alloc(0)
      const answer = (): void => void socket.write(Buffer.concat([done, ready]))
      socket.once('data', () => {
        socket.on('data', (bytes: Buffer) => {
          rest = Buffer.concat([rest, bytes])
          while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
            // Nobody has to wait for the setting that each connection begins with.
            const isSetting = rest.includes('synchronous_commit')
            rest = rest.subarray(1 + rest.readInt32BE(1))
            if (isSetting && !isSilent) answer()
            else asked.push(answer)
          }
        })
        socket.write(Buffer.concat([welcome, ready]))
      })
      socket.on('error', () => {})
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    clock = new SimulatedClock(1_000)
    link = openLink(addressOf(`postgres://plimsoll@127.0.0.1:${port}/plimsoll`), 5_000, clock)
  }
  const begin = async (): Promise<void> => {
    const began = link.script('begin', 5_000)
    await expect.poll(() => asked.length).toBe(1)
    asked.shift()!()
    await began
  }
  afterEach(() => link.end())

  test('goes on as long as the server answers one after the other, however many were sent', async () => {
    await open()
    await begin()
    const answers = [...Array(6).keys()].map(() => link.query(select, 5_000))
    await expect.poll(() => asked.length).toBe(6)
    for (const answer of answers) {
      await clock.runFor(6_900)
      asked.shift()!()
      expect(await answer).toMatchObject({ changed: 0 })
    }
    // What waits for nothing gives nothing up.
    await clock.runFor(60_000)
    const last = link.query(select, 5_000)
    await expect.poll(() => asked.length).toBe(1)
    asked.shift()!()
    await last
  })

  test('is given up when the server is silent for as long as one statement may take', async () => {
    await open()
    await begin()
    const answers = [...Array(3).keys()].map(() => link.query(select, 5_000))
    const ends = Promise.allSettled(answers)
    await expect.poll(() => asked.length).toBe(3)
    asked.shift()!()
    await answers[0]
    await clock.runFor(7_000)
    const told = {
      reason: { code: 'state_unavailable', detail: expect.stringContaining('no answer for 7000 ms') },
    }
    expect(await ends).toMatchObject([{ status: 'fulfilled' }, told, told])
    await expect(link.query(select, 5_000)).rejects.toThrow('the connection was lost')
    asked = []
    await begin()
  })

  test('is given up when the server lets us in and then says nothing', async () => {
    await open(true)
    const refused = expect(link.script('begin', 5_000)).rejects.toMatchObject({ code: 'state_unavailable' })
    await expect.poll(() => asked.length).toBe(1)
    await clock.runFor(7_000)
    await refused
  })
})
