// How many processes there are and what they are doing: /proc/PID/stat of each, and how many the kernel allows.
import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import type { InputMetricName } from '#core/metrics-inputs.ts'
import { inputKind } from '../../input.ts'
import { demand } from '../../machine.ts'

const states = {
  R: 'processes_running',
  S: 'processes_sleeping',
  D: 'processes_blocked',
  Z: 'processes_zombies',
  T: 'processes_stopped',
  t: 'processes_stopped',
  I: 'processes_idle',
  X: 'processes_dead',
  x: 'processes_dead',
  W: 'processes_paging',
  P: 'processes_parked',
} as const satisfies Record<string, InputMetricName>

type StateName = (typeof states)[keyof typeof states] | 'processes_unknown'
const stateNames: readonly StateName[] = [...new Set<StateName>(Object.values(states)), 'processes_unknown']

// At 20 µs each, others get a turn every few milliseconds.
const processesPerTurn = 200

export const processes = inputKind({
  options: z.strictObject({}),
  platforms: ['linux'],
  open: (_options, { machine }) => ({
    async gather(into, signal) {
      const counts = new Map<StateName, number>(stateNames.map(name => [name, 0]))
      let [total, threads] = [0, 0]
      const numbers = machine.list('/proc/').filter(name => /^\d+$/.test(name))
      for (const [at, number] of numbers.entries()) {
        if (at % processesPerTurn === processesPerTurn - 1) await turn(undefined, { signal })
        const found = readStat(machine.read(`/proc/${number}/stat`))
        // It ended since it was listed.
        if (found === undefined) continue
        const name: StateName = states[found.state as keyof typeof states] ?? 'processes_unknown'
        counts.set(name, (counts.get(name) ?? 0) + 1)
        total += 1
        threads += found.threads
      }
      demand(total === 0 ? undefined : total, '/proc/', 'processes')
      for (const [name, count] of counts) into.add(name, count)
      into.add('processes_total', total)
      into.add('processes_total_threads', threads)
      into.add('processes_pid_max', wholeNumber(machine.read('/proc/sys/kernel/pid_max')))
    },
  }),
})

// The name of a program stands in parentheses and may hold anything, parentheses included.
export function readStat(text: string | undefined): { state: string; threads: number } | undefined {
  const [state, ...rest] = text?.slice(text.lastIndexOf(')') + 2).split(' ', 18) ?? []
  const threads = wholeNumber(rest[16])
  return state === undefined || state.length !== 1 || threads === undefined ? undefined : { state, threads }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}\s*$/.test(text) ? Number(text) : undefined
}
