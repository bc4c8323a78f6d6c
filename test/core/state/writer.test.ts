// Whose turn it is: those that came first, after those that must not come late; and who hears what when it fails.
import { CompiledQuery } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { openWriter, type Unit, type Writer } from '#core/state/writer.ts'

let writer: Writer
// Each commit that was begun, by the names of its units.
let begun: string[]
let take: (units: readonly Unit[]) => number
let work: () => Promise<void>
beforeEach(() => {
  begun = []
  take = units => units.length
  work = async () => {}
  writer = openWriter(
    {
      place: 'here',
      async commitUnits(units) {
        begun.push(units.map(nameOf).join())
        await work()
        return units.slice(0, take(units)).map(each => [{ rows: [{ name: nameOf(each) }], changed: 1 }])
      },
    },
    () => {},
  )
})
const unit = (name: string): Unit => [CompiledQuery.raw(name)]
const nameOf = (each: Unit): string => each[0]!.sql
const names = (count: number): string[] => [...Array(count).keys()].map(String)

test('what a commit leaves comes with the next one, in its order', async () => {
  take = units => Math.min(units.length, 2)
  const written = names(5).map(each => writer.write(unit(each)))
  const answers = await Promise.all(written)
  expect(answers.map(([each]) => each?.rows[0])).toEqual(names(5).map(name => ({ name })))
  expect(begun).toEqual(['0,1,2,3,4', '2,3,4', '4'])
})

test('what must not come late goes ahead of all that waits, and holds it up by one commit at most', async () => {
  take = () => 1
  const order: string[] = []
  const told = async (what: string, written: Promise<unknown>): Promise<void> => {
    await written
    order.push(what)
  }
  const write = (name: string) => told(name, writer.write(unit(name)))
  const turn = async (): Promise<void> => {
    const end = await writer.turn()
    order.push('turn')
    end()
  }
  const all = [write('a'), write('b'), turn(), write('c')]
  let renewals = 0
  work = async () => {
    if (renewals < 3) all.push(told('first', writer.writeFirst(unit(`first ${++renewals}`))))
  }
  await writer.writeFirst(unit('at once'))
  await writer.idle()
  await Promise.all(all)
  expect(begun[0]).toBe('at once')
  expect(order).toEqual(['a', 'first', 'b', 'first', 'turn', 'first', 'c'])
})

test('whoever waits together hears together that the server is away', async () => {
  work = async () => {
    throw new Failure('state_unavailable', 'away')
  }
  const all = [writer.write(unit('a')), writer.writeFirst(unit('first')), writer.write(unit('b'))]
  for (const each of all) await expect(each).rejects.toMatchObject({ code: 'state_unavailable' })
  expect(begun).toEqual(['first'])
})
