// Alertmanager 0.31 and its amtool, built out of their Go module: the one that our drop-in is held against, and the
// client of both. Started on a free port of loopback.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cached, type Prepared, run } from './cache.ts'
import { says } from './debian.ts'
import { type Engine, freePort, startServer } from './engine.ts'

const version = '0.31.1'
const goWanted = [1, 25] as const

export type Programs = Readonly<{ alertmanager: string; amtool: string }>

export async function prepareAlertmanager(): Promise<Prepared & Programs> {
  const { folder, ...prepared } = await cached(`alertmanager-${version}`, build)
  return { ...prepared, alertmanager: join(folder, 'alertmanager'), amtool: join(folder, 'amtool') }
}

async function build(folder: string, log: string): Promise<void> {
  const go = says('go', ['version'])
  const [, major = 0, minor = 0] = (/go(\d+)\.(\d+)/.exec(go ?? '') ?? []).map(Number)
  if (major < goWanted[0] || (major === goWanted[0] && minor < goWanted[1])) {
    throw new Error(`building Alertmanager wants Go ${goWanted.join('.')} or newer; found ${go ?? 'none'}`)
  }
  const env = { GOBIN: folder, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' }
  const program = `github.com/prometheus/alertmanager/cmd/...@v${version}`
  await run('go', ['install', program], { log, cwd: folder, env, limitMs: 1_200_000 })
}

export type Alertmanager = Engine & Readonly<{ url: string }>

// `program` takes Alertmanager's flags, whoever it is. The URL has the prefix that they state.
export async function startAlertmanager(
  folder: string,
  program: readonly [string, ...string[]],
  flags: readonly string[] = [],
): Promise<Alertmanager> {
  const port = await freePort()
  const [, prefix = ''] = /--web\.route-prefix=(\S+)/.exec(flags.join(' ')) ?? []
  const url = `http://127.0.0.1:${port}${prefix}`
  mkdirSync(folder, { recursive: true })
  const engine = await startServer({
    name: 'alertmanager',
    folder,
    command: [
      ...program,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      ...flags,
    ],
    isReady: async () => (await fetch(`${url}/-/ready`)).ok,
  })
  return { ...engine, url }
}
