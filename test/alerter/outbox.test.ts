import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tellingEntry } from '../../alerter/outbox/line.ts'
import { type OutboxWrite, StandingOutbox } from '../../alerter/outbox.ts'
import type { OutboxEntry } from '../../alerter/outbox-entry.ts'
import type { Telling } from '../../alerter/timeline/outcome.ts'
import { runs } from '../runs.ts'
import { entryOf, factOf, groupId, knownOf, tellingOf } from './book/rows.ts'

type Rows = Map<string, OutboxEntry>

// Writes wait until save() lets them through, in their order.
function openDesk(rows: Rows = new Map()) {
  const pending: { write: Partial<OutboxWrite>; resolve: () => void }[] = []
  const offered: string[] = []
  const add = (write: Partial<OutboxWrite>): Promise<void> =>
    new Promise(resolve => pending.push({ write, resolve }))
  const alert = knownOf('a')
  const outbox = new StandingOutbox({
    entries: [...rows.values()],
    known: fingerprint => (fingerprint === alert.fingerprint ? alert : undefined),
    write: add,
  })
  outbox.onEntry(({ id }) => offered.push(id))
  return {
    outbox,
    pending,
    offered,
    put(telling: Telling, incident = 1): void {
      const { entry, saved } = outbox.put(tellingEntry(telling, incident))
      void add({ puts: [entry], saved })
    },
    save(most = Number.POSITIVE_INFINITY): Partial<OutboxWrite>[] {
      const done = pending.splice(0, most)
      for (const { write, resolve } of done) {
        for (const id of write.gone ?? []) rows.delete(id)
        for (const each of write.puts ?? []) rows.set(each.id, each)
        write.saved?.()
        resolve()
      }
      return done.map(({ write }) => write)
    },
  }
}

const one = (id: string, rest: Partial<Telling> = {}): Telling => tellingOf(id, { firing: [id], ...rest })
const firing = (entry: OutboxEntry | undefined): readonly string[] | undefined => entry?.telling.firing

test('is offered when it is durable, and gone when it is taken', () => {
  const { outbox, put, save, offered } = openDesk()
  put(one('t1', { group: 'hook\n{}:{x="\n"}', atMs: 5 }), 7)
  expect(outbox.waiting()).toEqual([])
  expect(outbox.take('t1')).toBeUndefined()
  save()
  expect(offered).toEqual(['t1'])
  const of = { receiver: 'hook', groupKey: '{}:{x="\n"}', incident: 7, sinceMs: 5, tries: 0, notBeforeMs: 0 }
  expect(outbox.waiting()).toMatchObject([{ id: 't1', ...of }])
  expect(outbox.take('t1')).toMatchObject({ id: 't1', ...of })
  expect(outbox.take('t1')).toBeUndefined()
  expect(outbox.waiting()).toEqual([])
})

test('a later telling is merged into one that waits, and shows when it is durable', () => {
  const { outbox, put, save, offered } = openDesk()
  put(one('t1'))
  save()
  put(one('t2', { atMs: 2_000 }))
  expect(firing(outbox.waiting()[0])).toEqual(['t1'])
  save()
  expect(offered).toEqual(['t1', 't1'])
  const [entry] = outbox.waiting()
  expect(entry).toMatchObject({ id: 't1', sinceMs: 1_000, telling: { id: 't2', firing: ['t1', 't2'] } })
})

test('what was not durable when the other was taken waits behind it', async () => {
  const rows: Rows = new Map()
  const { outbox, put, save, offered } = openDesk(rows)
  put(one('t1'))
  save()
  put(one('t2'))
  put(one('t3'))
  expect(firing(outbox.take('t1'))).toEqual(['t1'])
  save()
  // The first has its own again, in the same write in which the rest is put.
  expect([...rows.values()].map(firing)).toEqual([['t1'], ['t2', 't3']])
  expect(offered).toEqual(['t1'])
  const done = outbox.done('t1', [factOf('told')])
  expect(offered).toEqual(['t1'])
  expect(save()).toMatchObject([{ gone: ['t1'], facts: [{ id: 'told' }] }])
  await done
  expect(offered).toEqual(['t1', 't2'])
  expect(firing(outbox.take('t2'))).toEqual(['t2', 't3'])
  expect([...rows.keys()]).toEqual(['t2'])
})

test('what is put back takes in what came meanwhile, and keeps its name', async () => {
  const rows: Rows = new Map()
  const { outbox, put, save, offered } = openDesk(rows)
  put(one('t1'))
  save()
  outbox.take('t1')
  put(one('t2', { atMs: 2_000 }))
  save()
  const again = outbox.again('t1', 9_000, [])
  expect(outbox.take('t1')).toBeUndefined()
  expect(outbox.take('t2')).toBeUndefined()
  save()
  await again
  expect(offered).toEqual(['t1', 't1'])
  expect([...rows.values()]).toMatchObject([{ id: 't1', tries: 1, notBeforeMs: 9_000, sinceMs: 1_000 }])
  expect(firing(outbox.take('t1'))).toEqual(['t1', 't2'])
})

test('who of several has it is kept with what is put back, until it is put back without', async () => {
  const rows: Rows = new Map()
  const { outbox, put, save } = openDesk(rows)
  const settled = [{ telling: 't1', way: 'a', digest: 'd', verdicts: [['0', { kind: 'accepted' }]] }] as const
  put(one('t1'))
  save()
  for (const each of [settled, undefined]) {
    outbox.take('t1')
    const again = outbox.again('t1', 9_000, [], each)
    save()
    await again
    expect(rows.get('t1')?.settled).toEqual(each)
    // Of what came meanwhile nobody has anything.
    expect(outbox.take('t1')?.settled).toEqual(each)
    const back = outbox.again('t1', 9_000, [], each)
    save()
    await back
  }
  expect(JSON.stringify(rows.get('t1'))).not.toContain('settled')
})

test('a second call after a refusal changes nothing', async () => {
  const { outbox, put, save } = openDesk()
  put(one('t1'))
  save()
  outbox.take('t1')
  const calls = [outbox.done('t1', [factOf('told')]), outbox.done('t1', [factOf('told')])]
  expect(save().flatMap(({ facts }) => facts)).toHaveLength(1)
  await Promise.all(calls)
  expect(outbox.waiting()).toEqual([])
})

test('urgent ones are first, then the oldest; of one group and integration one at a time', () => {
  const row = (id: string, sinceMs: number, rest: Partial<Telling> = {}): OutboxEntry => {
    const telling = one(id, rest)
    return entryOf(id, { telling, group: telling.group, integration: telling.integration, sinceMs })
  }
  const rows = [
    row('behind', 5),
    row('old', 1),
    row('page', 9, { integration: 'sms', urgency: 'page' }),
    row('other', 3, { group: groupId('2') }),
  ]
  const { outbox, put, save } = openDesk(new Map(rows.map(each => [each.id, each])))
  expect(outbox.waiting().map(({ id }) => id)).toEqual(['page', 'old', 'other'])
  // Later tellings go behind what is behind already.
  put(one('t1'))
  save()
  void outbox.done(outbox.take('old')!.id, [])
  save()
  expect(firing(outbox.take('behind'))).toEqual(['behind', 't1'])
})

test('knows the alerts of an entry, and whether somebody is still to be told of one', () => {
  const { fingerprint } = knownOf('a')
  const { outbox, put, save } = openDesk()
  put(one('t1', { firing: ['gone'], resolved: [fingerprint] }))
  expect([outbox.isNamed(fingerprint), outbox.isNamed('gone'), outbox.isNamed('x')]).toEqual([
    true,
    true,
    false,
  ])
  save()
  expect(outbox.alertsOf(outbox.take('t1')!)).toEqual([knownOf('a')])
  void outbox.done('t1', [])
  expect(outbox.isNamed(fingerprint)).toBe(false)
})

type Deed =
  | Readonly<{ kind: 'put' | 'take' | 'done' | 'again'; line: number }>
  | Readonly<{ kind: 'save'; most: number }>
  | Readonly<{ kind: 'crash' }>

const line = fc.nat({ max: 1 })
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('put', 'take', 'done', 'again'), line }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('save' as const), most: fc.nat({ max: 4 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
)

test('whatever happens, each telling is told once, or once more because it was on its way', () => {
  let [crashes, merges] = [0, 0]
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 80, size: 'max' }), deeds => {
      const rows: Rows = new Map()
      let desk = openDesk(rows)
      // On its way, by line, and what was surely told.
      let flying = new Map<string, OutboxEntry>()
      const told: string[] = []

      let undecided: Telling[] = []
      let count = 0

      const put = (telling: Telling): void => {
        undecided.push(telling)
        const { entry, saved } = desk.outbox.put(tellingEntry(telling, 1))
        desk.pending.push({
          write: {
            puts: [entry],
            saved: () => {
              undecided = undecided.filter(each => each !== telling)
              saved()
            },
          },
          resolve: () => {},
        })
      }
      const land = (name: string, kind: 'done' | 'again'): void => {
        const entry = flying.get(name)
        if (entry === undefined) return
        flying.delete(name)
        if (kind === 'again') return void desk.outbox.again(entry.id, 1, [])

        void desk.outbox.done(entry.id, []).then(() => {})
        const { write } = desk.pending.at(-1)!
        const { saved } = write
        desk.pending.at(-1)!.write = {
          ...write,
          saved: () => {
            told.push(...entry.telling.firing)
            saved?.()
          },
        }
      }
      const take = (name: string): void => {
        const found = desk.outbox.waiting().find(({ integration }) => integration === name)
        if (found === undefined) return
        const entry = desk.outbox.take(found.id)!
        // Nobody hears of what a crash would forget.
        const durable = [...rows.values()].flatMap(each => firing(each)!)
        expect(flying.has(name)).toBe(false)
        for (const each of entry.telling.firing) expect(durable).toContain(each)
        if (entry.telling.firing.length > 1) merges++
        flying.set(name, entry)
      }
      for (const each of deeds) {
        if (each.kind === 'save') desk.save(each.most)
        else if (each.kind === 'crash') {
          crashes++
          desk = openDesk(rows)
          flying = new Map()
          // The timeline had not saved them either, and decides them again.
          for (const telling of undecided.splice(0)) put(telling)
        } else if (each.kind === 'put') put(one(`t${++count}`, { integration: `i${each.line}`, atMs: count }))
        else if (each.kind === 'take') take(`i${each.line}`)
        else land(`i${each.line}`, each.kind)
      }
      for (let round = 0; round < 100; round++) {
        desk.save()
        for (const name of ['i0', 'i1']) {
          land(name, 'done')
          desk.save()
          take(name)
        }
      }
      const all = Array.from({ length: count }, (_, at) => `t${at + 1}`)
      expect(told.toSorted()).toEqual(all.toSorted())
      expect(rows.size).toBe(0)
    }),
    { numRuns: runs(80) },
  )
  expect(crashes).toBeGreaterThan(runs(20))
  expect(merges).toBeGreaterThan(runs(20))
})
