// The door: what a forecast holds, dates, events, bands, many lines in threads; and what happens on bad days.
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { openForecaster } from '../../../capacity/forecast/forecaster.ts'
import type { Forecast, ForecastAsked } from '../../../capacity/forecast.ts'
import { methodNames } from '../../../capacity/pool.ts'
import { askedOf, gaussOf, madeLine, randomOf, shapes, week } from './made-lines.ts'

const forecaster = openForecaster({ workers: 1 })
const forecast = async (asked: ForecastAsked): Promise<Forecast> => (await forecaster.forecast([asked]))[0]!
const straight = (days = 60, slope = 1) => Array.from({ length: days }, (_, day) => 100 + slope * day)

test('a line without noise meets its limit on the day that a ruler says', async () => {
  const { firstDay, likely, low, high, meets, fit, chosen, errors } = await forecast(
    askedOf(straight(), { limit: 200 }),
  )
  expect(firstDay).toBe(20_060)
  expect(likely[0]).toBeCloseTo(160)
  expect(likely[29]).toBeCloseTo(189)
  expect(fit).toMatchObject({ slopePerDay: expect.closeTo(1), level: expect.closeTo(159), weekly: null })
  // 160 on the first day, 200 forty days later.
  expect(meets.likelyDay).toBe(20_100)
  expect(meets.earlyDay).toBeLessThanOrEqual(20_100)
  expect(meets.lateDay).toBeGreaterThanOrEqual(20_100)
  expect([...likely].every((each, at) => low[at]! <= each && each <= high[at]!)).toBe(true)
  expect(chosen).toMatchObject({ by: 'configured', among: [{ method: 'linear' }] })
  expect(errors).toMatchObject({
    count: 90,
    horizonDays: 30,
    bias: expect.closeTo(0),
    smape: expect.closeTo(0),
  })
})

test('dates: already above, never, no limit, beyond four hundred days', async () => {
  const t = async (limit: number, slope: number, wanted: object) =>
    expect(
      (await forecast(askedOf(straight(60, slope), { limit }))).meets,
      `${limit} ${slope}`,
    ).toMatchObject(wanted)

  await t(50, 1, { earlyDay: 20_060, likelyDay: 20_060, lateDay: 20_060 })
  await t(-5, 1, { earlyDay: 20_060, likelyDay: 20_060, lateDay: 20_060 })
  await t(1e6, 1, { earlyDay: null, likelyDay: null, lateDay: null })
  await t(Number.NaN, 1, { earlyDay: null, likelyDay: null, lateDay: null })
  await t(159 + 400, 1, { likelyDay: 20_459 })
  await t(159 + 401, 1, { likelyDay: null })
  await t(200, -1, { likelyDay: null, lateDay: null })
})

test('past events are divided out, coming ones multiplied in', async () => {
  const values = straight()
  for (const day of [30, 31]) values[day]! *= 3
  const factors = new Map([
    [20_030, 3],
    [20_031, 3],
    [20_062, 2],
  ])
  const { likely, high, findings } = await forecast(askedOf(values, { factors }))
  expect(likely[1]).toBeCloseTo(161)
  expect(likely[2]).toBeCloseTo(324)
  expect(high[2]! / high[1]!).toBeGreaterThan(1.9)
  expect(findings).toMatchObject([{ kind: 'event_inside', fromDay: 20_030, toDay: 20_031, size: 2 }])
})

test('demand that never was negative is not forecast to be', async () => {
  const falling = Array.from({ length: 60 }, (_, day) => Math.max(0, 100 - 2 * day) + (day % 3))
  const { likely, low } = await forecast(askedOf(falling))
  expect(Math.min(...likely, ...low)).toBe(0)
  const negative = await forecast(askedOf(falling.map(each => each - 50)))
  expect(Math.min(...negative.low)).toBeLessThan(-50)
})

test('bands grow with the days ahead, of what drifts by more than of noise, and with how wrong the line was', async () => {
  const random = randomOf(3)
  const noise = Array.from({ length: 60 }, () => gaussOf(random))
  const [calm, wild] = await forecaster.forecast(
    [1, 10].map(by => askedOf(noise.map(each => 100 + by * each))),
  )
  const width = ({ high, low }: Forecast, at: number): number => high[at]! - low[at]!
  const grown = (found: Forecast): number => width(found, 29) / width(found, 0)
  expect(grown(calm!)).toBeGreaterThan(1.2)
  expect(grown(calm!)).toBeLessThan(1.6)
  let walked = 100
  expect(grown(await forecast(askedOf(noise.map(each => (walked += each)))))).toBeGreaterThan(2)
  expect(width(wild!, 9) / width(calm!, 9)).toBeCloseTo(10, 3)
})

test('nothing, five days, a constant, what is no number: each has an answer', async () => {
  const [none, five, constant, odd] = await forecaster.forecast([
    askedOf([Number.NaN, Number.NaN], { limit: 5 }),
    askedOf([1, 2, 3, 4, 5], { method: 'auto' }),
    askedOf(new Array(60).fill(3), { method: 'auto', limit: 3 }),
    askedOf([Number.POSITIVE_INFINITY, ...straight(), Number.NEGATIVE_INFINITY]),
  ])
  expect(none!.likely[0]).toBeNaN()
  expect(none!.meets.likelyDay).toBeNull()
  expect(none!.findings.map(({ kind }) => kind)).toContain('too_short')
  // Five days have no direction.
  expect(five).toMatchObject({ method: 'naive', chosen: { by: 'too little data' } })
  expect([...five!.likely].every(each => each === 5)).toBe(true)
  expect(constant!.likely[29]).toBeCloseTo(3)
  expect(constant!.errors.mase).toBeNaN()
  expect(odd!.likely[0]).toBeCloseTo(161)
})

test('three days have a band, by which two months later is anybody’s guess', async () => {
  const { low, high } = await forecast(askedOf([100, 104, 101], { horizonDays: 66 }))
  expect(high[0]! - low[0]!).toBeGreaterThan(4)
  expect(high[65]! - low[65]!).toBeGreaterThan(100)
  // Eight of which the last is the first, and two with a gap between.
  for (const line of [
    [100, 104, 101, 97, 103, 98, 102, 100],
    [100, Number.NaN, 104],
  ]) {
    const found = await forecast(askedOf(line))
    expect(found.high[0]! - found.low[0]!).toBeGreaterThan(4)
  }
})

test('a method that has too little data says so, and shows the line; the week of a fit begins on Sunday', async () => {
  const t = [
    ['mstl', 15, 'linear', 'too little data'],
    ['combined', 10, 'linear', 'too little data'],
    ['combined', 30, 'combined', 'configured'],
    ['seasonal_linear', 21, 'seasonal_linear', 'configured'],
  ] as const
  // 2024-10-04, day 20 000, is a Friday.
  const weekly = Array.from({ length: 60 }, (_, day) => 100 + week[day % 7]!)
  const found = await forecaster.forecast([
    ...t.map(([method, days]) => askedOf(straight(days), { method })),
    askedOf(weekly, { method: 'seasonal_linear' }),
  ])
  const sundayFirst = [2, 3, 4, 5, 6, 0, 1].map(day => week[day]!)
  expect(found.at(-1)!.fit.weekly!.map(each => Math.round(each))).toEqual(sundayFirst)
  for (const [at, [asked, days, method, by]] of t.entries()) {
    expect(found[at], `${asked} ${days}`).toMatchObject({ method, chosen: { by } })
  }
})

test('auto: many lines in threads, in order, with progress, and what each method would have been wrong by', async () => {
  const asked = Array.from({ length: 10 }, (_, line) =>
    askedOf(
      madeLine(shapes[line % shapes.length]!, line, 28).map(each => each + 10_000 * line),
      { method: line % 5 === 0 ? 'linear' : 'auto', horizonDays: 14 },
    ),
  )
  const seen: number[] = []
  const found = await openForecaster({ workers: 2 }).forecast(asked, {
    onProgress: (done, of) => seen.push(done / of),
  })
  for (const [line, { likely, chosen, method }] of found.entries()) {
    expect(Math.round(likely[0]! / 10_000)).toBe(line)
    expect(chosen.by).toBe(line % 5 === 0 ? 'configured' : 'back-test')
    if (line % 5 === 0) expect(method).toBe('linear')
    else {
      expect(chosen.among[0]).toMatchObject({ method, errors: { coverage: expect.any(Number) } })
      expect(chosen.among.map(each => each.method).sort()).toEqual([...methodNames].sort())
    }
  }
  expect(seen[0]).toBe(0.2)
  expect(seen.at(-1)).toBe(1)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
})

test('stops when told to, and serves the next who asks', async () => {
  const asked = Array.from({ length: 200 }, (_, line) =>
    askedOf(madeLine('growth', line, 60), { method: 'mstl' }),
  )
  const stopping = new AbortController()
  const waiting = forecaster.forecast(asked, { signal: stopping.signal })
  stopping.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect(await forecast(askedOf(straight(), { method: 'damped' }))).toMatchObject({ method: 'damped' })
  const closing = openForecaster()
  const left = closing.forecast(asked)
  await Promise.all([closing.close(), expect(left).rejects.toThrow('closed')])
})

test('an event that leaves nothing makes gaps, also on the first days of the window', async () => {
  const factors = new Map(Array.from({ length: 20 }, (_, at) => [20_000 + at, 0]))
  for (const method of methodNames) {
    const { likely, low, high } = await forecast({ ...askedOf(straight(), { limit: 200 }), method, factors })
    expect([likely[0], low[0], high[0]].every(Number.isFinite), method).toBe(true)
  }
  const { likely, fit } = await forecast({ ...askedOf(straight(), { limit: 200 }), factors })
  expect(likely[0]).toBeCloseTo(160)
  expect(fit.slopePerDay).toBeCloseTo(1)
})

test('a thread that ends by itself is a failure, and the next who asks is served', async () => {
  const t = async (ends: (thread: Worker) => void, said: string) => {
    process.once('worker', ends)
    await expect(forecast(askedOf(straight(), { method: 'damped' }))).rejects.toMatchObject({
      code: 'forecast_failed',
      detail: expect.stringContaining(`a thread of the forecasts ended: ${said}`),
    })
  }
  await t(thread => void thread.terminate(), 'its code was ')
  await t(thread => void thread.emit('error', new Error('out of memory')), 'out of memory')
  expect(await forecast(askedOf(straight(), { method: 'damped' }))).toMatchObject({ method: 'damped' })
})
