// What the scribe does with pages that wait: in which they are written together, and how much may wait.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import type { Packed } from '#core/state/packed.ts'
import { Page } from '../../alerter/book/page.ts'
import { Scribe } from '../../alerter/scribe.ts'
import { factOf } from './book/rows.ts'

type Save = Readonly<{ pages: readonly (Page | readonly Packed[])[]; end: (error?: Error) => void }>

function openDesk() {
  const clock = new SimulatedClock(0)
  const saves: Save[] = []
  const freed: string[] = []
  const save = (given: Page | Save['pages']): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const pages = given instanceof Page ? [given] : given
    saves.push({ pages, end: error => (error === undefined ? resolve() : reject(error)) })
    return promise
  }
  const statements = (page: Page): readonly Packed[] => {
    const [name = ''] = page.facts.keys()
    return [{ free: () => freed.push(name) } as unknown as Packed]
  }
  const book = { save, statements } as unknown as ConstructorParameters<typeof Scribe>[0]['book']
  const log = openLog({ clock, write: () => {} })
  const scribe = new Scribe({ book, clock, log, own: openOwnMetrics(), onRecovery: () => {} })
  return { clock, scribe, saves, freed, settle: () => clock.runFor(0) }
}

const nothing = (): void => {}
// Within one turn of the event loop.
const steps = async (most: number): Promise<void> => {
  for (let step = 0; step < most; step++) await null
}
const noted = (name: string) => (page: Page) => page.fact(factOf(name), 1)
const pageOf = (name: string, rows: number): Page => {
  const page = new Page()
  for (let nth = 0; nth < rows; nth++) page.fact(factOf(`${name}${nth}`), nth)
  return page
}
const namesIn = ({ pages }: Save): readonly string[] =>
  pages.flatMap(page => (page instanceof Page ? [...page.facts.keys()] : ['packed']))

test('a few rows join those that wait, and never those that are being written', async () => {
  const { scribe, saves, settle } = openDesk()
  const told: string[] = []
  for (const name of ['a', 'b']) scribe.join(noted(name), () => told.push(name))
  await settle()
  for (const name of ['c', 'd']) scribe.join(noted(name), () => told.push(name))
  expect(saves.map(namesIn)).toEqual([['a', 'b']])
  expect(told).toEqual([])
  saves[0]!.end()
  await settle()
  expect(told).toEqual(['a', 'b'])
  expect(saves.map(namesIn)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
  saves[1]!.end()
  await scribe.settled()
  expect(told).toEqual(['a', 'b', 'c', 'd'])
})

test('what lands in the moment in which a save has ended comes along with what waits', async () => {
  const { scribe, saves, settle } = openDesk()
  const answered = async (): Promise<void> => {
    await steps(10)
    scribe.join(noted('c'), nothing)
  }
  scribe.join(noted('a'), () => void answered())
  await settle()
  scribe.join(noted('b'), nothing)
  saves[0]!.end()
  await settle()
  expect(saves.map(namesIn)).toEqual([['a'], ['b', 'c']])
})

test('from the moment of a refusal on it is known, and whoever tries again does so at once', async () => {
  const { scribe, saves, settle } = openDesk()
  scribe.join(noted('a'), nothing)
  await settle()
  saves[0]!.end(new Failure('state_full', 'full'))
  await steps(20)
  expect(scribe.isFailing).toBe(true)
  const again = scribe.retry()
  await steps(20)
  expect(saves.map(namesIn)).toEqual([['a'], ['a']])
  saves[1]!.end()
  await again
})

test('a large page waits as statements, which are freed when they are written and not before', async () => {
  const { clock, scribe, saves, freed, settle } = openDesk()
  scribe.add(pageOf('x', 200), nothing)
  scribe.join(noted('a'), nothing)
  await settle()
  expect(saves.map(namesIn)).toEqual([['packed', 'a']])
  saves[0]!.end(new Failure('state_full', 'full'))
  await settle()
  expect(freed).toEqual([])
  await clock.runFor(1_000)
  expect(saves.map(namesIn).at(-1)).toEqual(['packed', 'a'])
  saves[1]!.end()
  await scribe.settled()
  expect(freed).toEqual(['x0'])
})

test('who adds much waits until little waits, or until the state refuses', async () => {
  const { scribe, saves, settle } = openDesk()
  let passed = 0
  const add = async (pages: number): Promise<void> => {
    for (let nth = 0; nth < pages; nth++) scribe.add(pageOf(`p${nth}`, 500), nothing)
    await scribe.eased()
    passed += 1
  }
  void add(24)
  await settle()
  expect(passed).toBe(1)
  void add(6)
  await settle()
  expect(passed).toBe(1)
  saves[0]!.end()
  await settle()
  expect(passed).toBe(2)
  void add(24)
  await settle()
  expect(passed).toBe(2)
  saves.at(-1)!.end(new Failure('state_full', 'full'))
  await settle()
  expect(passed).toBe(3)
  await scribe.eased()
})
