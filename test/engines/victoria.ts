// VictoriaMetrics out of Debian's package, on a free port of loopback.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Prepared } from './cache.ts'
import { debian, onPath, says } from './debian.ts'
import { type Engine, freePort, startServer } from './engine.ts'

const program = 'victoria-metrics'

export async function prepareVictoria(): Promise<Prepared> {
  const sinceMs = performance.now()
  const installed = await debian({ name: program, has: () => onPath(program), services: [program] })
  // Debian's prints nothing when asked for its version.
  const told = says('dpkg-query', ['-W', program])?.split(/\s+/)[1] ?? 'nothing'
  const version = /^1\.\d+\.\d+/.exec(told)?.[0]
  if (version === undefined) throw new Error(`wanted VictoriaMetrics 1.x of Debian, found ${told}`)
  const did = `${version}, ${installed.length > 0 ? 'installed' : 'was there'}`
  return { did, tookMs: performance.now() - sinceMs }
}

export type Victoria = Engine & Readonly<{ url: string }>

export async function startVictoria(folder: string): Promise<Victoria> {
  await prepareVictoria()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  mkdirSync(folder, { recursive: true })
  const engine = await startServer({
    name: 'victoria',
    folder,
    command: [
      program,
      `-storageDataPath=${join(folder, 'data')}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=100y',
      '-loggerLevel=WARN',
    ],
    stopSignal: 'SIGINT',
    isReady: async () => (await fetch(`${url}/health`)).ok,
  })
  return { ...engine, url }
}
