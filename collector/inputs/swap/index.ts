// How full the swap space is, and how much goes in and out: /proc/meminfo and /proc/vmstat. A machine without
// swap has no series.
import { z } from 'zod'
import { inputKind } from '../../input.ts'
import type { Machine } from '../../machine.ts'
import { readMeminfo } from '../meminfo.ts'

export const swap = inputKind({
  options: z.strictObject({}),
  platforms: ['linux'],
  open: (_options, { machine }) => {
    const pageBytes = pageSize(machine)
    return {
      gather(into) {
        const found = readMeminfo(machine)
        const [total, free] = [found.get('SwapTotal'), found.get('SwapFree')]
        if (total === undefined || total === 0 || free === undefined) return
        const used = Math.max(0, total - free)
        into.add('swap_total', total)
        into.add('swap_used', used)
        into.add('swap_free', free)
        into.add('swap_used_percent', (100 * used) / total)
        const vmstat = machine.read('/proc/vmstat') ?? ''
        into.add('swap_in', pages(vmstat, 'pswpin', pageBytes))
        into.add('swap_out', pages(vmstat, 'pswpout', pageBytes))
      },
    }
  },
})

function pages(vmstat: string, name: string, pageBytes: number): number | undefined {
  const [, count] = new RegExp(`^${name} (\\d{1,15})$`, 'm').exec(vmstat) ?? []
  return count === undefined ? undefined : Number(count) * pageBytes
}

const sizeOfPages = 6n

// From the auxiliary vector of this process: pairs of a type and a value. 4 KiB is the rule, not the law.
export function pageSize(machine: Machine): number {
  const vector = machine.bytes('/proc/self/auxv') ?? Buffer.alloc(0)
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) !== sizeOfPages) continue
    const size = Number(vector.readBigUInt64LE(at + 8))
    if (size >= 4_096 && size <= 1_048_576) return size
  }
  return 4_096
}
