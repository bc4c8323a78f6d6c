// What the book keeps, on every engine of the state: test/rules/book.test.ts for SQLite and for the book of other
// tests, test/live/room-books.test.ts for PostgreSQL.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import type { Book } from '../../rules/book.ts'
import { entryOf, pageOf, rule, trackedOf, transitionOf } from './book/pages.ts'

type Engine = Readonly<{
  book: Book
  // Another one of the same state, as after a restart or in another process.
  again(): Book
  dispose(): Promise<void>
}>

export function bookContract(name: string, start: () => Promise<Engine>): void {
  describe(`the book in ${name}`, () => {
    let engine: Engine
    let book: Book
    beforeEach(async () => {
      engine = await start()
      book = engine.book
    })
    afterEach(() => engine.dispose())

    const untold = async (part = 'all'): Promise<string[]> =>
      (await engine.again().load(part)).untold.map(each => each.id)
    const hosts = (count: number): string[] =>
      [...Array(count).keys()].map(at => `h${String(at).padStart(5, '0')}`)

    test('gives back what was saved, every kind of value as it was', async () => {
      const alerts = [
        trackedOf('plain', { value: 97.25 }),
        trackedOf('nan', { value: Number.NaN }),
        trackedOf('more', { value: Number.POSITIVE_INFINITY }),
        trackedOf('less', { value: Number.NEGATIVE_INFINITY }),
        trackedOf('minus', { value: -0 }),
        trackedOf('small', { value: 5e-324 }),
        trackedOf('texts', {
          labels: labelsOf([
            ['__proto__', 'x'],
            ['host', '张三 \u{1f6a2} "\\\n\u0000'],
          ]),
          annotations: { empty: '', summary: "O'Brien\u0000" },
        }),
        trackedOf('all', {
          phase: 'resolved',
          resolvedAtMs: 3_000,
          keepFiringSinceMs: 2_500,
          lastSentAtMs: 2_600,
          turn: 2,
        }),
      ]
      await book.save([
        pageOf(alerts, { places: new Map([[17, { next: 4_000_000_000, atMs: 1_700_000_000_123 }]]) }),
      ])
      const saved = await engine.again().load('all')
      const wanted = new Map(alerts.map(each => [entryOf(each).fingerprint, each]))
      expect(saved.alerts).toEqual(new Map([[rule, wanted]]))
      const texts = saved.alerts.get(rule)?.get(entryOf(alerts[6]!).fingerprint)
      expect(Object.keys(texts!.labels)).toEqual(['__proto__', 'host'])
      expect(saved.untold).toEqual(alerts.map(each => transitionOf(each)))
      expect(saved.places).toEqual(new Map([[17, { next: 4_000_000_000, atMs: 1_700_000_000_123 }]]))
    })

    test('an empty book has nothing, and nothing to save is no work', async () => {
      await book.save([])
      await book.save([pageOf([])])
      await book.told([])
      expect(await book.load('all')).toEqual({ alerts: new Map(), untold: [], places: new Map() })
    })

    test('the later entry for an alert counts, and one without an alert ends it', async () => {
      const [a, b] = [trackedOf('a'), trackedOf('b')]
      const later = trackedOf('a', { phase: 'resolved', resolvedAtMs: 9_000 })
      await book.save([pageOf([a]), pageOf([b, later])])
      await book.save([{ part: 'all', entries: [entryOf(b, { alert: undefined })], transitions: [] }])
      const again = [entryOf(b, { alert: undefined }), entryOf(b), entryOf(b, { alert: undefined })]
      await book.save([{ part: 'all', entries: again, transitions: [] }])
      const { alerts } = await engine.again().load('all')
      expect(alerts).toEqual(new Map([[rule, new Map([[entryOf(a).fingerprint, later]])]]))
    })

    test('the same labels are an alert of each rule, and parts know nothing of each other', async () => {
      const a = trackedOf('a')
      const of = (other: string) => entryOf(a, { rule: other })
      await book.save([
        {
          part: 'partition/1',
          entries: [of('r1'), of('r2')],
          transitions: [],
          places: new Map([[1, { next: 10, atMs: 1000 }]]),
        },
        {
          part: 'partition/2',
          entries: [of('r1')],
          transitions: [transitionOf(a)],
          places: new Map([[2, { next: 20, atMs: 2000 }]]),
        },
      ])
      await book.save([
        {
          part: 'partition/1',
          entries: [entryOf(a, { rule: 'r1', alert: undefined })],
          transitions: [],
          places: new Map([[1, { next: 11, atMs: 1100 }]]),
        },
      ])
      const [one, two] = [await book.load('partition/1'), await book.load('partition/2')]
      expect([[...one.alerts.keys()], [...two.alerts.keys()]]).toEqual([['r2'], ['r1']])
      expect([one.untold.length, two.untold.length]).toEqual([0, 1])
      expect([one.places, two.places]).toEqual([
        new Map([[1, { next: 11, atMs: 1100 }]]),
        new Map([[2, { next: 20, atMs: 2000 }]]),
      ])
    })

    test('what is told is forgotten; the rest stays in its order, whatever the ids', async () => {
      const at = (times: readonly number[]) => times.map(each => transitionOf(trackedOf('a'), each))
      const id = (time: number): string => transitionOf(trackedOf('a'), time).id
      await book.save([pageOf([], { transitions: at([9, 3]) }), pageOf([], { transitions: at([7, 1]) })])
      await book.save([pageOf([], { transitions: at([8, 2]) })])
      await book.told([id(3), id(7), 'never'])
      expect(await untold()).toEqual([9, 1, 8, 2].map(id))
      // Decided once more after a restart: it keeps its place.
      const next = engine.again()
      await next.save([pageOf([], { transitions: at([8, 4]) })])
      expect(await untold()).toEqual([9, 1, 8, 2, 4].map(id))
    })

    test('a part that moves to another owner and back keeps its order', async () => {
      const here = engine.again()
      const there = engine.again()
      const write = (at: Book, time: number) =>
        at.save([pageOf([], { transitions: [transitionOf(trackedOf('a'), time)] })])
      await write(here, 5)
      await there.load('all')
      await write(there, 4)
      await write(there, 3)
      await here.load('all')
      await write(here, 2)
      expect((await untold()).map(each => each.split('/').at(-1))).toEqual(['5', '4', '3', '2'])
    })

    test('a save is all or nothing, and is written by whoever may', async () => {
      await book.save([pageOf([trackedOf('a')], { places: new Map([[0, { next: 1, atMs: 1 }]]) })])
      const before = await book.load('all')
      const lost = new Failure('lease_lost', 'all: not the owner')
      const refused = book.save([pageOf(hosts(600).map(each => trackedOf(each)))], async () => {
        throw lost
      })
      await expect(refused).rejects.toBe(lost)
      expect(await engine.again().load('all')).toEqual(before)
    })

    test('thousands at once, and all are there, in order', async () => {
      const alerts = hosts(6_001).map(each => trackedOf(each))
      await book.save([pageOf(alerts, { places: new Map([[3, { next: 4, atMs: 5 }]]) })])
      const saved = await engine.again().load('all')
      expect(saved.alerts.get(rule)?.size).toBe(6_001)
      expect(saved.untold).toEqual(alerts.map(each => transitionOf(each)))
      await book.told(saved.untold.slice(0, 6_000).map(each => each.id))
      expect(await untold()).toEqual([transitionOf(alerts.at(-1)!).id])
      const ends = alerts.slice(1).map(each => entryOf(each, { alert: undefined }))
      await book.save([{ part: 'all', entries: ends, transitions: [] }])
      expect((await book.load('all')).alerts.get(rule)?.size).toBe(1)
    })
  })
}
