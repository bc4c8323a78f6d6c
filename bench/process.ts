// A server under measurement, as a process: started on a free port, asked what it costs, ended. Called by the
// benchmarks that drive whole processes.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

export type Running = Readonly<{
  pid: number
  readyMs: number
  stop(): Promise<void>
  // As a machine that loses its power.
  kill(): Promise<void>
}>

export type Start = Readonly<{
  command: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  readyUrl: string
}>

export async function start({ command, args, env = {}, readyUrl }: Start): Promise<Running> {
  const began = performance.now()
  const child = spawn(command, [...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const endToo = (): boolean => child.kill('SIGKILL')
  process.once('exit', endToo)
  child.once('exit', () => process.off('exit', endToo))
  while (!(await answers(readyUrl))) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`)
    if (performance.now() - began > 30_000) throw new Error(`${command} is not ready after 30 s`)
    // To ask more often takes from it what it starts with.
    await sleep(10)
  }
  return {
    pid: child.pid ?? 0,
    readyMs: performance.now() - began,
    stop: () => stop(child),
    kill: () => end(child, 'SIGKILL'),
  }
}

async function stop(child: ChildProcess): Promise<void> {
  await Promise.race([end(child, 'SIGTERM'), sleep(20_000, undefined, { ref: false })])
  await end(child, 'SIGKILL')
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    answer => answer.ok,
    () => false,
  )

// Of Linux: processor seconds so far, all threads; a tick is 10 ms everywhere that this runs.
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

export function memoryMib(pid: number, which: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`${which}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(found?.[1] ?? 0) / 1_024
}
