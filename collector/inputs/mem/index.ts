// How much memory the machine has, what it is used for, and what programs can still have: /proc/meminfo.
import { freemem, totalmem } from 'node:os'
import { z } from 'zod'
import type { InputMetricName } from '#core/metrics-inputs.ts'
import { type Gathered, inputKind } from '../../input.ts'
import { demand } from '../../machine.ts'
import { type Meminfo, readMeminfo } from '../meminfo.ts'

// A line that this kernel lacks is a series that is absent.
const lines = {
  mem_free: 'MemFree',
  mem_active: 'Active',
  mem_inactive: 'Inactive',
  mem_buffered: 'Buffers',
  mem_shared: 'Shmem',
  mem_mapped: 'Mapped',
  mem_dirty: 'Dirty',
  mem_write_back: 'Writeback',
  mem_write_back_tmp: 'WritebackTmp',
  mem_slab: 'Slab',
  mem_sreclaimable: 'SReclaimable',
  mem_sunreclaim: 'SUnreclaim',
  mem_page_tables: 'PageTables',
  mem_commit_limit: 'CommitLimit',
  mem_committed_as: 'Committed_AS',
  mem_swap_total: 'SwapTotal',
  mem_swap_free: 'SwapFree',
  mem_swap_cached: 'SwapCached',
  mem_high_total: 'HighTotal',
  mem_high_free: 'HighFree',
  mem_low_total: 'LowTotal',
  mem_low_free: 'LowFree',
  mem_huge_page_size: 'Hugepagesize',
  mem_huge_pages_total: 'HugePages_Total',
  mem_huge_pages_free: 'HugePages_Free',
  mem_vmalloc_total: 'VmallocTotal',
  mem_vmalloc_used: 'VmallocUsed',
  mem_vmalloc_chunk: 'VmallocChunk',
} as const satisfies Partial<Record<InputMetricName, string>>

export const mem = inputKind({
  options: z.strictObject({}),
  open: (_options, { machine }) => ({
    gather(into) {
      if (machine.platform !== 'linux') return addSums(into, totalmem(), freemem())
      const found = readMeminfo(machine)
      const total = demand(found.get('MemTotal'), '/proc/meminfo', 'a line MemTotal')
      for (const [name, line] of Object.entries(lines)) into.add(name as keyof typeof lines, found.get(line))
      into.add('mem_cached', cached(found))
      addSums(into, total, available(found))
    },
  }),
})

function addSums(into: Gathered, total: number, free: number | undefined): void {
  into.add('mem_total', total)
  if (free === undefined || total === 0) return
  // Containers with a memory limit of their own (lxcfs) have been seen to tell more available than total.
  const used = Math.max(0, total - free)
  into.add('mem_available', free)
  into.add('mem_available_percent', (100 * free) / total)
  into.add('mem_used', used)
  into.add('mem_used_percent', (100 * used) / total)
}

function cached(found: Meminfo): number | undefined {
  const pages = found.get('Cached')
  return pages === undefined ? undefined : pages + (found.get('SReclaimable') ?? 0)
}

// Kernels before 3.14 do not say.
function available(found: Meminfo): number | undefined {
  const [free, buffers, pages] = [found.get('MemFree'), found.get('Buffers'), cached(found)]
  if (free === undefined || buffers === undefined || pages === undefined) return found.get('MemAvailable')
  return found.get('MemAvailable') ?? free + buffers + pages
}
