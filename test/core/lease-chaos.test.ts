// Whatever happens to three processes and their roads to the state, no owner writes after its successor, no two own at
// once, and in the end one does.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../runs.ts'
import { openLeaseWorld, type Process, type World } from './lease-world.ts'

const who = fc.nat({ max: 2 })
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant('time' as const), ms: fc.integer({ min: 100, max: 9_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('pause' as const), who }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('wake' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('road' as const),
      who,
      road: fc.constantFrom('open', 'open', 'slow', 'away', 'cut', 'deaf'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('clock' as const),
      who,
      ms: fc.integer({ min: -3_600_000, max: 3_600_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('kill' as const), who }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('close' as const), who }) },
)
type Happening = typeof happening extends fc.Arbitrary<infer Each> ? Each : never

async function live(w: World, happenings: readonly Happening[]): Promise<void> {
  let started = 0
  const start = (): Process => w.start(`p${started++}`)
  const processes = [start(), start(), start()]
  const gone: Process[] = []
  const onlyOne = (): void => {
    const owners = [...processes, ...gone].filter(each => each.isOwner()).map(each => each.name)
    expect(owners.length, `${w.secondsNow()}s ${owners}`).toBeLessThan(2)
  }
  for (const each of happenings) {
    if (each.what === 'time') {
      await w.runFor(each.ms, onlyOne)
      continue
    }
    const one = processes[each.who]!
    if (each.what === 'pause') one.pause()
    if (each.what === 'wake') one.wake()
    if (each.what === 'road') one.set(each.road)
    if (each.what === 'clock') one.setClock(each.ms)
    if (each.what === 'kill') one.kill()
    if (each.what === 'close') one.leases.close().catch(() => {})
    if (each.what === 'kill' || each.what === 'close') {
      gone.push(one)
      processes[each.who] = start()
    }
    onlyOne()
  }
  // What was killed stays dead; for all others the weather clears.
  for (const each of processes) {
    each.set('open')
    each.wake()
  }
  await w.runFor(25_000, onlyOne)
  expect(processes.filter(each => each.isOwner())).toHaveLength(1)
}

test('no owner writes after its successor, no two own at once, and in the end one does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 25 }), async happenings => {
      const w = await openLeaseWorld()
      try {
        await live(w, happenings)
        const accepted = await w.accepted()
        const epochs = accepted.map(each => each.epoch)
        expect(epochs).toEqual(epochs.toSorted((one, other) => one - other))
        // And no epoch is had by two.
        const tenures = new Set(accepted.map(each => `${each.owner} ${each.epoch}`))
        expect(tenures.size).toBe(new Set(epochs).size)
        expect((await w.rows())[0]?.epoch).toBe(epochs.at(-1))
      } finally {
        await w.close()
      }
    }),
    { numRuns: runs(2) },
  )
})
