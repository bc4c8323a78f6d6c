// What every store engine must do. Called with a way to open one on an empty place, by the engines' own tests.
import { afterEach, describe, expect, test } from 'vitest'
import type { Batch } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import type { Matcher } from '#core/model.ts'
import type { SeriesTable } from '#core/series.ts'
import { isStale, writeStale } from '#core/stale.ts'
import type { Store } from '#core/store.ts'

export type Opened = Readonly<{ store: Store; table: SeriesTable }>

const minute = 60_000
const nowMs = Date.UTC(2026, 10, 20, 12)
const always = { fromMs: nowMs - 365 * 86_400_000, toMs: nowMs + 3_600_000 }
const is = (name: string, value: string): Matcher => ({ name, op: '=', value })

// What not every database can; an engine that can everything leaves it out.
export type Abilities = Readonly<{
  // Of two values of one series and time, the later is kept, whenever it comes.
  overwrites: boolean
  staleMarkers: boolean
  // Every bit of every number, NaN and -0 too.
  exactNumbers: boolean
  // Labels hold what line protocol cannot write: a newline, a backslash at the end.
  anyText?: boolean
}>
const allAbilities: Abilities = { overwrites: true, staleMarkers: true, exactNumbers: true, anyText: true }

export function storeContract(name: string, open: () => Promise<Opened>, can = allAbilities): void {
  describe(`store: ${name}`, () => {
    let opened: Opened | undefined
    afterEach(async () => opened?.store.close())

    const fraction = can.exactNumbers ? 0.1 + 0.2 : 0.3
    type Point = readonly [tMs: number, value: number]
    const write = async (series: string, labels: Record<string, string>, points: readonly Point[]) => {
      const { store, table } = opened!
      const id = table.intern(series, labelsOf(Object.entries(labels)))
      const rows: Batch['rows'] = {
        series: Uint32Array.from(points, () => id),
        tMs: Float64Array.from(points, ([tMs]) => tMs),
        values: Float64Array.from(points, ([, value]) => value),
      }
      await store.append([{ receivedAtMs: nowMs, partition: 0, rows, notes: [] }])
    }
    const read = async (matchers: readonly Matcher[], range = always) => {
      const found = await opened!.store.select(matchers, range)
      return found
        .map(({ series, tMs, values }) => ({
          is: [series.name, ...Object.entries(series.labels).map(each => each.join('='))].join(' '),
          points: Array.from(tMs, (t, at) => [t, values[at]]),
        }))
        .sort((a, b) => (a.is < b.is ? -1 : 1))
    }

    test('what is acknowledged is read back', async () => {
      opened = await open()
      await write('up', { host: 'a' }, [
        [nowMs, 1],
        [nowMs + 10_000, fraction],
      ])

      expect(await read([is('__name__', 'up')])).toEqual([
        {
          is: 'up host=a',
          points: [
            [nowMs, 1],
            [nowMs + 10_000, fraction],
          ],
        },
      ])
    })

    test('both ends of a range belong to it', async () => {
      opened = await open()
      await write('up', {}, [
        [nowMs - 1, 1],
        [nowMs, 2],
        [nowMs + 5, 3],
        [nowMs + 6, 4],
      ])

      const found = await read([is('__name__', 'up')], { fromMs: nowMs, toMs: nowMs + 5 })

      expect(found).toEqual([
        {
          is: 'up',
          points: [
            [nowMs, 2],
            [nowMs + 5, 3],
          ],
        },
      ])
    })

    test('of two samples of one series and time in one batch the last stays', async () => {
      opened = await open()
      await write('up', {}, [
        [nowMs, 1],
        [nowMs, 3],
        [nowMs, 2],
      ])

      expect(await read([is('__name__', 'up')])).toEqual([{ is: 'up', points: [[nowMs, 2]] }])
    })

    test.runIf(can.overwrites)('what is written again later stays', async () => {
      opened = await open()
      await write('up', {}, [[nowMs, 3]])
      await write('up', {}, [[nowMs, 2]])

      expect(await read([is('__name__', 'up')])).toEqual([{ is: 'up', points: [[nowMs, 2]] }])
    })

    test('what is written twice is there once', async () => {
      opened = await open()
      for (let each = 0; each < 2; each++) {
        await write('up', {}, [
          [nowMs - 1, 1],
          [nowMs, 2],
        ])
      }

      const points = [
        [nowMs - 1, 1],
        [nowMs, 2],
      ]
      expect(await read([is('__name__', 'up')])).toEqual([{ is: 'up', points }])
    })

    test('late and disordered samples are put in their places', async () => {
      opened = await open()
      const day = 86_400_000
      await write('up', {}, [
        [nowMs, 4],
        [nowMs - minute, 3],
      ])
      await write('up', {}, [
        [nowMs - 3 * day, 1],
        [nowMs - 2 * day, 2],
      ])

      const found = await read([is('__name__', 'up')])

      expect(found[0]?.points.map(([, value]) => value)).toEqual([1, 2, 3, 4])
    })

    test('matchers select as in Prometheus', async () => {
      opened = await open()
      await write('up', { host: 'a', rack: '1' }, [[nowMs, 1]])
      await write('up', { host: 'b' }, [[nowMs, 1]])
      await write('down', { host: 'a' }, [[nowMs, 1]])
      const t = async (matchers: readonly Matcher[], ...wanted: string[]) =>
        expect((await read(matchers)).map(each => each.is)).toEqual(wanted)

      await t([is('host', 'a')], 'down host=a', 'up host=a rack=1')
      await t([is('__name__', 'up'), { name: 'host', op: '!=', value: 'a' }], 'up host=b')
      await t(
        [{ name: 'host', op: '=~', value: 'a|b' }, is('__name__', 'up')],
        'up host=a rack=1',
        'up host=b',
      )
      await t([{ name: 'host', op: '!~', value: '[a]' }], 'up host=b')
      // An absent label is an empty one.
      await t([is('rack', ''), is('__name__', 'up')], 'up host=b')
      await t([is('__name__', 'nothing')])
    })

    test.runIf(can.exactNumbers)(
      'NaN, infinities and the smallest and largest numbers keep their bits',
      async () => {
        opened = await open()
        const values = [
          Number.NaN,
          Number.POSITIVE_INFINITY,
          Number.NEGATIVE_INFINITY,
          -0,
          5e-324,
          1.7976931348623157e308,
        ]
        await write(
          'up',
          {},
          values.map((value, at) => [nowMs + at, value]),
        )

        const [up] = await opened.store.select([is('__name__', 'up')], always)

        expect([...(up?.values ?? [])]).toEqual(values)
        expect(isStale(up!.values, 0)).toBe(false)
      },
    )

    test.runIf(can.staleMarkers)('the stale marker is read as one', async () => {
      opened = await open()
      const id = opened.table.intern('gone', labelsOf([]))
      const rows = { series: Uint32Array.of(id), tMs: Float64Array.of(nowMs), values: new Float64Array(1) }
      writeStale(rows.values, 0)
      await opened.store.append([{ receivedAtMs: nowMs, partition: 0, rows, notes: [] }])

      const [gone] = await opened.store.select([is('__name__', 'gone')], always)

      expect(isStale(gone!.values, 0)).toBe(true)
    })

    test('labels are any text', async () => {
      opened = await open()
      const odd = can.anyText === true ? ['\\', '\n'] : ['\\ ', '']
      const labels = { host: `机器 "1"${odd[0]}`, constructor: 'x', 'a b,c=d': `\u{1f600}${odd[1]}` }
      await write('up', labels, [[nowMs, 1]])
      await write('up', { ['__proto__']: 'y' }, [[nowMs, 1]])

      const [found] = await opened.store.select([is('constructor', 'x')], always)
      const [proto] = await opened.store.select([is('__proto__', 'y')], always)

      expect({ ...found?.series.labels }).toEqual(labels)
      expect(Object.keys(proto?.series.labels ?? {})).toEqual(['__proto__'])
    })

    test('names and values of labels are listed', async () => {
      opened = await open()
      await write('up', { host: 'a', rack: '1' }, [[nowMs, 1]])
      await write('down', { host: 'b' }, [[nowMs, 1]])
      const { store } = opened

      expect(await store.labelNames([], always)).toEqual(['__name__', 'host', 'rack'])
      expect(await store.labelNames([is('__name__', 'down')], always)).toEqual(['__name__', 'host'])
      expect(await store.labelValues('host', [], always)).toEqual(['a', 'b'])
      expect(await store.labelValues('__name__', [is('host', 'a')], always)).toEqual(['up'])
    })

    test('the last value of each series within a range', async () => {
      opened = await open()
      await write('up', { host: 'a' }, [
        [nowMs, 1],
        [nowMs + minute, 2],
        [nowMs - minute, 3],
      ])
      await write('up', { host: 'b' }, [[nowMs - 2 * minute, 7]])
      const t = async (toMs: number) => {
        const found = await opened!.store.last([is('__name__', 'up')], { fromMs: nowMs - minute, toMs })
        return found.map(({ series, tMs, value }) => [series.labels['host'], tMs, value])
      }

      expect(await t(nowMs + minute)).toEqual([['a', nowMs + minute, 2]])
      expect(await t(nowMs + 1)).toEqual([['a', nowMs, 1]])
    })

    test('notes are read newest first, each once', async () => {
      opened = await open()
      const { store, table } = opened
      const id = table.intern('kernel_line', labelsOf([['host', 'a']]))
      const rows = { series: new Uint32Array(0), tMs: new Float64Array(0), values: new Float64Array(0) }
      const notes = [
        { series: id, tMs: nowMs, text: 'first' },
        { series: id, tMs: nowMs + 1, text: 'second "quoted"\n机' },
      ]
      await store.append([{ receivedAtMs: nowMs, partition: 0, rows, notes }])
      // A sender that heard nothing sends again.
      await store.append([{ receivedAtMs: nowMs, partition: 0, rows, notes }])

      const found = await store.notes([is('host', 'a')], always, 10)

      expect(found.map(({ text }) => text)).toEqual(['second "quoted"\n机', 'first'])
      expect(found[0]?.series).toEqual({ name: 'kernel_line', labels: labelsOf([['host', 'a']]) })
      expect(await store.notes([], always, 1)).toHaveLength(1)
      expect(await store.notes([], { fromMs: nowMs + 2, toMs: nowMs + 9 }, 10)).toEqual([])
    })

    test('whoever stops waiting hears why, before the question and during it', async () => {
      opened = await open()
      const { store } = opened
      await write('up', { host: 'a' }, [[nowMs, 1]])
      const up = [is('__name__', 'up')]
      const asks = (signal: AbortSignal): Promise<unknown>[] => [
        store.select(up, always, signal),
        store.series(up, always, signal),
      ]
      const reason = new Error('gone')
      await Promise.all(asks(AbortSignal.abort(reason)).map(each => expect(each).rejects.toBe(reason)))
      const caller = new AbortController()
      const asked = store.select(up, always, caller.signal)
      caller.abort(reason)
      await expect(asked).rejects.toBe(reason)
      // Nobody else is hurt.
      expect(await store.select(up, always, new AbortController().signal)).toHaveLength(1)
    })

    test('many batches at once are all there afterwards', async () => {
      opened = await open()
      await Promise.all(
        Array.from({ length: 200 }, (_, at) => write('many', { part: String(at % 7) }, [[nowMs + at, at]])),
      )

      const found = await read([is('__name__', 'many')])

      expect(found).toHaveLength(7)
      expect(found.flatMap(each => each.points)).toHaveLength(200)
    })
  })
}
