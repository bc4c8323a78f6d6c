// Questions to a broker that answers when the test says so: one that is late harms no other, and after the end none is
// asked.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Asking } from '#core/bus/kafka/asking.ts'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'

const apiVersions = 18

// Answers which versions it speaks at once, and which topics there are when it is let.
async function openBroker() {
  const sockets = new Set<Socket>()
  const held: (() => void)[] = []
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    let bytes = Buffer.alloc(0)
    socket.on('data', more => {
      bytes = Buffer.concat([bytes, more])
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const [key, id] = [bytes.readInt16BE(4), bytes.readInt32BE(8)]
        bytes = bytes.subarray(4 + bytes.readInt32BE(0))
        const answer = (): void => void socket.write(framed(id, key === apiVersions ? versions : noTopics()))
        if (key === apiVersions) answer()
        else held.push(answer)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const each of sockets) each.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  // Itself as the only broker, and no topic.
  const noTopics = (): Buffer => {
    const host = Buffer.from('127.0.0.1')
    return Buffer.concat([int32(1), int32(1), int16(host.length), host, int32(port), int32(0)])
  }
  return { port, sockets, held }
}

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
const int32 = (value: number): Buffer => Buffer.concat([int16(value >>> 16), int16(value & 65_535)])
// Versions 0 of both requests.
const versions = Buffer.concat([
  int16(0),
  int32(2),
  ...[3, apiVersions].flatMap(key => [int16(key), int32(0)]),
])
const framed = (id: number, body: Buffer): Buffer => Buffer.concat([int32(4 + body.length), int32(id), body])

async function openWorld() {
  const broker = await openBroker()
  const clock = new SimulatedClock(0)
  const settings = { brokers: [`127.0.0.1:${broker.port}`], clientId: 'test', prefix: 'test' }
  const asking = new Asking(settings as never, clock, openLog({ write: () => {} }))
  onTestFinished(() => asking.close())
  return { broker, clock, asking }
}

const topics = (admin: { listTopics(): Promise<string[]> }): Promise<string[]> => admin.listTopics()

test('a question that takes too long leaves the others their time', async () => {
  const { broker, clock, asking } = await openWorld()
  const short = asking.ask('short', topics, 1_000).catch(String)
  const long = asking.ask('long', topics).catch(String)
  await expect.poll(() => broker.held.length).toBeGreaterThan(0)
  await clock.runFor(5_000)
  expect(await short).toContain('no answer within 1 s')
  const answers = setInterval(() => {
    for (const answer of broker.held.splice(0)) answer()
  }, 1)
  onTestFinished(() => clearInterval(answers))
  expect(await long).toEqual([])
})

test('whoever insists is told when it is closed, and no connection is left', async () => {
  const { broker, clock, asking } = await openWorld()
  const insisting = asking.insist('places', topics, 60_000).catch(error => error.code)
  await expect.poll(() => broker.held.length).toBeGreaterThan(0)
  const closed = asking.close()
  await clock.runFor(5_000)
  await closed
  await clock.runFor(5_000)
  expect(await insisting).toBe('bus_unavailable')
  await expect.poll(() => broker.sockets.size).toBe(0)
  await expect(asking.ask('more', topics)).rejects.toMatchObject({ code: 'stopping' })
})
