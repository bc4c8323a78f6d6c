// What the block devices do: /proc/diskstats, as counters since boot, and what follows from two readings: how
// long requests wait and how busy the device is.
import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { InputMetricName } from '#core/metrics-inputs.ts'
import { globTest } from '../../glob.ts'
import { type Gathered, inputKind } from '../../input.ts'
import { demand, type Machine, type MachinePath } from '../../machine.ts'

const options = z.strictObject({
  devices: z.array(text).optional().describe('Only these; patterns like `sd*` are allowed.'),
})

const path: MachinePath = '/proc/diskstats'
// The kernel counts in these, whatever the device does.
const sectorBytes = 512

type Stat = Readonly<{
  reads: number
  merged_reads: number
  read_bytes: number
  read_time: number
  writes: number
  merged_writes: number
  write_bytes: number
  write_time: number
  iops_in_progress: number
  io_time: number
  weighted_io_time: number
}>

export const diskio = inputKind({
  options,
  platforms: ['linux'],
  open({ devices }, { machine, clock }) {
    const wanted = devices === undefined ? () => true : globTest(devices)
    let before = new Map<string, Stat>()
    let beforeMs = 0
    return {
      gather(into) {
        const nowMs = clock.nowMs()
        const now = readStats(machine)
        for (const [name, stat] of now) {
          // Loop and RAM devices that nobody has ever used.
          if (!wanted(name) || Object.values(stat).every(value => value === 0)) continue
          for (const [field, value] of Object.entries(stat)) {
            into.add(`diskio_${field}` as InputMetricName, value, { name })
          }
          addRates(into, name, { was: before.get(name), is: stat, passedMs: nowMs - beforeMs })
        }
        before = now
        beforeMs = nowMs
      },
    }
  },
})

type Change = Readonly<{ was: Stat | undefined; is: Stat; passedMs: number }>

// Nothing after a reset: the device went and came back, or a counter of 32 bits began anew.
function addRates(into: Gathered, name: string, { was, is, passedMs }: Change): void {
  if (was === undefined) return
  const requests = is.reads - was.reads + is.writes - was.writes
  const waitedMs = is.read_time - was.read_time + is.write_time - was.write_time
  const busyMs = is.io_time - was.io_time
  const counters = ['reads', 'writes', 'read_time', 'write_time', 'io_time'] as const
  if (counters.some(each => is[each] < was[each])) return
  if (requests > 0) {
    into.add('diskio_io_await', waitedMs / requests, { name })
    into.add('diskio_io_svctm', busyMs / requests, { name })
  }
  if (passedMs > 0) into.add('diskio_io_util', (100 * busyMs) / passedMs, { name })
}

function readStats(machine: Machine): Map<string, Stat> {
  const found = new Map<string, Stat>()
  for (const line of demand(machine.read(path), path, 'a table of devices').split('\n')) {
    const [, name, rest] = /^ *\d+ +\d+ +(\S+) +(\d[\d ]*)$/.exec(line) ?? []
    const values = rest?.trim().split(/ +/).map(Number) ?? []
    if (name !== undefined && values.length >= 11) found.set(name, statOf(values))
  }
  return found
}

const statOf = (values: readonly number[]): Stat => ({
  reads: values[0]!,
  merged_reads: values[1]!,
  read_bytes: values[2]! * sectorBytes,
  read_time: values[3]!,
  writes: values[4]!,
  merged_writes: values[5]!,
  write_bytes: values[6]! * sectorBytes,
  write_time: values[7]!,
  iops_in_progress: values[8]!,
  io_time: values[9]!,
  weighted_io_time: values[10]!,
})
