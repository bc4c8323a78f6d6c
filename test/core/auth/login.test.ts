// How often may it be tried? With users that cost nothing to check.
import { beforeEach, expect, test } from 'vitest'
import { type Login, openLogin } from '#core/auth/login.ts'
import type { Users } from '#core/auth/users.ts'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'

const ann = { id: '1', name: 'Ann', scopes: [], createdAtMs: 0 }
const users = {
  check: async (name: string, password: string) =>
    name === 'Ann' && password === 'right' ? { user: ann, hash: '' } : undefined,
} as unknown as Users

let clock: SimulatedClock
let own: ReturnType<typeof openOwnMetrics>
let login: Login
beforeEach(() => {
  clock = new SimulatedClock(1_000_000)
  own = openOwnMetrics()
  login = openLogin({ users, clock, own, log: openLog({ clock, write: () => {} }) })
})

const kinds = async (times: number, attempt: (at: number) => object): Promise<string> => {
  const seen: string[] = []
  for (let at = 0; at < times; at++) {
    const outcome = await login({ name: 'Ann', password: 'wrong', remote: 'r', ...attempt(at) })
    seen.push(outcome.kind)
  }
  return [...new Set(seen)].map(kind => `${kind} ${seen.filter(each => each === kind).length}`).join(', ')
}

test('one address that tries many names has to wait', async () => {
  expect(await kinds(35, at => ({ name: `n${at}` }))).toBe('refused 30, too_many 5')
  expect(await kinds(1, () => ({ remote: 'other' }))).toBe('refused 1')
  await clock.runFor(10_000)
  expect(await kinds(2, at => ({ name: `m${at}` }))).toBe('refused 1, too_many 1')
})

test('one name that is tried from many addresses has to wait, however it is written', async () => {
  expect(await kinds(6, at => ({ remote: `r${at}` }))).toBe('refused 6')
  expect(await kinds(6, at => ({ remote: `s${at}`, name: ' aNN ' }))).toBe('refused 4, too_many 2')
  const outcome = await login({ name: 'Ann', password: 'right', remote: 'far' })
  expect(outcome).toEqual({ kind: 'too_many', waitMs: 60_000 })
  await clock.runFor(60_000)
  expect(await kinds(1, () => ({ password: 'right', remote: 'far' }))).toBe('in 1')
  expect(await kinds(11, at => ({ remote: `t${at}` }))).toBe('refused 10, too_many 1')
})

test('who has logged in from an address is not kept out by what others try from elsewhere', async () => {
  const home = { password: 'right', remote: 'home' }
  expect(await kinds(1, () => home)).toBe('in 1')
  expect(await kinds(12, at => ({ remote: `r${at}` }))).toBe('refused 10, too_many 2')
  expect(await kinds(3, () => home)).toBe('in 3')
  // That buys nobody anything.
  expect(await kinds(2, at => ({ remote: `s${at}` }))).toBe('too_many 2')
  // Nor may more be tried from there than from elsewhere.
  expect(await kinds(12, () => ({ remote: 'home' }))).toBe('refused 10, too_many 2')
  expect(await kinds(1, () => home)).toBe('too_many 1')
})

test('a good login buys no attempts on other names', async () => {
  const alternate = (at: number) => (at % 2 === 0 ? { password: 'right' } : { name: `n${at}` })
  expect(await kinds(40, alternate)).toBe('in 15, refused 15, too_many 10')
})

test('each outcome is counted', async () => {
  await kinds(11, () => ({}))
  await clock.runFor(60_000)
  await kinds(1, () => ({ password: 'right' }))
  const counted = own.samples(0).map(({ series, value }) => [series.labels.outcome, value])
  expect(counted).toEqual([
    ['refused', 10],
    ['too_many', 1],
    ['in', 1],
  ])
})
