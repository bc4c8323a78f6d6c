// What every bus engine must do. Called with a way to open one, by test/core/bus.test.ts for the one in this process
// and by test/live/kafka-bus.test.ts for Kafka.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Batch } from '#core/batch.ts'
import type { At, Bus, Place, Start, SubscribeOptions } from '#core/bus.ts'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import type { Notice } from '#core/model.ts'
import { SeriesTable } from '#core/series.ts'

export type Engine = Readonly<{
  name: string
  open: (table: SeriesTable) => Promise<Bus>
  // Whether records stay on it, so that they can be read later and again.
  keeps: boolean
}>

// What is far in the past would fall out of a topic at once.
const startMs = Date.now()

export function batchOf(table: SeriesTable, partition: number, number: number): Batch {
  const series = table.intern('up', labelsOf([['host', `h${partition}`]]))
  const receivedAtMs = startMs + number
  return {
    receivedAtMs,
    partition,
    rows: {
      series: Uint32Array.of(series, series),
      tMs: Float64Array.of(receivedAtMs - 1, receivedAtMs),
      values: Float64Array.of(number, 0.5),
    },
    notes: [{ series, tMs: receivedAtMs, text: 'said "x"' }],
  }
}

const numberOf = ({ receivedAtMs }: Batch): number => receivedAtMs - startMs

// Engines give the same content in different clothes.
const contentOf = ({ receivedAtMs, partition, rows, notes }: Batch, table: SeriesTable) => ({
  receivedAtMs,
  partition,
  rows: [...rows.series].map((id, at) => [table.get(id), rows.tMs[at], rows.values[at]]),
  notes: notes.map(({ series, tMs, text }) => [table.get(series), tMs, text]),
})

export function busContract({ name, open, keeps }: Engine): void {
  describe(`bus: ${name}`, () => {
    let bus: Bus
    let table: SeriesTable
    beforeEach(async () => {
      table = new SeriesTable()
      bus = await open(table)
    })
    afterEach(() => bus.close())

    const publish = (partition: number, ...numbers: readonly number[]): Promise<void> =>
      bus.publish(
        'samples',
        numbers.map(each => batchOf(table, partition, each)),
      )

    test('every group sees every record, in order', async () => {
      const seen: Record<string, number[]> = { one: [], two: [] }
      for (const group of ['one', 'two']) {
        await bus.subscribe('samples', group, async records => {
          seen[group]?.push(...records.map(numberOf))
        })
      }

      await publish(3, 1, 2)
      await publish(3, 3)

      await expect.poll(() => seen).toEqual({ one: [1, 2, 3], two: [1, 2, 3] })
    })

    test('a batch arrives as it was sent', async () => {
      const seen: unknown[] = []
      await bus.subscribe('samples', 'one', async records => {
        seen.push(...records.map(each => contentOf(each, table)))
      })

      await publish(7, 5)

      await expect.poll(() => seen).toEqual([contentOf(batchOf(table, 7, 5), table)])
    })

    test('lines of other producers and dead letters arrive as they were sent', async () => {
      const seen: unknown[] = []
      await bus.subscribe('ingest', 'one', async records => {
        seen.push(...records.map(each => ({ ...each, text: Buffer.from(each.text).toString() })))
      })
      await bus.subscribe('deadletter', 'one', async records => void seen.push(...records))
      const letter = { v: 1, atMs: startMs, from: 'ingest', reason: 'no field', line: 'cpu 1' } as const

      await bus.publish('ingest', [{ key: 'h1', atMs: startMs, text: Buffer.from('cpu a=1i 5\n') }])
      await expect.poll(() => seen).toEqual([{ key: 'h1', atMs: startMs, text: 'cpu a=1i 5\n' }])
      await bus.publish('deadletter', [letter])

      await expect.poll(() => seen.at(-1)).toEqual(letter)
    })

    test('what rooms have to say to people arrives as it was said', async () => {
      const seen: unknown[] = []
      await bus.subscribe('notices', 'one', async records => void seen.push(...records))
      const notice: Notice = {
        v: 1,
        id: 'capacity/2026-12',
        atMs: startMs,
        receiver: null,
        title: '扩容申请',
        text: 'db: 4\nweb: 2',
        path: '/capacity',
        urgency: 'normal',
        picture: 'iVBORw0K',
      }

      await bus.publish('notices', [notice])

      await expect.poll(() => seen).toEqual([notice])
    })

    test('what was published may be used for something else at once', async () => {
      const seen: unknown[] = []
      await bus.subscribe('ingest', 'one', async records => {
        seen.push(...records.map(each => Buffer.from(each.text).toString()))
      })
      const text = Buffer.from('cpu a=1i 5\n')

      await bus.publish('ingest', [{ key: 'h1', atMs: startMs, text }])
      text.fill(0)

      await expect.poll(() => seen).toEqual(['cpu a=1i 5\n'])
    })

    test('members of a group share the records: none twice', async () => {
      const seen: number[] = []
      const take = async (records: readonly Batch[]): Promise<void> =>
        void seen.push(...records.map(numberOf))
      await bus.subscribe('samples', 'one', take)
      await bus.subscribe('samples', 'one', take)

      for (let each = 0; each < 10; each++) await publish(each, each)

      await expect.poll(() => seen.sort((a, b) => a - b)).toEqual([...Array(10).keys()])
    })

    test('when a member stops, another goes on', async () => {
      const seen: string[] = []
      const first = await bus.subscribe('samples', 'one', async () => void seen.push('first'))
      await bus.subscribe('samples', 'one', async () => void seen.push('second'))
      await first.stop()

      await publish(1, 1)

      await expect.poll(() => seen).toEqual(['second'])
    })

    test('records of a paused partition wait until it is resumed, the others do not', async () => {
      const seen: number[] = []
      const subscription = await bus.subscribe('samples', 'one', async records => {
        seen.push(...records.map(numberOf))
      })
      subscription.pause([4, 9])
      const published = [publish(4, 1), publish(5, 2), publish(4, 3)]
      await expect.poll(() => seen).toEqual([2])
      published.push(publish(5, 4))
      await expect.poll(() => seen).toEqual([2, 4])

      subscription.resume([4])

      await expect.poll(() => seen).toEqual([2, 4, 1, 3])
      await Promise.all(published)
    })

    test('records that a handler did not deal with are given again', async () => {
      const seen: number[] = []
      let failures = 2
      await bus.subscribe('samples', 'one', async records => {
        if (failures-- > 0) throw new Failure('store_full', 'no space', { retryAfterMs: 10 })
        seen.push(...records.map(numberOf))
      })

      // Where nothing is kept, the publisher is who gives again.
      while (
        await publish(2, 1).then(
          () => false,
          () => !keeps,
        )
      );

      await expect.poll(() => seen).toEqual([1])
      expect(failures).toBe(-1)
    })

    test('calls for one partition begin in the order of publishing', async () => {
      const seen: number[] = []
      let atOnce = 0
      await bus.subscribe('samples', 'one', async records => {
        if (keeps) expect(++atOnce).toBe(1)
        seen.push(...records.map(numberOf))
        await new Promise(setImmediate)
        atOnce--
      })

      await Promise.all([...Array(30).keys()].map(each => publish(6, each)))

      await expect.poll(() => seen).toEqual([...Array(30).keys()])
    })

    test('a publish of nothing is a success', async () => {
      await bus.publish('samples', [])
      await bus.publish('deadletter', [])
    })

    test('it says whether it can be written, and takes nothing new when it is closed', async () => {
      expect(await bus.health()).toEqual({ writable: true })
      await bus.close()
      expect(await bus.health()).toEqual({ writable: false, reason: 'the bus is closed' })
      await expect(publish(1, 1)).rejects.toThrow('stopping')
    })

    test('closing waits for what a handler has in hand', async () => {
      const gate = Promise.withResolvers<void>()
      let done = 0
      let begun = false
      await bus.subscribe('samples', 'one', async () => {
        begun = true
        await gate.promise
        done++
      })
      const published = publish(1, 1)
      await expect.poll(() => begun).toBe(true)

      const closing = bus.close()
      gate.resolve()
      await Promise.all([published, closing])

      expect(done).toBe(1)
    })

    if (keeps) busKeepsContract(() => ({ bus, table }))
  })
}

function busKeepsContract(opened: () => { bus: Bus; table: SeriesTable }): void {
  const read = async (from: Start, expected: readonly number[]): Promise<Place[]> => {
    const seen: number[] = []
    const places: Place[] = []
    const subscription = await opened().bus.subscribe(
      'samples',
      'reader',
      async (records, place) => {
        seen.push(...records.map(numberOf))
        if (place !== undefined) places.push(place)
      },
      { from },
    )
    await expect.poll(() => seen.toSorted((a, b) => a - b)).toEqual(expected)
    await subscription.stop()
    return places
  }
  const publish = (partition: number, ...numbers: readonly number[]): Promise<void> =>
    opened().bus.publish(
      'samples',
      numbers.map(each => batchOf(opened().table, partition, each)),
    )

  test('a reader begins where it says, and a group where it was', async () => {
    for (const each of [1, 2, 3]) await publish(1, each)
    await publish(2, 4)

    await read('committed', [1, 2, 3, 4])
    await publish(2, 5)
    await read('committed', [5])
    const places = await read('beginning', [1, 2, 3, 4, 5])
    expect(places.filter(each => each.partition === 1).flatMap(each => each.offsets)).toEqual([0, 1, 2])
    expect(places).toContainEqual({ partition: 2, offsets: [0, 1], next: 2 })
    await read({ atMs: startMs + 3 }, [3, 4, 5])
    await read({ positions: new Map([[1, 2]]) }, [3, 4, 5])
    await read(
      {
        positions: new Map([
          [1, 3],
          [2, 1],
        ]),
      },
      [5],
    )
    // What was never there is no place to begin.
    await read(
      {
        positions: new Map([
          [1, 700],
          [2, 2],
        ]),
      },
      [1, 2, 3],
    )
    await publish(1, 6)
    await read('committed', [6])
  })

  // What it is handed, by partition.
  const follow = async (options: SubscribeOptions, hold: () => Promise<void> = async () => {}) => {
    const seen = new Map<number, number[]>()
    const subscription = await opened().bus.subscribe(
      'samples',
      'reader',
      async (records, place) => {
        const list = seen.get(place!.partition) ?? []
        seen.set(place!.partition, list)
        list.push(...records.map(numberOf))
        await hold()
      },
      options,
    )
    return { subscription, of: (partition: number) => seen.get(partition) ?? [] }
  }

  test('a reader that keeps its own positions goes on from wherever it seeks, forward and back', async () => {
    await publish(1, 10, 11, 12, 13)
    await publish(2, 20, 21)
    const { subscription, of } = await follow({ from: 'beginning' })
    await expect
      .poll(() => [of(1), of(2)])
      .toEqual([
        [10, 11, 12, 13],
        [20, 21],
      ])

    subscription.seek(new Map([[1, 2]]))
    await expect.poll(() => of(1)).toEqual([10, 11, 12, 13, 12, 13])
    subscription.seek(
      new Map([
        [1, 4],
        [2, 2],
      ]),
    )
    subscription.seek(new Map([[1, 3]]))
    await expect.poll(() => of(1)).toEqual([10, 11, 12, 13, 12, 13, 13])
    await publish(1, 14)
    await publish(2, 22)

    await expect.poll(() => of(1)).toEqual([10, 11, 12, 13, 12, 13, 13, 14])
    await expect.poll(() => of(2)).toEqual([20, 21, 22])
  })

  test('a reader that begins paused is handed nothing before it resumes, from where it has sought by then', async () => {
    await publish(1, 10, 11, 12)
    await publish(2, 20, 21, 22)
    await publish(3, 30)
    const own = await follow({ from: 'beginning', paused: true })
    const shared = await opened().bus.subscribe('samples', 'shared', async () => {}, { paused: true })
    own.subscription.seek(new Map([[2, 1]]))
    own.subscription.resume([2])
    await expect.poll(() => own.of(2)).toEqual([21, 22])
    own.subscription.pause([2])
    own.subscription.seek(
      new Map([
        [1, 2],
        [2, 0],
      ]),
    )
    await publish(2, 23)
    own.subscription.resume([1])

    await expect.poll(() => own.of(1)).toEqual([12])
    expect([own.of(2), own.of(3)]).toEqual([[21, 22], []])
    own.subscription.resume([2])
    await expect.poll(() => own.of(2)).toEqual([21, 22, 20, 21, 22, 23])
    await shared.stop()
    expect(own.of(3)).toEqual([])
  })

  test('a call under way ends before what was sought, and does not move the reader back', async () => {
    await publish(1, 10, 11, 12)
    const gates: PromiseWithResolvers<void>[] = []
    const { subscription, of } = await follow({ from: 'beginning' }, () => {
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      return gate.promise
    })
    await expect.poll(() => of(1)).toEqual([10, 11, 12])
    subscription.seek(new Map([[1, 1]]))
    await publish(1, 13)
    expect([of(1), gates.length]).toEqual([[10, 11, 12], 1])

    gates[0]!.resolve()
    await expect.poll(() => gates.length).toBeGreaterThan(1)
    await expect.poll(() => of(1).slice(3, 5)).toEqual([11, 12])
    // A call that fails is not made again either.
    subscription.seek(new Map([[1, 3]]))
    const before = of(1).length
    for (const each of gates.slice(1)) each.reject(new Failure('store_full', 'no space'))
    await expect.poll(() => of(1).slice(before)).toEqual([13])
    gates.at(-1)!.resolve()
  })

  test('who goes by what the group has committed cannot seek', async () => {
    const { subscription } = await follow({})
    expect(() => subscription.seek(new Map([[1, 0]]))).toThrow('cannot seek')
    await subscription.stop()
    const own = await follow({ from: 'beginning' })
    expect(() => own.subscription.seek(new Map([[1, -1]]))).toThrow('no record -1')
  })

  test('it tells where records stand: the oldest, the next, and those of a time', async () => {
    await publish(1, 1_000, 2_000, 3_000)
    await publish(2, 2_500)
    const { bus } = opened()
    const t = async (at: At, one: number, two: number) => {
      const places = await bus.places('samples', at)
      expect([places.size, places.get(1), places.get(2), places.get(3)]).toEqual([64, one, two, 0])
    }
    await t('beginning', 0, 0)
    await t('end', 3, 1)
    await t({ atMs: startMs }, 0, 0)
    await t({ atMs: startMs + 2_000 }, 1, 0)
    await t({ atMs: startMs + 2_001 }, 2, 0)
    await t({ atMs: startMs + 2_501 }, 2, 1)
    await t({ atMs: startMs + 3_001 }, 3, 1)
    await bus.close()
    await expect(bus.places('samples', 'end')).rejects.toThrow('stopping')
  })

  test('what is in hand when a reader stops is not given again', async () => {
    const gate = Promise.withResolvers<void>()
    const seen: number[] = []
    const first = await opened().bus.subscribe('samples', 'one', async records => {
      seen.push(...records.map(numberOf))
      await gate.promise
    })
    await publish(1, 1)
    await expect.poll(() => seen).toEqual([1])
    const stopped = first.stop()
    gate.resolve()
    await stopped
    await publish(1, 2)
    await opened().bus.subscribe('samples', 'one', async records => void seen.push(...records.map(numberOf)))

    await expect.poll(() => seen).toEqual([1, 2])
  })
}
