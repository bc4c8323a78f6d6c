// What goes over the network interfaces: /proc/net/dev, as counters since boot. By default every interface
// that is up and is not the loopback.
import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { InputMetricName } from '#core/metrics-inputs.ts'
import { globTest } from '../../glob.ts'
import { type Gathered, inputKind } from '../../input.ts'
import { demand, type Machine, type MachinePath } from '../../machine.ts'

const options = z.strictObject({
  interfaces: z.array(text).optional().describe('Only these, up or down; patterns like `eth*` are allowed.'),
})

// By their column in /proc/net/dev.
const columns: readonly (readonly [number, InputMetricName])[] = [
  [0, 'net_bytes_recv'],
  [1, 'net_packets_recv'],
  [2, 'net_err_in'],
  [3, 'net_drop_in'],
  [8, 'net_bytes_sent'],
  [9, 'net_packets_sent'],
  [10, 'net_err_out'],
  [11, 'net_drop_out'],
]
const columnCount = 16

// Of /sys/class/net/NAME/flags.
const [up, loopback] = [0x1, 0x8]
// Asking for the speed takes a lock that the whole network configuration shares.
const speedEveryMs = 60_000

export const net = inputKind({
  options,
  platforms: ['linux'],
  open({ interfaces }, { machine }) {
    const named = interfaces === undefined ? undefined : globTest(interfaces)
    const speeds = openSpeeds(machine)
    const wanted = (name: string): boolean => named?.(name) ?? isUp(machine, name)
    return {
      gather(into) {
        for (const [name, values] of readDev(machine)) {
          if (wanted(name)) addInterface(into, { name, values, speed: speeds(name, into.tMs) })
        }
      },
    }
  },
})

type Interface = Readonly<{ name: string; values: readonly number[]; speed: number | undefined }>

function addInterface(into: Gathered, { name, values, speed }: Interface): void {
  const labels = { interface: name }
  for (const [at, metric] of columns) into.add(metric, values[at], labels)
  into.add('net_speed', speed, labels)
}

function readDev(machine: Machine): Map<string, number[]> {
  const path: MachinePath = `/proc/${machine.eyes}/net/dev`
  const found = new Map<string, number[]>()
  const table = demand(machine.read(path), path, 'a table of interfaces')
  for (const line of table.split('\n')) {
    const [, name, rest] = /^ *([^\s/]+): *(\d[\d ]*)$/.exec(line) ?? []
    const values = rest?.trim().split(/ +/).map(Number) ?? []
    if (name !== undefined && values.length >= columnCount) found.set(name, values)
  }
  return found
}

function isUp(machine: Machine, name: string): boolean {
  const flags = Number(machine.read(`/sys/class/net/${name}/flags`)?.trim())
  return (flags & up) !== 0 && (flags & loopback) === 0
}

// Interfaces that do not know their speed say nothing, or -1.
function openSpeeds(machine: Machine): (name: string, nowMs: number) => number | undefined {
  let known = new Map<string, number | undefined>()
  let readMs = Number.NEGATIVE_INFINITY
  return (name, nowMs) => {
    if (nowMs - readMs >= speedEveryMs || nowMs < readMs) {
      known = new Map()
      readMs = nowMs
    }
    if (!known.has(name)) known.set(name, speedOf(machine.read(`/sys/class/net/${name}/speed`)))
    return known.get(name)
  }
}

const speedOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}\s*$/.test(text) && Number(text) < 2 ** 31 ? Number(text) : undefined
