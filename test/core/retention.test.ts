// When what is old is forgotten: portions with pauses, then a long rest; a refusal is told and tried again.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import { openRetention } from '#core/retention.ts'

const beginMs = Date.UTC(2026, 10, 21, 9)
const hourMs = 3_600_000
const keptMs = 400 * 24 * hourMs

function world(answer: (nth: number) => boolean | Failure | Error) {
  const clock = new SimulatedClock(beginMs)
  const lines: string[] = []
  const asked: number[][] = []
  const retention = openRetention({
    async forget(beforeMs) {
      asked.push([clock.nowMs() - beginMs, clock.nowMs() - beforeMs])
      const answered = answer(asked.length)
      if (answered instanceof Error) throw answered
      return answered
    },
    keptMs,
    eachMs: hourMs,
    room: 'state',
    clock,
    log: openLog({ clock, write: line => void lines.push(line) }),
  })
  return { clock, lines, asked, retention }
}

test('not at once, portion after portion with pauses, then once in a while', async () => {
  const { clock, asked, retention } = world(nth => nth < 3)
  await clock.runFor(59_999)
  expect(asked).toEqual([])
  await clock.runFor(hourMs + 1_000)
  expect(asked).toEqual([
    [60_000, keptMs],
    [60_200, keptMs],
    [60_400, keptMs],
    [60_400 + hourMs, keptMs],
  ])
  await retention.close()
  await clock.runFor(10 * hourMs)
  expect(asked).toHaveLength(4)
})

test('a state that refuses is told in the log, and asked again next time', async () => {
  const { clock, lines, asked, retention } = world(nth =>
    nth === 1 ? new Failure('state_unavailable', 'x') : false,
  )
  await clock.runFor(60_000)
  expect(lines.join()).toContain('cannot forget what is old')
  await clock.runFor(hourMs)
  expect(asked).toHaveLength(2)
  await retention.close()
})

test('who closes waits for the portion that is under way', async () => {
  const done = Promise.withResolvers<boolean>()
  const clock = new SimulatedClock(beginMs)
  const log = openLog({ clock, write: () => {} })
  const retention = openRetention({
    forget: () => done.promise,
    keptMs,
    eachMs: hourMs,
    room: 'state',
    clock,
    log,
  })
  await clock.runFor(60_000)
  let isClosed = false
  const closing = retention.close().then(() => {
    isClosed = true
  })
  await clock.runFor(0)
  expect(isClosed).toBe(false)
  done.resolve(true)
  await closing
  await clock.runFor(hourMs)
  expect(isClosed).toBe(true)
})
