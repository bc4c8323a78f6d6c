// A real server as a child of the test: started, asked to stop, killed, stopped for a while, started again on the same
// port and data. Called by the start… functions beside it; it dies with the thread that started it.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endOf } from './cache.ts'

export type Engine = Readonly<{
  // As a good operator does it: asked, and waited for.
  stop(): Promise<void>
  // kill -9, and all its children. Resolves when they are gone.
  kill(): Promise<void>
  // On the same port and data, whether it runs or not; resolves when it answers.
  restart(): Promise<void>
  // It keeps its connections and answers nothing, until it is woken.
  pause(): void
  wake(): void
  // Of the process that runs now.
  pid(): number
  // The last lines that it printed.
  output(): string
}>

export type Server = Readonly<{
  name: string
  folder: string
  command: readonly [string, ...string[]]
  // The user to run as, when the tests run as root.
  user?: string
  env?: Readonly<Record<string, string>>
  stopSignal?: NodeJS.Signals
  isReady: () => Promise<boolean>
}>

const readyMaxMs = 60_000
const stopMaxMs = 20_000
const stillMaxMs = 10_000

export async function startServer(server: Server): Promise<Engine> {
  const log = join(server.folder, `${server.name}.log`)
  const output = () => endOf(log)
  let child = await start(server, log)

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ids = family(child.pid!)
    if (signal === 'SIGKILL') for (const id of ids) tell(id, signal)
    else tell(child.pid!, signal)
    if (!(await gone(ids, stopMaxMs))) {
      for (const id of ids) tell(id, 'SIGKILL')
      await gone(ids, stopMaxMs)
      throw new Error(`${server.name} did not stop by ${signal} within ${stopMaxMs} ms\n${output()}`)
    }
  }
  return {
    stop: () => end(server.stopSignal ?? 'SIGTERM'),
    kill: () => end('SIGKILL'),
    async restart() {
      if (isAlive(child.pid!)) await end(server.stopSignal ?? 'SIGTERM')
      child = await start(server, log)
    },
    pause: () => {
      const ids = family(child.pid!)
      for (const id of ids) tell(id, 'SIGSTOP')
      // It takes a moment until the last of its threads stands, and that one may still answer.
      const sinceMs = performance.now()
      while (!ids.every(isStill) && performance.now() - sinceMs < stillMaxMs);
    },
    wake: () => {
      for (const id of family(child.pid!)) tell(id, 'SIGCONT')
    },
    pid: () => child.pid!,
    output,
  }
}

async function start(
  { name, folder, command, user, env, isReady }: Server,
  log: string,
): Promise<ChildProcess> {
  // Dies with the thread that started it: a test run that is killed leaves no server behind.
  const as = user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, '--init-groups']
  const handle = openSync(log, 'a')
  const child = spawn('setpriv', [...as, '--pdeathsig', 'KILL', '--', ...command], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', handle, handle],
  })
  closeSync(handle)
  let failed: string | undefined
  child.on('error', error => {
    failed = error.message
  })
  const sinceMs = performance.now()
  while (!(await isReady().catch(() => false))) {
    const tookMs = performance.now() - sinceMs
    if (child.exitCode !== null || child.signalCode !== null)
      failed ??= `it ended with ${child.exitCode ?? child.signalCode}`
    if (tookMs > readyMaxMs) failed ??= `it does not answer after ${readyMaxMs} ms`
    if (failed !== undefined) {
      if (child.pid !== undefined) for (const id of family(child.pid)) tell(id, 'SIGKILL')
      throw new Error(`${name} does not start: ${failed}\n${endOf(log)}`)
    }
    await sleep(50)
  }
  return child
}

// It and its descendants.
function family(id: number): number[] {
  const children = childrenOf(id)
    .split(' ')
    .filter(each => each !== '')
  return [id, ...children.flatMap(each => family(Number(each)))]
}

// Of one that has ended meanwhile: none.
function childrenOf(id: number): string {
  try {
    return readFileSync(`/proc/${id}/task/${id}/children`, 'utf8')
  } catch {
    return ''
  }
}

function tell(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

// A zombie is dead.
function isAlive(id: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${id}/stat`, 'utf8'))
  } catch {
    return false
  }
}

// All of its threads.
function isStill(id: number): boolean {
  try {
    const threads = readdirSync(`/proc/${id}/task`)
    return threads.every(each => /\) [TtZX]/.test(readFileSync(`/proc/${id}/task/${each}/stat`, 'utf8')))
  } catch {
    // One has just ended.
    return false
  }
}

async function gone(ids: readonly number[], limitMs: number): Promise<boolean> {
  const sinceMs = performance.now()
  while (ids.some(isAlive)) {
    if (performance.now() - sinceMs > limitMs) return false
    await sleep(20)
  }
  return true
}

// Below those that the kernel gives to connections that go out, so that nobody takes it while the server is down.
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 18_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
