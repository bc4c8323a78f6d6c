import { expect, test } from 'vitest'
import { openOthers } from '../../../query/front/others.ts'
import { nowMs, openStock, type Stock } from '../stock.ts'

const minute = 60_000
const hour = 60 * minute

test('hosts are told with the age of their newest sample, by host or by instance', async () => {
  const stock = openStock()
  const look = openOthers(stock)
  stock.put('system_load1', { host: 'own' }, [1])
  stock.put('system_load1', { host: 'b.example' }, [1, 1], 5_000)
  stock.put('node_load1', { instance: '10.0.0.1:9100', job: 'node' }, [1], 30_000)

  const { hosts, more } = await look('own')
  expect(hosts).toEqual([
    { name: '10.0.0.1:9100', lastMs: nowMs - 30_000 },
    { name: 'b.example', lastMs: nowMs - 5_000 },
  ])
  expect(more).toBe(0)
})

test('one that fell silent is looked for in the past, and one of long ago is said to be so', async () => {
  const stock = openStock()
  const look = openOthers(stock)
  stock.put('up', { host: 'hours' }, [1], 3 * hour)
  stock.put('up', { host: 'days' }, [1], 30 * hour)
  // Its first metric has ended long ago.
  stock.put('gone', { host: 'moved' }, [1], 30 * hour)
  stock.put('load', { host: 'moved' }, [1], 2 * hour)

  expect((await look('own')).hosts).toEqual([
    { name: 'days', lastMs: undefined },
    { name: 'hours', lastMs: nowMs - 3 * hour },
    { name: 'moved', lastMs: nowMs - 2 * hour },
  ])
})

test('one that sends seldom keeps its age between looks', async () => {
  const stock = openStock()
  const look = openOthers(stock)
  stock.put('up', { host: 'slow' }, [1])
  await look('own')
  await stock.clock.runFor(5 * minute)
  stock.put('up', { host: 'slow' }, [1])
  await stock.clock.runFor(4 * minute)

  // Nothing within two minutes, and no look while it spoke.
  expect((await look('own')).hosts).toEqual([{ name: 'slow', lastMs: nowMs + 5 * minute }])
})

test('a host that speaks by one series only is heard, whichever it is', async () => {
  const stock = openStock()
  const look = openOthers(stock)
  for (const name of ['a', 'b', 'c', 'd', 'e']) stock.put(name, { host: 'x' }, [1], 2 * hour)
  stock.put('e', { host: 'x' }, [1], 1_000)

  expect((await look('own')).hosts).toEqual([{ name: 'x', lastMs: nowMs - 1_000 }])
})

test('of many hosts the twenty that joined last are shown, by name, and the others counted', async () => {
  const stock = openStock()
  const look = openOthers(stock)
  for (let at = 0; at < 25; at++) stock.put('up', { host: `h${String(99 - at)}` }, [1])

  const { hosts, more } = await look('own')
  expect(hosts.map(each => each.name)).toEqual(Array.from({ length: 20 }, (_, at) => `h${75 + at}`))
  expect(more).toBe(5)
})

test('the newest series come with their last value, the newest first, own ones left out', async () => {
  const stock = openStock()
  const look = openOthers(stock)
  for (let at = 0; at < 30; at++) stock.put(`m${at}`, {}, [at])
  stock.put('m29', { deck: 'more' }, [-1])
  stock.put('cpu_usage_idle', { host: 'own' }, [1])

  const { newcomers } = await look('own')
  expect(
    newcomers.map(({ series, value }) => [series.name, Object.keys(series.labels).length, value]),
  ).toEqual([
    ['m29', 1, -1],
    ['m29', 0, 29],
    ['m28', 0, 28],
    ['m27', 0, 27],
    ['m26', 0, 26],
  ])
})

// Counts what is asked of the store.
function counting({ store }: Stock) {
  const asked = { times: 0 }
  const select: Stock['store']['select'] = (...question) => {
    asked.times += 1
    return store.select(...question)
  }
  return { asked, store: { select } }
}

test('a newest series keeps its last value when it falls silent, and series beside it are not mistaken for it', async () => {
  const stock = openStock()
  const look = openOthers(stock)
  for (let at = 0; at < 5; at++) stock.put('m', { slot: 'old', n: `${at}` }, [at])
  for (const n of ['a', 'b', 'c', 'd', 'e']) stock.put('m', { n }, [1])
  const values = async () =>
    (await look('own')).newcomers.map(({ series, value }) => `${series.labels['n']}${value}`)
  expect(await values()).toEqual(['e1', 'd1', 'c1', 'b1', 'a1'])
  await stock.clock.runFor(600_000)
  stock.put('m', { n: 'c' }, [2])
  expect(await values()).toEqual(['e1', 'd1', 'c2', 'b1', 'a1'])
})

test('a look costs what is new, and serves everyone for two seconds', async () => {
  const stock = openStock()
  const { asked, store } = counting(stock)
  const look = openOthers({ ...stock, store })
  stock.put('up', { host: 'x' }, [1])
  const [one, other] = await Promise.all([look('own'), look('own')])
  expect(one).toBe(other)
  const once = asked.times
  expect(once).toBeGreaterThan(0)
  await stock.clock.runFor(1_999)
  await look('own')
  expect(asked.times).toBe(once)

  await stock.clock.runFor(1)
  stock.put('up', { host: 'y' }, [1])
  expect((await look('own')).hosts.map(each => each.name)).toEqual(['x', 'y'])
})

test('the past is searched once a minute for those who stay silent', async () => {
  const stock = openStock()
  const { asked, store } = counting(stock)
  const look = openOthers({ ...stock, store })
  stock.put('up', { host: 'x' }, [1], 30 * hour)
  const t = async (times: number) => {
    asked.times = 0
    await look('own')
    expect(asked.times).toBe(times)
  }

  // Hosts: three metrics, everything, the past. Newest series: recent, past.
  await t(5)
  await stock.clock.runFor(30_000)
  await t(2)
  await stock.clock.runFor(30_000)
  await t(5)
})

test('a failure of the store is told, and not kept', async () => {
  const stock = openStock()
  let isBroken = true
  const select: typeof stock.store.select = async (...question) => {
    if (isBroken) throw new Error('broken')
    return stock.store.select(...question)
  }
  const look = openOthers({ ...stock, store: { select } })
  stock.put('up', { host: 'x' }, [1])
  await expect(look('own')).rejects.toThrow('broken')
  isBroken = false
  expect((await look('own')).hosts).toHaveLength(1)
})
