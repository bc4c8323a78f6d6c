import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { realClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Source } from '#promql/source.ts'
import { adviceRoutes, type ReplayLine } from '../../../capacity/api/advice-routes.ts'
import { ask, bearer, byWord, holder, openStand } from '../../core/http/ask.ts'
import { adviceWorld, minute, type Opened, openState, poolOf, startMs } from '../advice/world.ts'

let opened: Opened
beforeAll(async () => {
  opened = await openState()
})
afterAll(() => opened.dispose())

const path = '/api/plimsoll/v1/capacity/advice'
const pools = [poolOf(), poolOf('db'), { ...poolOf('plain'), advice: undefined }]

async function stand(otherSource?: Source, authorise = byWord) {
  const w = await adviceWorld(opened.state, pools)
  const { http, lines, ...rest } = await openStand(
    adviceRoutes({
      ...{
        pools: () => pools,
        state: w.state,
        source: otherSource ?? w.source,
        clock: realClock,
        log: w.log,
      },
      language: 'en',
    }),
    { authorise },
  )
  onTestFinished(() => rest[Symbol.asyncDispose]())
  const headers = bearer('read')
  return {
    ...{ w, origin: http.origin },
    get: (query = '') => ask(http, path + query, { headers }),
    replay: (body: object, who = headers) =>
      ask(http, `${path}/replay`, {
        headers: { ...who, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    stranger: () => ask(http, path),
  }
}

const linesOf = (text: string): ReplayLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map(each => JSON.parse(each))

test('tells of each pool with advice how many there should be, and why', async () => {
  const { w, get, stranger } = await stand()
  expect((await stranger()).status).toBe(401)
  const before = await get()
  expect(before.json.advice).toMatchObject([
    {
      pool: 'web',
      atMs: null,
      wanted: null,
      reason: 'No advice, because there is no measurement: no minute has passed yet.',
    },
    { pool: 'db' },
  ])
  const runner = await w.start()
  for (let at = 0; at < 3; at++) {
    w.load(200, 4)
    await w.minute(runner)
  }
  const { json } = await get()
  expect(json.advice).toMatchObject([
    {
      pool: 'web',
      atMs: startMs + 2 * minute,
      ...{ why: 'grow', busySeconds: 200, processes: 4, wanted: 5, missing: null },
      advice: { way: 'grow', from: 4, to: 5 },
      reason:
        '200 s of handling in the last minute; 4 processes should not have more than 144 s. Advice: 5 processes instead of 4.',
    },
    { pool: 'db', why: 'unmeasured', missing: 'busy: nothing is measured', wanted: null },
  ])
  expect((await get('?pool=db')).json.advice).toHaveLength(1)
  const missing = await get('?pool=wob')
  expect([missing.status, missing.json.error?.detail ?? missing.text]).toEqual([
    404,
    expect.stringContaining('no pool with advice is called wob; did you mean web?'),
  ])
})

test('replays, line by line', async () => {
  const { w, replay } = await stand()
  for (let at = 0; at < 20; at++) {
    w.load(200, 4)
    w.nowMs += minute
  }
  const { status, text } = await replay({ pool: 'web', fromMs: startMs, toMs: w.nowMs })
  expect(status).toBe(200)
  const lines = linesOf(text)
  expect(lines[0]).toEqual({ progress: { share: 0, atMs: startMs, given: 0 } })
  expect(lines.at(-1)).toMatchObject({
    done: {
      pool: 'web',
      advice: [
        { from: 4, to: 5 },
        { from: 5, to: 7 },
      ],
      summary: { grown: 2, shrunk: 0 },
    },
  })
  // The turn is free again.
  expect((await replay({ pool: 'web', fromMs: startMs, toMs: w.nowMs })).status).toBe(200)
})

test('refuses what it cannot replay, and says what went wrong on the way', async () => {
  const { replay } = await stand()
  const t = async (body: object, status: number) =>
    expect((await replay(body)).status, JSON.stringify(body)).toBe(status)
  const range = { fromMs: startMs, toMs: startMs + minute }
  await t({ pool: 'plain', ...range }, 404)
  await t({ pool: 'web', fromMs: startMs, toMs: startMs }, 400)
  await t({ pool: 'web', fromMs: 0, toMs: startMs }, 400)
  await t({ pool: 'web', ...range, step: 1 }, 400)
  await t({ pool: 'web', fromMs: -1, toMs: 1 }, 400)

  const failing = await stand({
    select: () => {
      throw new Failure('store_unavailable', 'no database')
    },
  })
  const { text } = await failing.replay({ pool: 'web', ...range })
  expect(linesOf(text).at(-1)).toEqual({ error: { code: 'store_unavailable', detail: 'no database' } })
  const broken = await stand({
    select: () => {
      throw new RangeError('secret inner life')
    },
  })
  const said = (await broken.replay({ pool: 'web', ...range })).text
  expect(linesOf(said).at(-1)).toMatchObject({ error: { code: 'internal' } })
  expect(said).not.toContain('secret')
  expect(broken.w.lines.join()).toContain('secret inner life')
})

test('each asker has one replay at a time', async () => {
  let go = (): void => {}
  const held = new Promise<void>(resolve => {
    go = resolve
  })
  let asked = 0
  const { replay } = await stand({
    select: async () => {
      asked++
      await held
      return []
    },
  })
  const range = { pool: 'web', fromMs: startMs, toMs: startMs + minute }
  const first = replay(range)
  await expect.poll(() => asked).toBe(1)
  expect((await replay(range)).status).toBe(503)
  go()
  expect(linesOf((await first).text).at(-1)).toMatchObject({ done: { summary: { unmeasuredMinutes: 2 } } })
})

test("a reader's long replay is no wait for others: pieces take turns, and a few replays are there at a time", async () => {
  const asked: number[] = []
  const go = Promise.withResolvers<void>()
  const source: Source = {
    async select(_, { fromMs }) {
      asked.push(fromMs)
      await go.promise
      return []
    },
  }
  // Each is who his word says.
  const { replay, origin } = await stand(source, async ({ headers }) => ({
    ...holder('read'),
    name: String(headers.authorization),
  }))
  const as = (authorization: string) => ({ authorization })
  const long = { pool: 'web', fromMs: startMs, toMs: startMs + 3 * 360 * minute }
  const short = { pool: 'web', fromMs: startMs + 5 * minute, toMs: startMs + 6 * minute }
  const first = replay(long, as('ann'))
  await expect.poll(() => asked.length).toBe(1)
  const ask = (who: string): Promise<Response> => {
    const headers = { ...as(who), 'content-type': 'application/json' }
    return fetch(`${origin}${path}/replay`, { method: 'POST', headers, body: JSON.stringify(short) })
  }
  // Whose answer has begun has his place.
  const others = [await ask('bob'), await ask('eve'), await ask('joe')]
  expect(await (await ask('sam')).text()).toContain('4 replays are running')
  go.resolve()
  const answers = await Promise.all([first.then(({ text }) => text), ...others.map(each => each.text())])
  for (const text of answers) expect(linesOf(text).at(-1)).toHaveProperty('done')
  // The second piece of the long one is behind all that others asked for.
  const isShort = (fromMs: number): boolean =>
    fromMs < startMs + 300 * minute && fromMs > startMs - 300 * minute
  const second = asked.findIndex(fromMs => !isShort(fromMs))
  expect(asked.slice(second).every(fromMs => !isShort(fromMs))).toBe(true)
})
