import { afterAll, beforeAll, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import type { Source } from '#promql/source.ts'
import { adviceWorld, minute, type Opened, openState, poolOf, startMs } from './advice/world.ts'

let opened: Opened
beforeAll(async () => {
  opened = await openState()
})
afterAll(() => opened.dispose())

test('advice goes out as samples and as one notice, and stands until it is followed', async () => {
  const w = await adviceWorld(opened.state)
  const runner = await w.start()
  for (let at = 0; at < 5; at++) {
    w.load(200, 4)
    await w.minute(runner)
  }
  expect(w.shown()).toEqual({
    'capacity_advice_processes web': 5,
    'capacity_advice_busy_share web': 200 / 240,
    'capacity_advice_waiting_seconds web': 120,
    'capacity_advice_unplaced web': 0,
  })
  expect(w.samples()[0]).toMatchObject({
    series: { labels: { owner: 'payments', pool: 'web' } },
    tMs: startMs + 4 * minute,
  })
  expect(w.notices).toHaveLength(1)
  const [notice] = w.notices
  const givenMs = startMs + 2 * minute
  expect(notice).toMatchObject({
    id: `capacity/advice/web/${givenMs}-4-5`,
    receiver: 'orchestrator',
    title: 'web: 5 processes instead of 4',
    text: '200 s of handling in the last minute; 4 processes should not have more than 144 s. Advice: 5 processes instead of 4.',
    data: {
      key: `capacity/advice/web/${givenMs}-4-5`,
      pool: 'web',
      way: 'grow',
      from: 4,
      to: 5,
      busySeconds: 200,
    },
  })

  w.load(170, 5)
  await w.minute(runner)
  expect(w.shown()).toMatchObject({
    'capacity_advice_processes web': 5,
    'capacity_advice_waiting_seconds web': 0,
  })
  expect(w.notices).toHaveLength(1)
})

test('a restart in the middle of hysteresis neither forgets nor repeats', async () => {
  const w = await adviceWorld(opened.state)
  w.load(200, 4)
  await w.minute(await w.start())
  w.load(200, 4)
  await w.minute(await w.start())
  expect(w.notices).toHaveLength(0)
  w.load(200, 4)
  await w.minute(await w.start())
  expect(w.notices).toHaveLength(1)
  w.load(200, 4)
  await w.minute(await w.start())
  expect(w.notices).toHaveLength(1)
  expect(w.shown()).toMatchObject({ 'capacity_advice_processes web': 5 })
})

test('a restart that took long begins to lean anew', async () => {
  const w = await adviceWorld(opened.state)
  const runner = await w.start()
  w.load(200, 4)
  await w.minute(runner)
  w.load(200, 4)
  await w.minute(runner)
  w.nowMs += 30 * minute
  const again = await w.start()
  w.load(200, 4)
  await w.minute(again)
  expect(w.notices).toHaveLength(0)
})

test('advice that could not be told is told later under the same id, also by a successor', async () => {
  const w = await adviceWorld(opened.state)
  const runner = await w.start()
  w.isBusDown = true
  for (let at = 0; at < 4; at++) {
    w.load(200, 4)
    await w.minute(runner)
  }
  expect(w.notices).toEqual([])
  expect(w.lines.join()).toContain('cannot tell advice')
  w.isBusDown = false
  const successor = await w.start()
  w.load(200, 4)
  await w.minute(successor)
  expect(w.notices.map(each => each.id)).toEqual([`capacity/advice/web/${startMs + 2 * minute}-4-5`])
})

test('who was killed after telling and before writing that down says it again, as the same', async () => {
  const w = await adviceWorld(opened.state)
  for (let at = 0; at < 2; at++) {
    w.load(200, 4)
    await w.minute(await w.start())
  }
  let writes = 0
  const runner = await w.start({
    state: {
      db: w.state.db,
      write: async statements => {
        if (++writes === 2) throw new Failure('state_unavailable', 'killed')
        return w.state.write(statements)
      },
    },
  })
  w.load(200, 4)
  await w.minute(runner)
  w.load(200, 4)
  await w.minute(await w.start())
  expect(w.notices.map(each => each.id)).toEqual(
    Array(2).fill(`capacity/advice/web/${startMs + 2 * minute}-4-5`),
  )
})

test('nothing is told that is not saved, and the rest goes on', async () => {
  const w = await adviceWorld(opened.state)
  let isDown = true
  const runner = await w.start({
    state: {
      db: w.state.db,
      write: async statements => {
        if (isDown) throw new Failure('state_unavailable', 'no disk')
        return w.state.write(statements)
      },
    },
  })
  for (let at = 0; at < 4; at++) {
    w.load(200, 4)
    await w.minute(runner)
  }
  expect(w.notices).toEqual([])
  expect(w.shown()).toMatchObject({ 'capacity_advice_processes web': 5 })
  isDown = false
  w.load(200, 4)
  await w.minute(runner)
  expect(w.notices).toHaveLength(1)
})

test('who has lost the turn says nothing and ends', async () => {
  const w = await adviceWorld(opened.state)
  const lost = async (): Promise<never> => {
    throw new Failure('lease_lost', 'somebody else has it')
  }
  const runner = await w.start({ lease: { write: lost, isHeld: () => false } })
  w.load(200, 4)
  await expect(runner.tick(w.nowMs)).rejects.toThrow('lease_lost')

  const asleep = await w.start({ lease: { write: each => w.state.write(each), isHeld: () => false } })
  for (let at = 0; at < 4; at++) {
    w.load(200, 4)
    await w.minute(asleep)
  }
  expect(w.notices).toEqual([])
})

test('one pool never stops others: wrong questions, many answers, faults of ours', async () => {
  const wrong = poolOf('wrong', { busy: 'sum(' })
  const many = poolOf('many', { busy: 'busy' })
  const text = poolOf('text', { processes: '"four"' })
  const absent = poolOf('absent')
  const broken = poolOf('broken', { busy: 'sum(broken)' })
  const plain = { ...poolOf('plain'), advice: undefined }
  const w = await adviceWorld(opened.state, [broken, wrong, many, text, absent, plain, poolOf()])
  const source: Source = {
    select(matchers, range) {
      if (matchers.some(each => each.value === 'broken')) throw new RangeError('a bug')
      return w.source.select(matchers, range)
    },
  }
  const runner = await w.start({ source })
  w.set('busy', { pool: 'other' }, 1)
  w.load(100, 4)
  w.load(100, 4, 'text')
  w.load(100, 4, 'many')
  await w.minute(runner)
  expect(Object.keys(w.shown()).filter(each => each.startsWith('capacity_advice_processes'))).toEqual([
    'capacity_advice_processes web',
  ])
  const text_ = await w.own.text()
  expect(text_).toContain('plimsoll_capacity_advice_total{outcome="judged"} 1')
  expect(text_).toContain('plimsoll_capacity_advice_total{outcome="unmeasured"} 4')
  expect(text_).toContain('plimsoll_capacity_advice_total{outcome="failed"} 1')
  expect(w.lines.join()).toContain('a bug')
})

test('questions that hang end within the minute', async () => {
  const w = await adviceWorld(opened.state, [poolOf('slow', { busy: 'sum(slow)' }), poolOf()])
  const source: Source = {
    select: (matchers, range, signal) =>
      matchers.some(each => each.value === 'slow')
        ? new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
        : w.source.select(matchers, range),
  }
  const runner = await w.start({ source })
  w.load(100, 4)
  const done = w.minute(runner)
  await w.clock.runFor(50_000)
  await done
  expect(w.shown()).toMatchObject({ 'capacity_advice_processes web': 4 })
  expect(await w.own.text()).toContain('plimsoll_capacity_advice_total{outcome="unmeasured"} 1')
})

test('a pool whose numbers stop is not advised, and one that left the configuration is forgotten', async () => {
  const w = await adviceWorld(opened.state, [poolOf(), poolOf('old')])
  const runner = await w.start()
  w.load(100, 4)
  w.load(200, 4, 'old')
  await w.minute(runner)
  for (let at = 0; at < 6; at++) {
    w.load(100, 4)
    await w.minute(runner)
  }
  expect(Object.keys(w.shown()).some(each => each.endsWith(' old'))).toBe(false)
  expect(
    await w.state.db.selectFrom('capacity_advice').select('pool').orderBy('pool').execute(),
  ).toHaveLength(2)
  await w.start({ pools: [poolOf()] })
  expect(await w.state.db.selectFrom('capacity_advice').select('pool').execute()).toEqual([{ pool: 'web' }])
})

test('says where: idle machines first, and what fits nowhere', async () => {
  const where = { cores: 'cores', placed: 'sum by (host, proxy) (workers)', proxyLabel: 'proxy', steps: [5] }
  const w = await adviceWorld(opened.state, [poolOf('web', where)])
  const runner = await w.start()
  for (let at = 0; at < 3; at++) {
    w.load(200, 4)
    w.set('cores', { host: 'a' }, 2)
    w.set('cores', { host: 'b' }, 1)
    w.set('workers', { host: 'a', proxy: 'p', name: '1' }, 1)
    w.set('workers', { host: 'a', proxy: 'p', name: '2' }, 1)
    await w.minute(runner)
  }
  expect(w.notices[0]?.data).toMatchObject({
    places: [
      { host: 'a', proxy: 'p', count: 2 },
      { host: 'b', proxy: 'p', count: 2 },
    ],
    left: 1,
  })
  expect(w.notices[0]?.text.split('\n').slice(1)).toEqual([
    '+2 on a behind p',
    '+2 on b behind p',
    '1 fit on no machine: each takes at most min(100, 2 × cores).',
  ])
  expect(w.shown()).toMatchObject({ 'capacity_advice_unplaced web': 1 })

  // Three have been started, and there is a new machine: the rest has a place.
  w.load(200, 7)
  w.set('cores', { host: 'c' }, 4)
  w.set('workers', { host: 'b', proxy: 'p', name: '3' }, 2)
  w.set('workers', { host: 'a', proxy: 'p', name: '4' }, 1)
  await w.minute(runner)
  expect(w.shown()).toMatchObject({ 'capacity_advice_processes web': 9, 'capacity_advice_unplaced web': 0 })
  expect(w.notices).toHaveLength(1)
})

test('advice is given although nobody knows where', async () => {
  const w = await adviceWorld(opened.state, [poolOf('web', { cores: 'cores' })], { language: 'zh' })
  const runner = await w.start()
  for (let at = 0; at < 3; at++) {
    w.load(200, 4)
    await w.minute(runner)
  }
  expect(w.notices[0]).toMatchObject({ title: 'web：进程数 4 → 5' })
  expect(w.notices[0]?.text).toContain('位置未知：cores: nothing is measured。')
})

test('without a receiver nobody is told', async () => {
  const w = await adviceWorld(opened.state, [poolOf('web', { webhook: undefined })])
  const runner = await w.start()
  for (let at = 0; at < 4; at++) {
    w.load(200, 4)
    await w.minute(runner)
  }
  expect(w.notices).toEqual([])
  expect(w.shown()).toMatchObject({ 'capacity_advice_processes web': 5 })
})

test('runs at each whole minute until it is stopped', async () => {
  const w = await adviceWorld(opened.state)
  await w.clock.runFor(12_345)
  const stop = new AbortController()
  const times: number[] = []
  const runner = await w.start({ write: async rows => void times.push(rows[0]?.tMs ?? 0) })
  const done = runner.run(stop.signal)
  w.load(100, 4)
  for (const untilMs of [1, 2, 3].map(each => startMs + each * minute + 5)) {
    await w.clock.runUntil(untilMs)
    await expect.poll(() => times.at(-1)).toBe(Math.floor(untilMs / minute) * minute)
  }
  stop.abort()
  await done
  expect(times).toEqual([1, 2, 3].map(each => startMs + each * minute))
})

test('what was saved by a madman is begun anew', async () => {
  const w = await adviceWorld(opened.state)
  await w.state.write([w.state.db.insertInto('capacity_advice').values({ pool: 'web', kept: '{"hive":1' })])
  const runner = await w.start()
  w.load(100, 4)
  await w.minute(runner)
  expect(w.shown()).toMatchObject({ 'capacity_advice_processes web': 4 })
  expect(w.lines.join()).toContain('begins anew')
})
