// What the processors spend their time on: /proc/stat, as shares of the time between two readings. Each line is
// judged by itself, so that a processor that was switched on or off does not spoil the others.
import { cpus } from 'node:os'
import { z } from 'zod'
import { type Gathered, inputKind } from '../../input.ts'
import { demand, type Machine } from '../../machine.ts'

const options = z.strictObject({
  percpu: z.boolean().default(true).describe('A series for each processor.'),
  totalcpu: z.boolean().default(true).describe('A series for all of them together, `cpu-total`.'),
  collect_cpu_time: z.boolean().default(false).describe('The counters of seconds as well.'),
  report_active: z.boolean().default(false).describe('Also the sum of everything but idle.'),
})

// In the order of /proc/stat.
const fields = [
  'user',
  'nice',
  'system',
  'idle',
  'iowait',
  'irq',
  'softirq',
  'steal',
  'guest',
  'guest_nice',
] as const
type Times = Readonly<Record<(typeof fields)[number], number>>

// Hundredths of a second to user space, on every machine.
const ticksPerSecond = 100
const path = '/proc/stat'

export const cpu = inputKind({
  options,
  open({ percpu, totalcpu, collect_cpu_time, report_active }, { machine }) {
    let before = new Map<string, Times>()
    return {
      gather(into) {
        const now = readTimes(machine)
        for (const [name, times] of now) {
          if (name === 'cpu-total' ? !totalcpu : !percpu) continue
          const labels = { cpu: name }
          if (collect_cpu_time) addTimes(into, times, labels, report_active)
          const was = before.get(name)
          if (was !== undefined) addUsage(into, spent(was, times), labels, report_active)
        }
        before = now
      },
    }
  },
})

function readTimes(machine: Machine): Map<string, Times> {
  if (machine.platform !== 'linux') return timesOfNode()
  const text = machine.read(path)
  const times = new Map<string, Times>()
  for (const line of text?.split('\n') ?? []) {
    const found = /^cpu(\d*) +(\d[\d ]*)$/.exec(line)
    if (found === null) continue
    const [, number = '', rest = ''] = found
    times.set(number === '' ? 'cpu-total' : `cpu${number}`, timesOf(rest.trim().split(/ +/).map(Number)))
  }
  demand(times.size === 0 ? undefined : times, path, 'lines that begin with cpu')
  return times
}

// Old kernels have fewer columns.
const timesOf = (columns: readonly number[]): Times =>
  Object.fromEntries(fields.map((field, at) => [field, columns[at] ?? 0])) as Times

function timesOfNode(): Map<string, Times> {
  const each = cpus().map(({ times: { user, nice, sys, idle, irq } }) =>
    timesOf([user, nice, sys, idle, 0, irq].map(ms => (ms / 1_000) * ticksPerSecond)),
  )
  const total = Object.fromEntries(
    fields.map(field => [field, each.reduce((sum, one) => sum + one[field], 0)]),
  )
  return new Map([...each.map((one, at) => [`cpu${at}`, one] as const), ['cpu-total', total as Times]])
}

// The kernel counts guests among the programs; here each thing is counted once.
function partsOf(times: Times) {
  const { guest, guest_nice } = times
  return { ...times, user: times.user - guest, nice: times.nice - guest_nice }
}

// Nothing when a counter went back (a processor came back, iowait was corrected) or stood still.
function spent(was: Times, is: Times): Times | undefined {
  const passed = Object.fromEntries(fields.map(field => [field, is[field] - was[field]])) as Times
  const parts = partsOf(passed)
  return fields.some(field => passed[field] < 0 || parts[field] < 0) ? undefined : parts
}

const sumOf = (parts: Times): number => fields.reduce((sum, field) => sum + parts[field], 0)

function addUsage(into: Gathered, parts: Times | undefined, labels: { cpu: string }, active: boolean): void {
  if (parts === undefined) return
  const total = sumOf(parts)
  if (total === 0) return
  for (const field of fields) into.add(`cpu_usage_${field}`, (100 * parts[field]) / total, labels)
  if (active) into.add('cpu_usage_active', (100 * (total - parts.idle)) / total, labels)
}

function addTimes(into: Gathered, times: Times, labels: { cpu: string }, active: boolean): void {
  for (const field of fields) into.add(`cpu_time_${field}`, times[field] / ticksPerSecond, labels)
  if (active) into.add('cpu_time_active', (sumOf(partsOf(times)) - times.idle) / ticksPerSecond, labels)
}
