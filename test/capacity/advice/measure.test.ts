import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { MemorySource } from '#promql/memory-source.ts'
import type { Source } from '#promql/source.ts'
import { measure, measureMachines } from '../../../capacity/advice/measure.ts'
import type { Machine } from '../../../capacity/advice/placement.ts'
import type { AdviceSettings } from '../../../capacity/pool.ts'
import { settings, startMs } from './world.ts'

function at(...samples: (readonly [string, Record<string, string>, number])[]) {
  const source = new MemorySource()
  for (const [name, labels, value] of samples) source.put({ name, labels }, startMs, value)
  return { source, atMs: startMs, signal: new AbortController().signal }
}

test('each question is one number, or a reason that says what to do', async () => {
  const there = at(
    ['busy', { pool: 'web' }, 12.5],
    ['busy', { pool: 'db' }, 1],
    ['n', {}, 3],
    ['none', {}, Number.NaN],
  )
  const t = async (busy: string, processes: string, wanted: object) =>
    expect(await measure({ ...settings, busy, processes }, there), busy).toEqual(wanted)

  await t('sum(busy)', 'n', { busySeconds: 13.5, processes: 3 })
  await t('7', 'scalar(n)', { busySeconds: 7, processes: 3 })
  await t('busy', 'n', { missing: 'busy: wanted one number, found 2 series: put sum(…) around it' })
  await t('gone', 'n', { missing: 'busy: nothing is measured' })
  await t('sum(busy)', 'gone', { missing: 'processes: nothing is measured' })
  await t('sum(busy)', '"n"', { missing: 'processes: wanted one number, found a text' })
  await t('busy[5m]', 'n', { missing: 'busy: wanted one number, found a range of them' })
  await t('sum(busy)', 'none', { busySeconds: 13.5, processes: Number.NaN })
})

test('a store that fails is a reason, a fault of ours is not', async () => {
  const with_ = (error: Error) => ({
    ...at(),
    source: {
      select: () => {
        throw error
      },
    } satisfies Source,
  })
  const failing = with_(new Failure('store_unavailable', 'no database'))
  expect(await measure(settings, failing)).toEqual({ missing: 'busy: no database' })
  expect(await measureMachines({ ...settings, cores: 'cores' }, failing)).toBe('no database')
  await expect(measure(settings, with_(new RangeError('a bug')))).rejects.toThrow('a bug')
})

test('machines come from cores, and what runs on them from placed', async () => {
  const t = async (
    there: ReturnType<typeof at>,
    change: Partial<AdviceSettings>,
    wanted: string | Machine[],
  ) => expect(await measureMachines({ ...settings, cores: 'cores', ...change }, there)).toEqual(wanted)
  const workers = (found: Record<string, number>) => new Map(Object.entries(found))

  const there = at(
    ['cores', { host: 'a' }, 4],
    ['cores', { host: 'b' }, 8],
    ['placed', { host: 'a', proxy: 'p' }, 2],
    ['placed', { host: 'a', proxy: 'q' }, 1],
    ['placed', { host: 'lost', proxy: 'q' }, 1],
  )
  const lost = { host: 'lost', cores: Number.NaN, proxies: [] }
  await t(there, { placed: 'placed', proxyLabel: 'proxy' }, [
    { host: 'a', cores: 4, proxies: [], workers: workers({ p: 2, q: 1 }) },
    { host: 'b', cores: 8, proxies: [], workers: workers({}) },
    { ...lost, workers: workers({ q: 1 }) },
  ])
  // Without proxies they are counted together.
  await t(there, { placed: 'placed' }, [
    { host: 'a', cores: 4, proxies: [], workers: workers({ '': 3 }) },
    { host: 'b', cores: 8, proxies: [], workers: workers({}) },
    { ...lost, workers: workers({ '': 1 }) },
  ])
  await t(there, { placed: undefined, cores: 'cores{host="a"}' }, [
    { host: 'a', cores: 4, proxies: [], workers: workers({}) },
  ])
  // A machine behind several proxies is said once for each.
  const behind = at(['cores', { host: 'a', proxy: 'q' }, 4], ['cores', { host: 'a', proxy: 'p' }, 4])
  await t(behind, { proxyLabel: 'proxy' }, [
    { host: 'a', cores: 4, proxies: ['p', 'q'], workers: workers({}) },
  ])

  await t(there, { cores: undefined }, 'no machines are configured')
  await t(there, { cores: 'gone' }, 'cores: nothing is measured')
  await t(there, { cores: '4' }, '4: wanted a number for each host')
})
