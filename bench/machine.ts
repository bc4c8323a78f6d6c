// What was measured on: no figure means anything without it. Called by every benchmark that prints a table.
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { median } from './median.ts'

export function machine(): string {
  const [first] = cpus()
  const load = type() === 'Linux' ? `, load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}` : ''
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${cpus().length} × ${first?.model ?? 'unknown'}, ${memory}, ${type()} ${release()}, Node ${process.versions.node}, reads ${readsMbPerSecond().toFixed(0)} MB of JSON a second${load}`
}

// A yardstick that none of our own code changes: the names of processors say little about what is left of one for us.
function readsMbPerSecond(): number {
  const fields = { usage_user: 12.34, usage_system: 3.21, usage_idle: 84.1, usage_iowait: 0.35 }
  const tags = { host: 'host_000123', dc: 'dc1', rack: 'r17' }
  const text = JSON.stringify({ name: 'cpu', tags, fields, timestamp: 1_700_000_000 })
  const times = 20_000
  const takenS = Array.from({ length: 9 }, () => {
    const beganMs = performance.now()
    for (let at = 0; at < times; at++) JSON.parse(text)
    return (performance.now() - beganMs) / 1_000
  })
  return (times * text.length) / 1e6 / median(takenS)
}
