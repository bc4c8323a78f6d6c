// The agent with inputs of the tests' own: when they are read, and what one that misbehaves may not do.
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import type { Gathered, Input } from '../../collector/input.ts'
import { every, openWorld, startMs } from './agent-world.ts'

const one: Input = { gather: into => into.add('mem_total', 1) }

test('reads at once, a second later, then at whole multiples of the interval', async () => {
  const world = openWorld()
  world.open([every(10_000, one)])
  await world.clock.runFor(30_000)
  // It starts at …3.250 s; stamps are whole seconds.
  expect(world.rows()).toEqual([
    'mem_total{host="web-1"} 1 @-0.25',
    'mem_total{host="web-1"} 1 @0.75',
    'mem_total{host="web-1"} 1 @6.75',
    'mem_total{host="web-1"} 1 @16.75',
    'mem_total{host="web-1"} 1 @26.75',
  ])
})

test('puts host and tags on everything; a label of the input wins', async () => {
  const world = openWorld()
  const input: Input = {
    gather(into) {
      into.add('net_bytes_recv', 5, { interface: 'eth0', rack: 'mine' })
      into.add('mem_total', undefined)
      into.add('mem_free', 0)
      const labels = labelsOf([
        ['__proto__', 'x'],
        ['host', 'other'],
      ])
      into.pass({ series: { name: 'foreign', labels }, tMs: startMs, value: 7 })
    },
  }
  world.open([every(60_000, input, { tags: { role: 'db' } })], { rack: 'r1', zone: 'z', empty: '' })
  await world.clock.runFor(200)
  expect(world.rows()).toEqual([
    'net_bytes_recv{host="web-1",interface="eth0",rack="mine",role="db",zone="z"} 5 @-0.25',
    'mem_free{host="web-1",rack="r1",role="db",zone="z"} 0 @-0.25',
    'foreign{__proto__="x",host="other",rack="r1",role="db",zone="z"} 7 @0',
  ])
})

test('what is gathered together is one batch, stamped once', async () => {
  const world = openWorld()
  world.open([every(10_000, one), every(10_000, { gather: into => into.add('mem_free', 2) })])
  await world.clock.runFor(150)
  expect(
    world.published.map(({ receivedAtMs, rows }) => [receivedAtMs - startMs, rows.series.length]),
  ).toEqual([[100, 2]])
})

test('a slow input is read again only when it has ended, and delays nobody', async () => {
  const world = openWorld()
  let readings = 0
  let release = (): void => {}
  const slow: Input = {
    async gather(into) {
      readings += 1
      await new Promise<void>(resolve => {
        release = resolve
      })
      into.add('swap_total', readings)
    },
  }
  world.open([every(1_000, slow, { name: 'swap', deadlineMs: 60_000 }), every(1_000, one)])
  await world.clock.runFor(5_000)
  expect(readings).toBe(1)
  expect(world.count('plimsoll_agent_skipped_ticks_total', { input: 'swap' })).toBe(5)
  expect(world.rows().filter(row => row.startsWith('mem_total'))).toHaveLength(6)

  release()
  await world.clock.runFor(1_000)
  expect(readings).toBe(2)
  expect(world.rows().filter(row => row.startsWith('swap_total'))).toEqual([
    'swap_total{host="web-1"} 1 @-0.25',
  ])
})

test('after its deadline an input is told to stop, counted, and no longer listened to', async () => {
  const world = openWorld()
  let signal: AbortSignal | undefined
  let say = (): void => {}
  const late: Input = {
    gather: (into: Gathered, given: AbortSignal) =>
      new Promise(resolve => {
        signal = given
        say = () => {
          into.add('mem_total', 9)
          resolve()
        }
      }),
  }
  world.open([every(10_000, late)])
  await world.clock.runFor(4_999)
  expect(signal?.aborted).toBe(false)
  await world.clock.runFor(1)
  expect(signal?.aborted).toBe(true)
  expect(world.count('plimsoll_agent_gather_failures_total', { input: 'mem' })).toBe(1)
  expect(world.said()).toMatchObject([
    { msg: 'input mem fails', error: { detail: 'mem: did not answer within 5000 ms' } },
  ])
  say()
  await world.clock.runFor(1_000)
  expect(world.rows()).toEqual([])
})

test('a failing input is counted each time, told once, and once more when it works again', async () => {
  const world = openWorld()
  let isBroken = true
  const shaky: Input = {
    gather(into) {
      into.add('mem_free', 1)
      if (isBroken) throw new Failure('unreadable', '/proc/meminfo: wanted lines, found none')
    },
  }
  world.open([every(10_000, shaky), every(10_000, one)])
  await world.clock.runFor(300_000)
  isBroken = false
  await world.clock.runFor(20_000)
  expect(world.count('plimsoll_agent_gather_failures_total', { input: 'mem' })).toBe(32)
  expect(world.said().map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    'warn input mem fails',
    'info input mem works again',
  ])
  expect(world.said()[1]).toMatchObject({ failures: 32 })
  // What it had found before it failed is kept.
  expect(world.rows().filter(row => row.startsWith('mem_free'))).toHaveLength(34)
  expect(world.rows().filter(row => row.startsWith('mem_total'))).toHaveLength(34)
})

test('a stream writes whenever it has something, and is started again when it ends', async () => {
  const world = openWorld()
  let starts = 0
  const stream: Input = {
    async run(into, signal) {
      starts += 1
      into.note('kernel_log', `start ${starts}`, { level: 'info' })
      await world.clock.sleep(500, signal)
      into.add('mem_total', starts)
      throw new Error('the pipe broke')
    },
  }
  const agent = world.open([every(1_000, stream)])
  await world.clock.runFor(2_500)
  // 0 s, after a pause of 1 s at 1.5 s; the next pause is 2 s.
  expect(starts).toBe(2)
  expect(world.rows()).toEqual(['mem_total{host="web-1"} 1 @0.5', 'mem_total{host="web-1"} 2 @2'])
  expect(world.published.flatMap(({ notes }) => notes.map(note => note.text))).toEqual(['start 1', 'start 2'])
  expect(world.count('plimsoll_agent_gather_failures_total', { input: 'mem' })).toBe(2)
  await world.clock.runFor(1_499)
  expect(starts).toBe(2)
  await world.clock.runFor(1)
  expect(starts).toBe(3)
  await agent.close()
  await world.clock.runFor(60_000)
  expect(starts).toBe(3)
})

test('closing ends every reading, hands on what was gathered, and takes nothing more', async () => {
  const world = openWorld()
  let into: Gathered | undefined
  let readings = 0
  const agent = world.open([
    every(1_000, {
      gather(given) {
        readings += 1
        into = given
        given.add('mem_total', 1)
      },
    }),
  ])
  await agent.close()
  expect(world.rows()).toHaveLength(1)
  into?.add('mem_total', 2)
  await world.clock.runFor(60_000)
  expect(world.rows()).toHaveLength(1)
  expect(readings).toBe(1)
})

test('closing waits for streams, but not for ever', async () => {
  const world = openWorld()
  const deaf: Input = { run: () => new Promise(() => {}) }
  const closing = world.open([every(1_000, deaf)]).close()
  let isClosed = false
  void closing.then(() => {
    isClosed = true
  })
  await world.clock.runFor(999)
  expect(isClosed).toBe(false)
  await world.clock.runFor(1)
  expect(isClosed).toBe(true)
})

test('counts what is no number, what the series table refuses, and what no line can carry', async () => {
  const world = openWorld({ seriesMax: 1 })
  world.open([
    every(60_000, {
      gather(into) {
        into.add('mem_total', Number.NaN)
        into.add('mem_total', Number.POSITIVE_INFINITY)
        into.add('mem_total', 4)
        into.add('mem_free', 5)
        into.note('kernel_log', 'no room')
        into.add('disk_used', 6, { path: '/mnt/a\nb' })
      },
    }),
  ])
  await world.clock.runFor(200)
  expect(world.rows()).toEqual(['mem_total{host="web-1"} 4 @-0.25'])
  expect(world.count('plimsoll_agent_dropped_total', { reason: 'not_a_number' })).toBe(2)
  expect(world.count('plimsoll_agent_dropped_total', { reason: 'series_limit' })).toBe(2)
  // Line protocol could not carry it to another process.
  expect(world.count('plimsoll_agent_dropped_total', { reason: 'unfit_text' })).toBe(1)
})
