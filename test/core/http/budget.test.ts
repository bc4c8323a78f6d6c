// Memory for bodies is never promised twice, and a busy process knows that it is.
import { connect } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openBudget } from '#core/http/budget.ts'
import { openLoopDelay } from '#core/http/loop-delay.ts'
import { type Route, route } from '#core/http/route.ts'
import { runs } from '../../runs.ts'
import { ask, bearer, openStand, type Stand } from './ask.ts'

test('what is taken is never more than the bound, but for one that is alone', () => {
  const steps = fc.array(fc.oneof(fc.record({ take: fc.nat(150) }), fc.record({ back: fc.nat(20) })))
  fc.assert(
    fc.property(steps, all => {
      let shed = 0
      const budget = openBudget(100, () => shed++)
      const held: { bytes: number; release: () => void }[] = []
      for (const step of all) {
        const sum = held.reduce((total, each) => total + each.bytes, 0)
        expect(budget.bytes).toBe(sum)
        if ('back' in step) {
          const [one] = held.splice(step.back % (held.length || 1), 1)
          one?.release()
          // Giving back twice gives back once.
          one?.release()
          continue
        }
        const before = shed
        try {
          held.push({ bytes: step.take, release: budget.take(step.take) })
          expect(sum === 0 || sum + step.take <= 100).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'overloaded' })
          expect(sum > 0 && sum + step.take > 100).toBe(true)
          expect(shed).toBe(before + 1)
        }
      }
    }),
  )
})

test('a process that was held up knows for how long', async () => {
  const holdUp = async (forMs: number) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs)
    for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
  }
  using loop = openLoopDelay()
  expect(loop.maxMs()).toBe(0)
  await holdUp(60)
  await holdUp(300)
  expect(loop.maxMs()).toBeGreaterThan(200)
  expect(loop.maxMs()).toBeLessThan(30_000)
})

const takenBy = ({ own }: Stand): number | undefined =>
  own.samples(0).find(each => each.series.name === 'plimsoll_http_in_flight_bytes')?.value

test('bodies of strangers leave the room of others alone', async () => {
  const take = (path: string, scope: Route['scope']): Route =>
    route({ method: 'POST', path, scope, summary: path, body: 'bytes', handle: () => ({ body: 'taken' }) })
  const limits = { inFlightMaxBytes: 1_000, strangersMaxBytes: 1_000 }
  await using stand = await openStand([take('/open', 'open'), take('/write', 'write')], { limits })
  // It never sends the last byte.
  const stranger = connect(stand.http.port, '127.0.0.1')
  stranger.write(`POST /open HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1001\r\n\r\n${'x'.repeat(1_000)}`)
  await expect.poll(() => takenBy(stand)).toBe(1_000)

  const open = await ask(stand.http, '/open', { body: 'x' })
  const write = await ask(stand.http, '/write', { body: 'x'.repeat(900), headers: bearer('write') })
  expect([open.status, write.status]).toEqual([503, 200])
  stranger.destroy()
})

test('who states a long body and does not send it holds up nobody', async () => {
  const take = route({
    method: 'POST',
    path: '/write',
    scope: 'open',
    summary: 'takes',
    body: 'bytes',
    handle: () => ({ body: 'taken' }),
  })
  await using stand = await openStand([take], { limits: { strangersMaxBytes: 1_000 } })
  const silent = Array.from({ length: 4 }, () => connect(stand.http.port, '127.0.0.1'))
  for (const each of silent)
    each.write('POST /write HTTP/1.1\r\nhost: localhost\r\ncontent-length: 990\r\n\r\nx')
  await expect.poll(() => takenBy(stand)).toBe(4)
  expect((await ask(stand.http, '/write', { body: 'x'.repeat(900) })).status).toBe(200)
  for (const each of silent) each.destroy()
  await expect.poll(() => takenBy(stand)).toBe(0)
})

test('who is alone gets its turn, in however many pieces it comes', () => {
  const budget = openBudget(100)
  const share = budget.open()
  for (const bytes of [60, 60, 60]) share.take(bytes)
  expect(() => budget.open().take(1)).toThrow('180 bytes')
  share.giveBack()
  share.giveBack()
  expect(budget.bytes).toBe(0)
})

test('bodies that grow take the bound and one body together at most', () => {
  const bodyMax = 60
  const who = fc.nat(7)
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ who, take: fc.nat(20) }) },
    fc.record({ who, end: fc.constantFrom('complete', 'giveBack') }),
  )
  const all = fc.array(step, { minLength: 50, maxLength: 200 })
  fc.assert(
    fc.property(all, steps => {
      const budget = openBudget(100)
      const open = () => ({ share: budget.open(), bytes: 0, isComplete: false })
      const bodies = Array.from({ length: 8 }, open)
      for (const step of steps) {
        const one = bodies[step.who]!
        const others = bodies.filter(each => each !== one && !each.isComplete).map(each => each.bytes)
        let isRefused = false
        if ('take' in step) {
          if (one.isComplete) continue
          const bytes = Math.min(step.take, bodyMax - one.bytes)
          const sum = budget.bytes
          const isItsTurn = one.bytes > Math.max(...others, 0) && sum - one.bytes <= 100
          const mustWait = sum > one.bytes && sum + bytes > 100 && !isItsTurn
          const isTie = others.includes(one.bytes)
          try {
            one.share.take(bytes)
            one.bytes += bytes
          } catch {
            isRefused = true
          }
          // Of two that hold the same, one has its turn.
          if (!isTie) expect(isRefused).toBe(mustWait)
        } else if (step.end === 'complete') {
          one.share.complete()
          one.isComplete = true
        }
        if (isRefused || ('end' in step && step.end === 'giveBack')) {
          one.share.giveBack()
          bodies[step.who] = open()
        }
        expect(budget.bytes).toBe(bodies.reduce((total, each) => total + each.bytes, 0))
        expect(budget.bytes).toBeLessThanOrEqual(100 + bodyMax)
      }
    }),
    { numRuns: runs(100) },
  )
})

test('whoever holds most gets its turn, of two the one that came first', () => {
  const budget = openBudget(100)
  const [first, second, small] = [budget.open(), budget.open(), budget.open()]
  for (const share of [first, second]) share.take(40)
  small.take(20)
  expect(() => small.take(1)).toThrow('100 bytes')
  expect(() => second.take(1)).toThrow('100 bytes')
  first.take(41)
  // It waits for its answer, and the next one has its turn when that is made.
  first.complete()
  expect(() => second.take(1)).toThrow('141 bytes')
  first.giveBack()
  second.take(60)
  // Who has not begun loses nothing.
  second.complete()
  small.giveBack()
  expect(() => budget.open().take(1)).toThrow('100 bytes')
})

test('of many large bodies that are sent again and again, one after the other gets done', () => {
  const [bodies, size, steps] = [20, 32, 50_000]
  const budget = openBudget(128)
  const open = () => ({ share: budget.open(), bytes: 0 })
  const all = Array.from({ length: bodies }, open)
  let [done, seed] = [0, 1]
  for (let step = 0; step < steps; step++) {
    seed = (seed * 48_271) % 2_147_483_647
    const one = all[seed % bodies]!
    try {
      one.share.take(1)
      one.bytes++
    } catch {
      one.bytes = Number.POSITIVE_INFINITY
    }
    if (one.bytes < size) continue
    if (one.bytes === size) done++
    one.share.giveBack()
    all[seed % bodies] = open()
  }
  // One at a time: all others bring a piece while it does.
  expect(done).toBeGreaterThan((0.8 * steps) / (bodies * size))
})

test('who is refused for memory unread keeps the connection', async () => {
  const take = route({
    method: 'POST',
    path: '/open',
    scope: 'open',
    summary: 'takes',
    body: 'bytes',
    bodyMaxBytes: 4 * 2 ** 20,
    handle: () => ({}),
  })
  await using stand = await openStand([take], { limits: { strangersMaxBytes: 1_000 } })
  const silent = connect(stand.http.port, '127.0.0.1')
  silent.write('POST /open HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1001\r\n\r\nxx')
  await expect.poll(() => takenBy(stand)).toBe(2)
  const agent = { connection: 'keep-alive' }
  const t = async (length: number, status: number, connection: string) => {
    const reply = await ask(stand.http, '/open', { body: Buffer.alloc(length), headers: agent })
    expect([reply.status, reply.headers.connection], `${length}`).toEqual([status, connection])
  }
  await t(998, 204, 'keep-alive')
  await t(999, 503, 'keep-alive')
  await t(2 ** 20, 503, 'keep-alive')
  await t(2 ** 20 + 1, 503, 'close')
  expect(await stand.own.text()).toContain('plimsoll_http_shed_total{short_of="memory"} 3\n')
  silent.destroy()
})

test('who takes nothing of an answer is cut off', async () => {
  const during: unknown[] = []
  const handle = () => {
    during.push(inFlight())
    return { body: 'x'.repeat(64 * 2 ** 20) }
  }
  const big = route({ method: 'GET', path: '/big', scope: 'open', summary: 'big', handle })
  await using stand = await openStand([big], { limits: { answerTimeoutMs: 50 } })
  const reader = connect(stand.http.port, '127.0.0.1')
  reader.write('GET /big HTTP/1.1\r\nhost: localhost\r\n\r\n')
  reader.pause()
  const inFlight = () =>
    stand.own.samples(0).find(each => each.series.name === 'plimsoll_http_in_flight')?.value
  await expect.poll(() => during).toEqual([1])
  await expect.poll(inFlight).toBe(0)
  reader.destroy()
})
