// How many requests are on their way to one host, and who is next.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { type Asked, openHostPlaces } from '../../../alerter/delivery/host-places.ts'

const by = (way: string, more: Partial<Asked> = {}): Asked => ({
  ...{ way, isUrgent: false, patienceMs: 30_000 },
  ...more,
})
const urgent = { isUrgent: true }

// One way has asked for a hundred places.
async function crowded() {
  const clock = new SimulatedClock(0)
  const places = openHostPlaces(clock)
  const inside: string[] = []
  const leaves: (() => void)[] = []
  const enter = async (name: string, asked: Asked, host = 'a') => {
    const leave = await places.enter(host, asked)
    inside.push(leave === undefined ? `not ${name}` : name)
    if (leave !== undefined) leaves.push(leave)
  }
  for (let nth = 0; nth < 100; nth++) void enter('many', by('many'))
  await clock.runFor(0)
  const leave = async (times = 1) => {
    for (const each of leaves.splice(0, times)) each()
    await clock.runFor(0)
  }
  return { clock, inside, enter, leave }
}

test('one way leaves some places to those that have none, and all are sixteen', async () => {
  const { clock, inside, enter } = await crowded()
  expect(inside).toHaveLength(12)
  for (const name of ['b', 'b', 'c', 'd', 'e', 'f']) void enter(name, by(name))
  void enter('elsewhere', by('many'), 'another host')
  await clock.runFor(0)
  expect(inside.slice(12).sort()).toEqual(['b', 'c', 'd', 'e', 'elsewhere'])
})

test('urgent ones are next, then the way that has the fewest there', async () => {
  const { clock, inside, enter, leave } = await crowded()
  for (const name of ['b', 'c', 'd', 'e', 'f']) void enter(name, by(name))
  void enter('page', by('many', urgent))
  await clock.runFor(0)
  expect(inside).toHaveLength(16)
  await leave()
  await leave()
  await leave(10)
  expect(inside.slice(16, 18)).toEqual(['page', 'f'])
  expect(inside.slice(18).every(name => name === 'many')).toBe(true)
})

test('nobody waits for ever, and who has gone takes no place', async () => {
  const { clock, inside, enter, leave } = await crowded()
  for (const name of ['b', 'c', 'd', 'e']) void enter(name, by(name))
  void enter('impatient', by('f', { patienceMs: 10 }))
  void enter('patient', by('f'))
  await clock.runFor(10)
  expect(inside.slice(16)).toEqual(['not impatient'])
  await leave()
  expect(inside.slice(17)).toEqual(['patient'])
  await clock.runFor(60_000)
  await leave(100)
  expect(inside.filter(name => name === 'many')).toHaveLength(12)
})
