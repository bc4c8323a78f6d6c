// InfluxDB 2.7.12, built out of its Go module and started on a free port of loopback. `go install` refuses it, because
// its go.mod has a `replace`; README.md beside this file tells the rest.
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, type Prepared, run } from './cache.ts'
import { debian, onPath, says } from './debian.ts'
import { type Engine, freePort, startServer } from './engine.ts'

const version = '2.7.12'
const goWanted = [1, 26] as const
// Finds and builds the Rust part of InfluxDB when Go asks for it as a C library.
const pkgConfigVersion = 'v0.2.7'

export async function prepareInfluxdb(): Promise<Prepared & Readonly<{ program: string }>> {
  const { folder, ...prepared } = await cached(`influxdb-${version}`, build)
  return { ...prepared, program: join(folder, 'influxd') }
}

async function build(folder: string, log: string): Promise<void> {
  wantCompilers()
  await debian(
    ...['clang', 'gcc', 'pkg-config'].map(name => ({ name, has: () => onPath(name) })),
    { name: 'libc6-dev', has: () => existsSync('/usr/include/stdlib.h') },
    { name: 'protobuf-compiler', has: () => onPath('protoc') },
  )
  const [tools, source] = [join(folder, 'tools'), join(folder, 'source')]
  mkdirSync(tools)
  mkdirSync(source)
  // Its Rust part refuses warnings, and newer compilers have more of them.
  const lenient = join(tools, 'rustc-lenient')
  writeFileSync(lenient, '#!/bin/sh\nexec "$@" --cap-lints allow\n')
  chmodSync(lenient, 0o755)
  const env = {
    GOBIN: tools,
    GOTOOLCHAIN: 'local',
    PATH: `${tools}:${process.env['PATH']}`,
    PKG_CONFIG: join(tools, 'pkg-config'),
    RUSTC_WRAPPER: lenient,
    // It pins an old one, which would have to be fetched.
    RUSTUP_TOOLCHAIN: 'stable',
  }
  const go = (...args: string[]) => run('go', args, { log, cwd: source, env, limitMs: 1_800_000 })
  const influxd = 'github.com/influxdata/influxdb/v2/cmd/influxd'
  await go('install', `github.com/influxdata/pkg-config@${pkgConfigVersion}`)
  writeFileSync(join(source, 'go.mod'), `module plimsoll-engines\n\ngo ${goWanted.join('.')}\n`)
  await go('get', '-tool', `${influxd}@v${version}`)
  const stamp = `-X main.version=v${version}`
  await go('build', '-tags', 'sqlite_foreign_keys,sqlite_json', '-ldflags', stamp, '-o', 'influxd', influxd)
  renameSync(join(source, 'influxd'), join(folder, 'influxd'))
  rmSync(source, { recursive: true })
  rmSync(tools, { recursive: true })
  const told = says(join(folder, 'influxd'), ['version']) ?? 'nothing'
  if (!told.includes(version)) throw new Error(`wanted InfluxDB ${version}, and it says: ${told}`)
}

function wantCompilers(): void {
  const go = says('go', ['version'])
  const [, major = 0, minor = 0] = (/go(\d+)\.(\d+)/.exec(go ?? '') ?? []).map(Number)
  if (major < goWanted[0] || (major === goWanted[0] && minor < goWanted[1])) {
    throw new Error(`building InfluxDB wants Go ${goWanted.join('.')} or newer; found ${go ?? 'none'}`)
  }
  if (!onPath('cargo')) throw new Error('building InfluxDB wants Rust (cargo); found none')
}

export type Influxdb = Engine & Readonly<{ url: string }>

// Empty: POST /api/v2/setup makes the first user, organisation, bucket and token.
export async function startInfluxdb(folder: string): Promise<Influxdb> {
  const { program } = await prepareInfluxdb()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  mkdirSync(folder, { recursive: true })
  const engine = await startServer({
    name: 'influxdb',
    folder,
    command: [
      program,
      `--bolt-path=${join(folder, 'influxd.bolt')}`,
      `--engine-path=${join(folder, 'engine')}`,
      `--sqlite-path=${join(folder, 'influxd.sqlite')}`,
      `--http-bind-address=127.0.0.1:${port}`,
      '--reporting-disabled',
      '--log-level=warn',
    ],
    isReady: async () => (await fetch(`${url}/health`)).ok,
  })
  return { ...engine, url }
}
