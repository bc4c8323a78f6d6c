import fc from 'fast-check'
import { expect, test } from 'vitest'
import { callsMax, type Refusal, sift } from '#core/store/poison.ts'

type Manner = Readonly<{ counts: boolean; storesOthers: boolean; names: boolean }>

// A database that refuses these; keeps what it stored, and how often it was asked.
function database(bad: ReadonlySet<number>, { counts, storesOthers, names }: Manner) {
  const stored = new Set<number>()
  let calls = 0
  const store = async (items: readonly number[]): Promise<Refusal<number> | undefined> => {
    calls++
    const found = items.filter(item => bad.has(item))
    if (found.length === 0 || storesOthers) for (const item of items) if (!bad.has(item)) stored.add(item)
    if (found.length === 0) return undefined
    const named = new Set(found)
    return {
      reason: `${found[0]} is bad`,
      othersStored: storesOthers,
      ...(counts ? { count: found.length } : {}),
      ...(names ? { blame: (item: number) => (named.has(item) ? `${item} is named` : undefined) } : {}),
    }
  }
  return { store, stored, calls: () => calls }
}

const list = (length: number): number[] => Array.from({ length }, (_, at) => at)

async function siftAll(length: number, bad: readonly number[], manner: Manner) {
  const { store, stored, calls } = database(new Set(bad), manner)
  const items = list(length)
  const refusal = await store(items)
  const poisoned = refusal === undefined ? [] : await sift(items, refusal, store)
  return { poisoned, stored, calls: calls() }
}

const manner = fc.record({ counts: fc.boolean(), storesOthers: fc.boolean(), names: fc.boolean() })

test('whatever the database tells: the bad ones are found, each once, and all others are stored', async () => {
  const lists = fc
    .integer({ min: 1, max: 60 })
    .chain(length => fc.tuple(fc.constant(length), fc.uniqueArray(fc.nat(length - 1))))
  await fc.assert(
    fc.asyncProperty(lists, manner, async ([length, bad], how) => {
      const { poisoned, stored, calls } = await siftAll(length, bad, how)
      const ascending = (a: number, b: number) => a - b
      expect(poisoned.map(({ item }) => item).sort(ascending)).toEqual(bad.toSorted(ascending))
      expect(stored).toEqual(new Set(list(length).filter(item => !bad.includes(item))))
      // Halves of an odd number are uneven, so it may take what the next power of two takes.
      const halvings = Math.ceil(Math.log2(length)) - Math.log2(Math.max(1, bad.length))
      const most = 2 * bad.length * (halvings + 1) + 1
      expect(calls).toBeLessThanOrEqual(most)
    }),
  )
})

test('what the answer tells saves questions', async () => {
  const t = async (length: number, bad: readonly number[], how: Partial<Manner>, calls: number) => {
    const found = await siftAll(length, bad, { counts: false, storesOthers: false, names: false, ...how })
    expect(found.calls, JSON.stringify(how)).toBe(calls)
  }
  const oneOfMany = [4_711]
  const third = list(10_000).filter(item => item % 3 === 0)

  await t(10_000, [], {}, 1)
  await t(10_000, oneOfMany, {}, 27)
  await t(10_000, oneOfMany, { storesOthers: true, counts: true }, 20)
  await t(10_000, oneOfMany, { storesOthers: true, counts: true, names: true }, 2)
  await t(10_000, third, { storesOthers: true, counts: true, names: true }, 2)
  await t(10_000, third, { counts: true, names: true }, 3)
  await t(10_000, list(10_000), { storesOthers: true, counts: true }, 1)
})

test('a flood of bad lines is cut short, and none of them is lost', async () => {
  const { poisoned, stored, calls } = await siftAll(
    10_000,
    list(10_000).filter(item => item % 2 === 0),
    { counts: false, storesOthers: false, names: false },
  )
  expect(calls).toBeLessThan(callsMax + 20)
  expect(poisoned.length + stored.size).toBeGreaterThanOrEqual(10_000)
  expect(poisoned.some(({ reason }) => reason.startsWith('not told apart from others'))).toBe(true)
})

test('each is told with the reason that names it', async () => {
  const how = { counts: true, storesOthers: true, names: true }
  expect((await siftAll(9, [2, 5], how)).poisoned).toEqual([
    { item: 2, reason: '2 is named' },
    { item: 5, reason: '5 is named' },
  ])
})

test('what was named and is good after all does not win over what came behind it, nor lose to what came before', async () => {
  // Written as `time=value`; those with a ! are named, the one with two is bad.
  const t = async (items: readonly string[], othersStored: boolean, wanted: string) => {
    const written = new Map<string, string>()
    const put = (part: readonly string[]): void => {
      for (const [time = '', value = ''] of part.map(each => each.split(/[=!]/))) written.set(time, value)
    }
    const refusal: Refusal<string> = {
      reason: 'bad',
      othersStored,
      count: 1,
      blame: item => (item.includes('!') ? 'named' : undefined),
    }
    const store = async (part: readonly string[]): Promise<Refusal<string> | undefined> => {
      const isBad = part.some(each => each.endsWith('!!'))
      if (othersStored || !isBad) put(part.filter(each => !each.endsWith('!!')))
      return isBad ? refusal : undefined
    }
    await store(items)
    expect((await sift(items, refusal, store)).map(each => each.item)).toEqual(['9=0!!'])
    expect(written.get('1')).toBe(wanted)
  }
  for (const othersStored of [true, false]) {
    await t(['1=a', '9=0!!', '1=b!'], othersStored, 'b')
    await t(['1=a!', '9=0!!', '1=b'], othersStored, 'b')
  }
})

test('when the database goes away in the middle, everything is given again', async () => {
  let calls = 0
  const store = async (): Promise<Refusal<number>> => {
    if (++calls > 3) throw new Error('gone')
    return { reason: 'bad', othersStored: false }
  }
  await expect(sift(list(100), { reason: 'bad', othersStored: false }, store)).rejects.toThrow('gone')
})
