// What the book of the alerter keeps, on every engine of the state: test/alerter/book.test.ts for SQLite,
// test/live/room-books.test.ts for PostgreSQL.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import type { State } from '#core/state.ts'
import { oldestOpenMs, readAcknowledged } from '../../alerter/book/acknowledged.ts'
import { Page } from '../../alerter/book/page.ts'
import { type AlerterBook, openAlerterBook } from '../../alerter/book.ts'
import type { Fact } from '../../alerter/fact.ts'
import { countTold, incidentOf, readFacts, readIncidents } from '../../alerter/facts.ts'
import { entryOf, factOf, groupId, groupOf, knownOf, nothingCame, tellingOf } from './book/rows.ts'

type Engine = Readonly<{ state: State; dispose(): Promise<void> }>

const pageOf = (fill: (page: Page) => void): Page => {
  const page = new Page()
  fill(page)
  return page
}

const factsPage = (...facts: readonly Fact[]): Page =>
  pageOf(page => {
    for (const [at, each] of facts.entries()) page.fact(each, at + 1)
  })

export function alerterBookContract(name: string, start: () => Promise<Engine>): void {
  describe(`the book of the alerter in ${name}`, () => {
    let engine: Engine
    let book: AlerterBook
    beforeEach(async () => {
      engine = await start()
      book = openAlerterBook(engine)
    })
    afterEach(() => engine.dispose())

    const all = { sinceMs: 0, limit: 100 }
    const nowMs = 10_000
    const ids = async (asked: object): Promise<string[]> =>
      (await readFacts(engine.state.db, { ...all, ...asked })).map(({ id }) => id)

    test('an empty book has nothing, and nothing to save is no work', async () => {
      await book.save(new Page())
      expect(await book.load(nowMs)).toEqual({
        ...{ alerts: [], groups: [], told: [], entries: [], incidents: [] },
        ...{ lastNumber: 0, lastSeq: 0, lastFactMs: 0, places: new Map() },
      })
      expect(await book.known(['never'])).toEqual(new Set())
      expect(await book.forget({ nowMs: 1e15, keptMs: 1 })).toBe(false)
    })

    test('acknowledgements are found among all other facts, and since when anything is open', async () => {
      const { db } = engine.state
      expect(await oldestOpenMs(db)).toBeUndefined()
      const taken = (id: string, atMs: number, incident: number | null): Fact =>
        factOf(id, { kind: 'acknowledged', who: id, atMs, incident })
      const page = factsPage(
        ...[taken('a', 1_000, 1), taken('b', 2_000, 2), taken('c', 3_000, 2), taken('none', 4_000, null)],
        factOf('fired', { kind: 'fired', atMs: 3_000, incident: 2 }),
      )
      const incident = (number: number, openedAtMs: number, closedAtMs: number | null) =>
        page.incident({ number, group: groupId('1'), labels: {}, openedAtMs, closedAtMs })
      incident(1, 500, 600)
      incident(2, 1_500, null)
      incident(3, 1_700, null)
      await book.save(page)
      expect(await oldestOpenMs(db)).toBe(1_500)
      const found = async (sinceMs: number, limit: number): Promise<readonly string[]> =>
        (await readAcknowledged(db, { sinceMs, limit })).map(({ by, incident: of }) => `${by} ${of}`)
      expect(await found(1_500, 10)).toEqual(['c 2', 'b 2'])
      expect(await found(0, 1)).toEqual(['c 2'])
    })

    test('gives back what was saved, whatever the texts', async () => {
      const odd = labelsOf([
        ['__proto__', 'x'],
        ['host', '张三 \u{1f6a2} "\\\n\u0000'],
      ])
      const alert = knownOf('a', { labels: odd, endsAtMs: 5_000, isEndAssumed: true, stale: true })
      const group = { ...groupOf('1'), id: `hook\n${'long '.repeat(2_000)}\u0000`, labels: odd }
      const held = { kind: 'silenced', by: ['s1'] } as const
      const told = { group: group.id, integration: 'hook/webhook/0', atMs: 7, firing: [['f', 3]] } as const
      const settled = [
        { telling: 't1', way: 'a', digest: 'd', verdicts: [['+14155552671', { kind: 'accepted' }]] },
      ] as const
      const entry = entryOf('t1', { group: group.id, telling: tellingOf('t1', { firing: ['f'] }), settled })
      const incident = {
        number: 4_000_000_000,
        group: group.id,
        labels: odd,
        openedAtMs: 9,
        closedAtMs: null,
      }
      const fact = factOf('x', { group: group.id, incident: 4_000_000_000, details: { labels: odd } })
      const places = new Map([7, 4_000_000_000].entries())
      await book.save(
        pageOf(page => {
          const alerts = [{ alert, seats: [{ group: group.id, held }] }]
          page.outcome({ ...nothingCame, alerts, groups: [group], told: [told] })
          page.entry(entry.id, entry)
          page.incident(incident)
          page.fact(fact, 17)
          for (const [partition, next] of places) page.places.set(partition, next)
        }),
      )
      const loaded = await book.load(nowMs)
      expect(loaded).toEqual({
        alerts: [{ alert, seats: [{ group: group.id, held }] }],
        groups: [group],
        told: [told],
        entries: [entry],
        incidents: [incident],
        ...{ lastNumber: 4_000_000_000, lastSeq: 17, lastFactMs: 1_000, places },
      })
      expect(Object.keys(loaded.alerts[0]!.alert.labels)).toEqual(['__proto__', 'host'])
      expect(await readFacts(engine.state.db, all)).toEqual([fact])
    })

    test('what is gone is deleted first, and a group takes what it told with it', async () => {
      const [a, b] = [knownOf('a'), knownOf('b')]
      const told = (group: string, integration: string) => ({ group, integration, atMs: 1, firing: [] })
      const first = { ...nothingCame, alerts: [a, b].map(alert => ({ alert, seats: [] })) }
      const groups = ['1', '2'].map(each => groupOf(each))
      const ofGroups = groups.flatMap(({ id }) => [told(id, 'x'), told(id, 'y')])
      await book.save(pageOf(page => page.outcome({ ...first, groups, told: ofGroups })))
      const back = {
        ...nothingCame,
        goneAlerts: [a.fingerprint, b.fingerprint],
        goneGroups: groups,
        alerts: [{ alert: knownOf('b', { value: '98' }), seats: [] }],
        groups: [groupOf('2', { dueMs: 9 })],
        told: [told(groupId('2'), 'y')],
      }
      await book.save(pageOf(page => page.outcome(back)))
      const loaded = await book.load(nowMs)
      expect(loaded.alerts).toEqual(back.alerts)
      expect(loaded.groups).toEqual(back.groups)
      expect(loaded.told).toEqual(back.told)
    })

    test('pages that are laid on each other are as pages one after the other', async () => {
      const pages = [
        pageOf(page => {
          page.outcome({
            ...nothingCame,
            groups: [groupOf('1')],
            alerts: [{ alert: knownOf('a'), seats: [] }],
          })
          page.outcome({
            ...nothingCame,
            told: [{ group: groupId('1'), integration: 'x', atMs: 1, firing: [] }],
          })
          page.entry('t1', entryOf('t1'))
          page.fact(factOf('once', { details: 'first' }), 1)
          page.member(1, 'f', 5)
        }),
        pageOf(page => {
          page.outcome({ ...nothingCame, goneGroups: [groupOf('1')], goneAlerts: [knownOf('a').fingerprint] })
          page.entry('t1', null)
          page.fact(factOf('once', { details: 'second' }), 2)
          page.member(1, 'f', 6)
        }),
        pageOf(page => {
          page.outcome({ ...nothingCame, groups: [groupOf('1', { dueMs: 3 })] })
          page.incident({ number: 1, group: 'g', labels: labelsOf([]), openedAtMs: 1, closedAtMs: 2 })
        }),
      ]
      await book.save(pages)
      const once = await book.load(nowMs)
      const together = new Page()
      for (const each of pages) together.absorb(each)
      await book.save(together)
      expect(await book.load(nowMs)).toEqual(once)
      for (const each of pages) await book.save(each)
      expect(await book.load(nowMs)).toEqual(once)
      expect(once).toMatchObject({ alerts: [], told: [], entries: [], lastNumber: 1 })
      expect(once.groups).toEqual([groupOf('1', { dueMs: 3 })])
      expect(await readFacts(engine.state.db, all)).toMatchObject([{ details: 'first' }])
    })

    test('numbers go on above those of facts that lie behind by their times', async () => {
      await book.save(
        pageOf(page => {
          page.fact(factOf('late', { atMs: 1_000 }), 30)
          page.fact(factOf('now', { atMs: 5_000 }), 2)
        }),
      )
      expect(await book.load(nowMs)).toMatchObject({ lastSeq: 30, lastFactMs: 5_000 })
    })

    test('numbers go on above those that were given before a clock was set back', async () => {
      const dayMs = 86_400_000
      await book.save(
        pageOf(page => {
          page.fact(factOf('ahead', { atMs: 365 * dayMs }), 6)
          page.fact(factOf('long ago', { atMs: dayMs }), 7)
          page.fact(factOf('last', { atMs: 3 * dayMs }), 47)
        }),
      )
      const t = async (hours: number, lastSeq: number, lastDays: number) =>
        expect(await book.load(hours * 3_600_000)).toMatchObject({ lastSeq, lastFactMs: lastDays * dayMs })
      await t(96, 47, 3)
      // The clock of another machine may be a little ahead of this one.
      await t(71.5, 47, 3)
      await t(24, 47, 1)
      // Only a clock that was ahead has been here.
      await t(0, 47, 0)
    })

    test('a save is all or nothing, and is written by whoever may', async () => {
      const lost = new Failure('lease_lost', 'alerter/turn: not the owner')
      const page = factsPage(factOf('x'))
      await expect(book.save(page, () => Promise.reject<never>(lost))).rejects.toBe(lost)
      expect(await ids({})).toEqual([])
      await book.save(page)
      expect(await ids({})).toEqual(['x'])
    })

    test('thousands at once, and all are there', async () => {
      const hosts = Array.from({ length: 6_001 }, (_, at) => knownOf(String(at)))
      const page = pageOf(filled => {
        filled.outcome({ ...nothingCame, alerts: hosts.map(alert => ({ alert, seats: [] })) })
        for (const [at, { fingerprint }] of hosts.entries())
          filled.fact(factOf(`f${at}`, { fingerprint }), at)
      })
      await book.save(page)
      expect((await book.load(nowMs)).alerts.length).toBe(6_001)
      const known = await book.known([...hosts.keys(), 'x'].map(at => `f${at}`))
      expect(known.size).toBe(6_001)
      const goneAlerts = hosts.slice(1).map(each => each.fingerprint)
      await book.save(pageOf(gone => gone.outcome({ ...nothingCame, goneAlerts })))
      expect((await book.load(nowMs)).alerts.length).toBe(1)
    })

    test('facts are found by what they are of, newest first', async () => {
      await book.save(
        factsPage(
          factOf('a1', { fingerprint: 'a', group: 'g' }),
          factOf('b1', { fingerprint: 'b', atMs: 2_000 }),
          factOf('a2', { fingerprint: 'a', incident: 3, atMs: 3_000 }),
        ),
      )
      expect(await ids({})).toEqual(['a2', 'b1', 'a1'])
      expect(await ids({ fingerprint: 'a' })).toEqual(['a2', 'a1'])
      expect(await ids({ fingerprint: 'a', sinceMs: 2_000 })).toEqual(['a2'])
      expect(await ids({ group: 'g' })).toEqual(['a1'])
      expect(await ids({ incident: 3 })).toEqual(['a2'])
      expect(await ids({ limit: 1 })).toEqual(['a2'])
    })

    test('messages that were told are counted, each once, and of several numbers apart', async () => {
      const toldBy = (who: string, id: string, message: string, more: object = {}): Fact => ({
        ...factOf(id, { atMs: 2_000, kind: 'told', who }),
        details: { message: message.padStart(16, '0'), ...more, telling: id },
      })
      await book.save(
        factsPage(
          { ...toldBy('a', 'old', 'm0'), atMs: 1_000 },
          toldBy('a', 'a1', 'm1'),
          toldBy('a', 'a2', 'm2'),
          toldBy('a', 'a3', 'm2'),
          toldBy('a', 'a4', 'm3', { takenBy: ['x 1'] }),
          toldBy('b', 'b1', 'm1'),
          toldBy('c', 'c1', 'm1'),
          { ...toldBy('a', 'a5', 'm4'), kind: 'failed' },
        ),
      )
      const found = await countTold(engine.state.db, { ways: ['a', 'b'], sinceMs: 2_000 })
      expect(found.toSorted((one, two) => two.times - one.times || (one.way < two.way ? -1 : 1))).toEqual([
        { way: 'a', times: 2 },
        { way: 'a', takenBy: ['x 1'], times: 1 },
        { way: 'b', times: 1 },
      ])
    })

    test('facts are read as far as they have room in one answer, the newest first, and one always', async () => {
      const of = (id: string, characters: number) => ({ ...factOf(id), details: 'x'.repeat(characters) })
      const six = 6 * 1_024 * 1_024
      await book.save(factsPage(of('a', six), of('b', six), of('c', six)))
      expect(await ids({})).toEqual(['c', 'b'])
      await book.save(pageOf(page => page.fact(of('d', 3 * six), 4)))
      expect(await ids({})).toEqual(['d'])
    })

    test('to an incident belongs what its alerts did before it had a number', async () => {
      const facts = [
        factOf('older', { fingerprint: 'a', atMs: 10 }),
        factOf('fired', { fingerprint: 'a', atMs: 100 }),
        factOf('other', { fingerprint: 'b', atMs: 100 }),
        factOf('told', { incident: 1, atMs: 130 }),
        factOf('next', { fingerprint: 'a', incident: 2, atMs: 150 }),
        factOf('later', { fingerprint: 'a', atMs: 300 }),
      ]
      const page = factsPage(...facts)
      const incident = { number: 1, group: groupId('1'), labels: labelsOf([]), openedAtMs: 120 }
      page.incident({ ...incident, closedAtMs: 200 })
      page.incident({ ...incident, number: 2, openedAtMs: 210, closedAtMs: null })
      page.member(1, 'a', 100)
      await book.save(page)
      expect(await ids({ incident: 1 })).toEqual(['told', 'fired'])
      expect(await ids({ incident: 1, fingerprint: null })).toEqual(['told'])
      const { db } = engine.state
      const numbers = async (asked: object) =>
        (await readIncidents(db, { limit: 9, ...asked })).map(({ number }) => number)
      expect(await numbers({})).toEqual([2, 1])
      expect(await numbers({ isOpen: true })).toEqual([2])
      expect(await numbers({ isOpen: false })).toEqual([1])
      expect(await numbers({ fingerprint: 'a' })).toEqual([1])
      expect(await incidentOf(db, 1)).toMatchObject({ receiver: 'hook', groupKey: '{}:{rack="1"}' })
      expect(await incidentOf(db, 9)).toBeUndefined()
    })

    test('what is old is forgotten in portions; the newest fact and the highest number stay', async () => {
      const facts = Array.from({ length: 2_003 }, (_, at) => factOf(`f${at}`, { atMs: at }))
      const page = factsPage(...facts)
      for (const number of [1, 2, 3]) {
        page.incident({ number, group: 'g', labels: labelsOf([]), openedAtMs: 1, closedAtMs: number })
        page.member(number, 'a', 1)
      }
      await book.save(page)
      const age = { nowMs: 2_002, keptMs: 2_000 }
      expect(await book.forget(age)).toBe(true)
      expect(await book.forget(age)).toBe(false)
      expect((await ids({ limit: 5_000 })).length).toBe(2_001)
      while (await book.forget({ nowMs: 1e15, keptMs: 1 }));
      expect(await ids({})).toEqual(['f2002'])
      expect(await readIncidents(engine.state.db, { limit: 9, fingerprint: 'a' })).toMatchObject([
        { number: 3 },
      ])
      expect(await book.load(nowMs)).toMatchObject({ lastNumber: 3, lastSeq: 2_003, lastFactMs: 2_002 })
    })

    test('of an open incident stay its beginning and who has it, of an alert since when it fires', async () => {
      const hourMs = 3_600_000
      const [a, b] = [knownOf('a').fingerprint, knownOf('b').fingerprint]
      const begun = (id: string, hours: number, fingerprint: string): Fact =>
        factOf(id, { kind: 'fired', fingerprint, atMs: hours * hourMs })
      const of = (id: string, hours: number, incident: number, kind: Fact['kind'] = 'told'): Fact =>
        factOf(id, { kind, incident, atMs: hours * hourMs })
      const page = factsPage(
        // More than are looked at in one go.
        ...Array.from({ length: 2_000 }, (_, at) => of(`first-${at}`, 1, 1)),
        ...[begun('earlier', 1, a), begun('since', 2, a), begun('gone', 2, b)],
        ...[of('repeated', 3, 1), of('taken', 4, 1, 'acknowledged'), of('closed', 4, 2, 'acknowledged')],
        ...Array.from({ length: 9 }, (_, at) => of(`later-${at}`, 5 + at, 1)),
      )
      page.outcome({ ...nothingCame, alerts: [{ alert: knownOf('a'), seats: [] }] })
      const incident = (number: number, closedAtMs: number | null) =>
        page.incident({ number, group: 'g', labels: labelsOf([]), openedAtMs: hourMs, closedAtMs })
      incident(2, 5 * hourMs)
      incident(1, null)
      await book.save(page)
      const left = async (): Promise<string[]> => {
        while (await book.forget({ nowMs: 13 * hourMs, keptMs: 7 * hourMs }));
        const found = await ids({ limit: 3_000 })
        return found.filter(id => !id.startsWith('later') && !(id.startsWith('first') && id !== 'first-7'))
      }
      expect(await left()).toEqual(['taken', 'since', 'first-7'])
      // When it is over it is as old as it is.
      await book.save(pageOf(over => over.outcome({ ...nothingCame, goneAlerts: [a] })))
      await book.save(
        pageOf(over =>
          over.incident({
            number: 1,
            group: 'g',
            labels: labelsOf([]),
            openedAtMs: 0,
            closedAtMs: 13 * hourMs,
          }),
        ),
      )
      expect(await left()).toEqual([])
    })

    test('a clock that is years ahead takes nothing, whatever happens meanwhile; time that was lived does', async () => {
      const dayMs = 86_400_000
      const keptMs = 400 * dayMs
      const page = factsPage(
        ...Array.from({ length: 30 }, (_, at) => factOf(`before-${at}`, { atMs: at * dayMs })),
        ...Array.from({ length: 30 }, (_, at) => factOf(`ahead-${at}`, { atMs: (830 + at) * dayMs })),
      )
      for (const number of [1, 2])
        page.incident({ number, group: 'g', labels: labelsOf([]), openedAtMs: 1, closedAtMs: 20 * dayMs })
      await book.save(page)
      const t = async (days: number, oldest: string | undefined) => {
        while (await book.forget({ nowMs: days * dayMs, keptMs }));
        expect((await ids({})).at(-1), String(days)).toBe(oldest)
      }
      await t(830, 'before-0')
      await t(859, 'before-0')
      expect(await incidentOf(engine.state.db, 1)).toBeDefined()
      // It was no mistake: that nothing happened for 800 days counts as fifty of them, and so does each time after it.
      const later = Array.from({ length: 7 }, (_, at) =>
        factOf(`later-${at}`, { atMs: (900 + at * 45) * dayMs }),
      )
      await book.save(factsPage(...later))
      await t(1_151, 'before-0')
      await t(1_156, 'before-5')
      expect(await incidentOf(engine.state.db, 1)).toBeDefined()
      await t(1_176, 'before-25')
      expect(await incidentOf(engine.state.db, 1)).toBeUndefined()
    })
  })
}
