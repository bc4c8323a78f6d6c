// When is a way not worth trying, and when again?
import { expect, test } from 'vitest'
import { backoffMs } from '../../../alerter/delivery/backoff.ts'
import { type Failure, openBreaker } from '../../../alerter/delivery/breaker.ts'

const down: Failure = { reason: 'down', sinceMs: 0, afterMs: undefined }

test('five failures in a row open it, and one success between them does not', () => {
  const breaker = openBreaker()
  for (let nth = 0; nth < 4; nth++) breaker.failed(0, down)
  breaker.worked(0)
  for (let nth = 0; nth < 4; nth++) breaker.failed(0, down)
  expect(breaker.waitMs(0)).toBe(0)
  breaker.failed(0, down)
  expect(breaker.waitMs(0)).toBe(5_000)
  expect(breaker.state()).toEqual({ kind: 'open', because: 'failures', reason: 'down' })
})

test('one probe at a time, twice as long apart up to a minute, until one gets through', () => {
  const breaker = openBreaker()
  for (let nth = 0; nth < 5; nth++) breaker.failed(0, down)
  let nowMs = 0
  const waits: number[] = []
  for (let nth = 0; nth < 9; nth++) {
    waits.push(breaker.waitMs(nowMs) / 1_000)
    nowMs += breaker.waitMs(nowMs)
    expect(breaker.waitMs(nowMs)).toBe(0)
    breaker.begin()
    expect(breaker.waitMs(nowMs)).toBe(Number.POSITIVE_INFINITY)
    breaker.failed(nowMs, down)
  }
  expect(waits).toEqual([5, 10, 20, 40, 60, 60, 60, 60, 60])
  nowMs += breaker.waitMs(nowMs)
  breaker.begin()
  breaker.worked(0)
  expect(breaker.waitMs(nowMs)).toBe(0)
  expect(breaker.state().kind).toBe('closed')
})

test('a probe that asked nobody is given back: the next one is the probe', () => {
  const breaker = openBreaker()
  for (let nth = 0; nth < 5; nth++) breaker.failed(0, down)
  breaker.begin()
  breaker.giveBack()
  expect(breaker.state().kind).toBe('open')
  expect([breaker.waitMs(4_999), breaker.waitMs(5_000)]).toEqual([1, 0])
  breaker.begin()
  breaker.worked(0)
  breaker.giveBack()
  expect(breaker.state().kind).toBe('closed')
})

test('what fails while others get through opens nothing; what is new does, and a probe that fails shuts it again', () => {
  const breaker = openBreaker()
  breaker.worked(1_000)
  for (let nth = 0; nth < 9; nth++) breaker.failed(2_000, down)
  expect(breaker.waitMs(2_000)).toBe(0)
  for (let nth = 0; nth < 5; nth++) breaker.failed(2_000, { ...down, sinceMs: 2_000 })
  expect(breaker.waitMs(2_000)).toBe(5_000)
  breaker.begin()
  breaker.failed(7_000, down)
  expect(breaker.waitMs(7_000)).toBe(10_000)
})

test('that others got through long ago proves nothing', () => {
  const breaker = openBreaker()
  breaker.worked(1_000)
  for (let nth = 0; nth < 9; nth++) breaker.failed(300_999, down)
  expect(breaker.waitMs(300_999)).toBe(0)
  for (let nth = 0; nth < 5; nth++) breaker.failed(301_000, down)
  expect(breaker.waitMs(301_000)).toBe(5_000)
})

test('who says when it is back is left alone until then, at once', () => {
  const breaker = openBreaker()
  breaker.failed(0, { ...down, afterMs: 120_000 })
  expect(breaker.state()).toEqual({ kind: 'open', because: 'failures', reason: 'down' })
  // Those that were on their way.
  breaker.failed(1_000, { ...down, afterMs: 60_000 })
  expect(breaker.waitMs(1_000)).toBe(119_000)
  breaker.begin()
  breaker.failed(120_000, { ...down, afterMs: 1_000 })
  expect(breaker.waitMs(120_000)).toBe(5_000)
})

test('settings that are refused open it at once, and those on their way do not keep it open longer', () => {
  const breaker = openBreaker()
  breaker.refused(0, 'no token')
  breaker.refused(1_000, 'no token')
  expect(breaker.waitMs(1_000)).toBe(59_000)
  expect(breaker.state()).toMatchObject({ because: 'settings', reason: 'no token' })
  breaker.failed(2_000, down)
  expect(breaker.state().because).toBe('settings')
  breaker.begin()
  breaker.refused(60_000, 'no token')
  expect(breaker.waitMs(60_000)).toBe(120_000)
})

test('tries are a second to a minute apart, never all at once', () => {
  expect([0, 1, 2, 3, 5, 6, 1_000].map(tries => backoffMs(tries, () => 0) / 1_000)).toEqual([
    1, 2, 4, 8, 32, 60, 60,
  ])
  expect(backoffMs(1, () => 0.999)).toBe(2_999)
})
