// How long does the service take to start, and what does it hold when nothing comes but the agent's own readings?
// As users start it, by the launcher; "first" is with nothing compiled yet. Called by run.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './median.ts'
import { freePort, memoryMib, start } from './process.ts'

export type StartFigures = Readonly<{ coldMs: number; coldMib: number; warmMs: number; warmMib: number }>

// By then the first readings are in and the start's own garbage is gone.
const idleMs = 8_000

export async function measureStart(runs: number): Promise<StartFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const cold: Once[] = []
  const warm: Once[] = []
  for (let run = 0; run < runs; run++) {
    rmSync(join(folder, 'compiled'), { recursive: true, force: true })
    cold.push(await once(folder))
    warm.push(await once(folder))
  }
  rmSync(folder, { recursive: true, force: true })
  return {
    coldMs: median(cold.map(each => each.readyMs)),
    coldMib: median(cold.map(each => each.mib)),
    warmMs: median(warm.map(each => each.readyMs)),
    warmMib: median(warm.map(each => each.mib)),
  }
}

type Once = Readonly<{ readyMs: number; mib: number }>

async function once(folder: string): Promise<Once> {
  const listen = `127.0.0.1:${await freePort()}`
  const running = await start({
    command: join(import.meta.dirname, '../bin/plimsoll'),
    args: ['up', '--listen', listen, '--data', join(folder, 'data')],
    env: { NODE_COMPILE_CACHE: join(folder, 'compiled') },
    readyUrl: `http://${listen}/-/ready`,
  })
  await sleep(idleMs)
  const mib = memoryMib(running.pid, 'VmRSS')
  await running.stop()
  return { readyMs: running.readyMs, mib }
}
