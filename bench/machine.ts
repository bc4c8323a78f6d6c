// What was measured on: no figure means anything without it. Called by every benchmark that prints a table.
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'

export function machine(): string {
  const [first] = cpus()
  const load = type() === 'Linux' ? `, load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}` : ''
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${cpus().length} × ${first?.model ?? 'unknown'}, ${memory}, ${type()} ${release()}, Node ${process.versions.node}${load}`
}
