import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { realClock } from '#core/clock.ts'
import { adviceRoutes } from '../../capacity/api/advice-routes.ts'
import { adviceWorld, minute, type Opened, openState, poolOf } from '../capacity/advice/world.ts'
import { openStand } from '../core/http/ask.ts'
import { nowMs, world } from './world.ts'

let opened: Opened
beforeAll(async () => {
  opened = await openState()
})
afterAll(() => opened.dispose())

// Two pools: one that has had too much to do for a while, and one that nobody measures.
async function service(names = ['db', 'web']) {
  const pools = names.map(name => poolOf(name, name === 'web' ? { cores: 'cores' } : {}))
  const w = await adviceWorld(opened.state, pools)
  w.nowMs = nowMs - 30 * minute
  const runner = await w.start()
  for (let at = 0; at < 30; at++) {
    w.load(at < 20 ? 100 : 200, 4)
    w.set('cores', { host: 'h1' }, 8)
    await w.minute(runner)
  }
  const options = {
    pools: () => pools,
    state: w.state,
    source: w.source,
    clock: realClock,
    log: w.log,
    language: 'en',
  } as const
  const { http, ...rest } = await openStand(adviceRoutes(options))
  onTestFinished(() => rest[Symbol.asyncDispose]())
  return ['--url', http.origin, '--token', 'read']
}

test('a line for each pool: what cannot be judged, then what to do and where', async () => {
  const there = await service()
  const { exit, out, err } = await world().run('capacity', 'advice', ...there)
  expect([exit, err]).toEqual([1, ''])
  expect(out).toBe(`pool  processes  wanted  busy  why
db                             No advice, because there is no measurement: busy: nothing is measured.
web           4       5  83 %  200 s of handling in the last minute; 4 processes should not have more than 144 s. Advice: 5 processes instead of 4.
  +1 on h1
`)
  const { exit: fine, out: json } = await world().run('capacity', 'advice', 'web', '--json', ...there)
  expect(fine).toBe(0)
  expect(JSON.parse(json).advice).toMatchObject([{ pool: 'web', wanted: 5 }])
})

test('what would have been advised in a time that is over', async () => {
  const there = await service()
  const { exit, out, err } = await world().run(
    'capacity',
    'advice',
    'web',
    '--from',
    '-30m',
    '--to',
    '-1m',
    ...there,
  )
  expect([exit, err]).toEqual([0, ''])
  expect(out).toBe(`web, 2026-11-20 11:30 to 2026-11-20 11:59: would have grown twice and shrunk 0 times.

when (Asia/Shanghai)  from  to  busy s  there were
2026-11-20 11:52         4   5     200           4
2026-11-20 11:56         5   7     200           4

Processes: 4 to 7; there were 4 at most.
Hours of processes: 2.22, and there were 2: 0.217 more and 0 fewer.
Hours with too few: 0.117, and there were 0.167.
`)
  const { out: json } = await world().run('capacity', 'advice', 'web', '--from', '-30m', '--json', ...there)
  expect(JSON.parse(json)).toMatchObject({ pool: 'web', summary: { grown: 2 } })
})

test('wrong words are told as such', async () => {
  const there = await service(['web'])
  const t = async (words: string[], exit: number, says: string) => {
    const ran = await world().run('capacity', 'advice', ...words, ...there)
    expect([ran.exit, ran.err], words.join(' ')).toEqual([exit, expect.stringContaining(says)])
  }
  await t(['--from', '-1d'], 2, 'want one POOL')
  await t(['web', 'db', '--from', '-1d'], 2, 'want one POOL')
  await t(['web', '--from', 'soon'], 2, '--from: wanted')
  await t(['web', '--from', '-1h', '--to', '-2h'], 2, '--from must be before --to')
  await t(['wob'], 1, 'did you mean web?')
  await t(['wob', '--from', '-1h'], 1, 'did you mean web?')
})

test('without pools that want it, says how one does', async () => {
  const there = await service([])
  const { exit, out, err } = await world().run('capacity', 'advice', ...there)
  expect([exit, out]).toEqual([0, ''])
  expect(err).toContain('`advice` below a pool')
})
