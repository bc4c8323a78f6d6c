// /proc/meminfo as numbers: bytes, or pages where the kernel writes no unit. Read by the inputs mem and swap.
import { demand, type Machine } from '../machine.ts'

export type Meminfo = ReadonlyMap<string, number>

const path = '/proc/meminfo'

export function readMeminfo(machine: Machine): Meminfo {
  const found = new Map<string, number>()
  for (const line of machine.read(path)?.split('\n') ?? []) {
    const [, name, number, unit] = /^(\w+(?:\(\w+\))?): +(\d{1,15})( kB)?$/.exec(line) ?? []
    if (name !== undefined) found.set(name, Number(number) * (unit === undefined ? 1 : 1_024))
  }
  return demand(found.size === 0 ? undefined : found, path, 'lines like `MemTotal: 1024 kB`')
}
