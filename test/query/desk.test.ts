import { once } from 'node:events'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Failure } from '#core/errors.ts'
import type { Answer } from '#core/http/route.ts'
import { openLog } from '#core/log.ts'
import { Desk } from '../../query/desk.ts'

const { signal: forever } = new AbortController()

function openDesk(concurrent = 1) {
  const clock = new SimulatedClock(0)
  const desk = new Desk({ concurrent, timeMs: 60_000, clock })
  const begun: string[] = []
  // Works until it is told to answer.
  const question = (name: string, signal = forever, timeMs?: number) => {
    const work = Promise.withResolvers<string[]>()
    const answer = desk.serve({ signal, timeMs }, async end => {
      begun.push(name)
      end.addEventListener('abort', () => work.reject(end.reason))
      return work.promise
    })
    answer.catch(() => {})
    return { answer, done: (...pieces: string[]) => work.resolve(pieces) }
  }
  return { clock, desk, begun, question }
}

test('a question that ends without an answer is in the log, with whoever asked it', async () => {
  const lines: object[] = []
  const clock = new SimulatedClock(0)
  using log = openLog({ clock, write: line => void lines.push(JSON.parse(line)) })
  const desk = new Desk({ concurrent: 1, timeMs: 1_000, clock, log })
  const gone = new AbortController()
  const ask = (question: string, signal = forever, timeMs?: number) =>
    desk.serve({ signal, timeMs, question, who: 'grafana' }, end => {
      const { promise, reject } = Promise.withResolvers<string[]>()
      end.addEventListener('abort', () => reject(end.reason))
      return promise
    })
  const late = expect(ask(`sum(${'x'.repeat(1_000)})`)).rejects.toMatchObject({ code: 'query_timeout' })
  await settled()
  await clock.runUntil(1_000)
  await late
  const slow = new AbortController()
  const first = expect(ask('slow', slow.signal)).rejects.toMatchObject({ code: 'query_canceled' })
  const behind = expect(ask('cheap', forever, 500)).rejects.toMatchObject({ code: 'query_timeout' })
  await settled()
  await clock.runUntil(1_500)
  await behind
  slow.abort()
  await first
  const left = expect(ask('up', gone.signal)).rejects.toMatchObject({ code: 'query_canceled' })
  await settled()
  gone.abort()
  await left
  const of = { level: 'warn', room: 'query', code: 'query_timeout', who: 'grafana' }
  const [one, other] = ['a question ended without an answer', 'a question waited in vain']
  expect(lines).toEqual([
    expect.objectContaining({ ...of, msg: one, question: `sum(${'x'.repeat(496)}` }),
    expect.objectContaining({ ...of, msg: other, question: 'cheap' }),
  ])
})

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('so many at once, the others in order', async () => {
  const { desk, begun, question } = openDesk(2)
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => question(name))
  await settled()
  expect([begun, desk.busy, desk.waiting]).toEqual([['a', 'b'], 2, 2])
  b!.done('2')
  expect(await b!.answer).toMatchObject({ body: '2' })
  await settled()
  expect(begun).toEqual(['a', 'b', 'c'])
  a!.done('1')
  c!.done('3')
  d!.done('4')
  expect((await Promise.all([a!.answer, c!.answer, d!.answer])).map(({ body }) => body)).toEqual([
    '1',
    '3',
    '4',
  ])
  expect([begun, desk.busy, desk.waiting]).toEqual([['a', 'b', 'c', 'd'], 0, 0])
})

test('whoever takes too long ends, and so does whoever waits too long', async () => {
  const { clock, desk, begun, question } = openDesk()
  const slow = question('slow')
  const waiting = question('waiting', forever, 5_000)
  await settled()
  await clock.runUntil(5_000)
  await expect(waiting.answer).rejects.toMatchObject({
    code: 'query_timeout',
    detail: 'in query queue: not answered within 5 s, with 0 ahead of it in line',
  })
  await clock.runUntil(59_999)
  expect(desk.busy).toBe(1)
  await clock.runUntil(60_000)
  await expect(slow.answer).rejects.toMatchObject({
    code: 'query_timeout',
    detail: 'in expression evaluation: not answered within 60 s',
  })
  expect([begun, desk.busy, desk.waiting]).toEqual([['slow'], 0, 0])
})

test('a caller may be less patient than the limit, not more', async () => {
  const { clock, question } = openDesk(2)
  const [hasty, calm] = [question('hasty', forever, 1_000), question('calm', forever, 3_600_000)]
  await clock.runUntil(60_000)
  const said = await Promise.allSettled([hasty.answer, calm.answer])
  expect(said.map(each => ((each as PromiseRejectedResult).reason as Failure).detail.slice(-4))).toEqual([
    ' 1 s',
    '60 s',
  ])
})

test('whoever has no time is told so at once, and nothing is begun', async () => {
  const { desk, begun, question } = openDesk()
  for (let at = 0; at < 20; at++) {
    const { answer, done } = question('hasty', forever, 0)
    done('1')
    await expect(answer).rejects.toMatchObject({ code: 'query_timeout' })
  }
  expect([begun, desk.busy, desk.waiting]).toEqual([[], 0, 0])
})

test('the wait is part of the time', async () => {
  const { clock, begun, question } = openDesk()
  const first = question('first')
  const second = question('second')
  await clock.runUntil(40_000)
  first.done('1')
  await first.answer
  await clock.runUntil(59_999)
  expect(begun).toEqual(['first', 'second'])
  await clock.runUntil(60_000)
  await expect(second.answer).rejects.toMatchObject({ code: 'query_timeout' })
})

test('whoever goes away ends the work, or leaves the queue', async () => {
  const { desk, begun, question } = openDesk()
  const [working, waiting] = [new AbortController(), new AbortController()]
  const a = question('a', working.signal)
  const b = question('b', waiting.signal)
  const c = question('c')
  await settled()
  waiting.abort()
  await expect(b.answer).rejects.toMatchObject({ code: 'query_canceled' })
  working.abort()
  await expect(a.answer).rejects.toMatchObject({ code: 'query_canceled' })
  await settled()
  expect(begun).toEqual(['a', 'c'])
  c.done('3')
  expect(await c.answer).toMatchObject({ body: '3' })
  expect([desk.busy, desk.waiting]).toEqual([0, 0])
})

test('when too many wait, more are told to come again', async () => {
  const { desk, question } = openDesk()
  const all = Array.from({ length: 1_001 }, (_, at) => question(String(at)))
  await settled()
  expect(desk.waiting).toBe(1_000)
  await expect(question('more').answer).rejects.toMatchObject({ code: 'overloaded' })
  for (const each of all) {
    each.done('')
    await each.answer
  }
  expect([desk.busy, desk.waiting]).toEqual([0, 0])
})

const large = 'x'.repeat(70_000)
const streamed = async (answer: Promise<Answer>): Promise<Readable> => {
  const { body } = await answer
  expect(body).toBeInstanceOf(Readable)
  return body as Readable
}

test('a large answer keeps its turn until it has been taken', async () => {
  const { desk, question } = openDesk()
  const a = question('a')
  const b = question('b')
  a.done(large, large, 'end')
  const stream = await streamed(a.answer)
  await settled()
  expect([desk.busy, desk.waiting]).toEqual([1, 1])
  const taken = await stream.toArray()
  expect(Buffer.concat(taken as Buffer[]).toString()).toBe(`${large}${large}end`)
  b.done('b')
  expect(await b.answer).toMatchObject({ body: 'b' })
  expect(desk.busy).toBe(0)
})

test('a large answer that nobody takes any more gives its turn back', async () => {
  const { desk, question } = openDesk()
  const caller = new AbortController()
  const a = question('a', caller.signal)
  a.done(large, large)
  const stream = await streamed(a.answer)
  const closed = once(stream, 'close')
  caller.abort()
  await closed
  expect(desk.busy).toBe(0)
})

test('whoever takes nothing of a large answer loses its turn once others wait', async () => {
  const { clock, desk, question } = openDesk()
  const a = question('a')
  a.done(large, large, large)
  const stream = await streamed(a.answer)
  await clock.runUntil(60_000)
  expect(stream.destroyed).toBe(false)
  const b = question('b')
  await clock.runUntil(69_999)
  expect([stream.destroyed, desk.waiting]).toEqual([false, 1])
  await clock.runUntil(70_000)
  expect([stream.destroyed, desk.waiting]).toEqual([true, 0])
  b.done('b')
  expect(await b.answer).toMatchObject({ body: 'b' })
  expect(desk.busy).toBe(0)
})

test('a packed answer that has given its turn back waits for its caller, though others wait', async () => {
  const { clock, desk, question } = openDesk()
  const pieces = Promise.resolve([large, large, large])
  const a = desk.serve({ signal: forever, encodings: 'gzip' }, () => pieces)
  const stream = await streamed(a)
  await vi.waitFor(() => expect(desk.busy).toBe(0))
  const [b, c] = [question('b'), question('c')]
  await settled()
  expect(desk.waiting).toBe(1)
  await clock.runUntil(50_000)
  expect(stream.destroyed).toBe(false)
  const taken = (await stream.toArray()) as Buffer[]
  expect(gunzipSync(Buffer.concat(taken)).length).toBe(3 * large.length)
  b.done('b')
  c.done('c')
  expect(await c.answer).toMatchObject({ body: 'c' })
})

test('whoever takes a large answer slowly gets all of it, though others wait', async () => {
  const { clock, question } = openDesk()
  const a = question('a')
  a.done(large, large, large, large)
  const stream = await streamed(a.answer)
  const b = question('b')
  const taken: Buffer[] = []
  for await (const piece of stream) {
    taken.push(piece)
    await clock.runFor(9_000)
  }
  expect(Buffer.concat(taken).length).toBe(4 * large.length)
  b.done('b')
  expect(await b.answer).toMatchObject({ body: 'b' })
})

test('a fault while it is written ends the answer and gives the turn back', async () => {
  const { desk } = openDesk()
  const pieces = function* () {
    yield large
    throw new Error('a bug')
  }
  const stream = await streamed(desk.serve({ signal: forever }, async () => pieces()))
  await expect(stream.toArray()).rejects.toThrow('a bug')
  expect(desk.busy).toBe(0)
})
