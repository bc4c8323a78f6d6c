// What this process itself takes: memory, processor, files, pauses, under the names that every Node and
// Prometheus dashboard knows. Called once by bin/ after openOwnMetrics().
import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import type { OwnMetrics } from './own-metrics.ts'

const loopResolutionMs = 50

export function measureProcess(own: OwnMetrics): Disposable {
  const heap = (): NodeJS.MemoryUsage => process.memoryUsage()
  own.gauge('process_resident_memory_bytes').read(() => process.memoryUsage.rss())
  own.gauge('nodejs_heap_size_used_bytes').read(() => heap().heapUsed)
  own.gauge('nodejs_heap_size_total_bytes').read(() => heap().heapTotal)
  own.gauge('nodejs_external_memory_bytes').read(() => heap().external)
  own.counter('process_cpu_seconds_total').read(cpuSeconds)
  own.gauge('process_start_time_seconds').set(performance.timeOrigin / 1_000)
  own.gauge('process_open_fds').read(openFiles)
  own.gauge('process_max_fds').set(maxFiles())
  const loop = measureLoop(own)
  const pauses = measurePauses(own)
  return {
    [Symbol.dispose]() {
      loop.disable()
      pauses.disconnect()
    },
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

// NaN where the machine does not say: such numbers are left out.
function openFiles(): number {
  try {
    return readdirSync('/dev/fd').length
  } catch {
    return Number.NaN
  }
}

function maxFiles(): number {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
    return Number(found?.[1] ?? Number.NaN)
  } catch {
    return Number.NaN
  }
}

// The histogram holds the whole time between two looks of its timer, so a loop on time reads its resolution.
function measureLoop(own: OwnMetrics): ReturnType<typeof monitorEventLoopDelay> {
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs })
  delay.enable()
  const seconds = (nanoseconds: number): number =>
    delay.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - loopResolutionMs / 1e3)
  own.gauge('nodejs_eventloop_lag_seconds').read(() => seconds(delay.mean))
  // Read last, in the order of the table, so it closes the window.
  own.gauge('nodejs_eventloop_lag_max_seconds').read(() => {
    const max = seconds(delay.max)
    delay.reset()
    return max
  })
  return delay
}

const pauseKinds: Readonly<Record<number, string>> = {
  1: 'minor',
  4: 'major',
  8: 'incremental',
  16: 'weakcb',
}

function measurePauses(own: OwnMetrics): PerformanceObserver {
  const pauses = own.histogram('nodejs_gc_duration_seconds')
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as unknown as { detail: { kind?: number } }).detail
      pauses.observe(entry.duration / 1e3, { kind: pauseKinds[kind ?? 0] ?? 'other' })
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return observer
}
