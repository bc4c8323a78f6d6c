// What does it cost to take samples over HTTP and make them durable? The whole service as a process, driven from
// another; beside it VictoriaMetrics and InfluxDB, where they are installed, by the same loader.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { cpuSeconds, freePort, memoryMib, type Start, start } from './process.ts'

type Loaded = Readonly<{
  values: number
  refused: number
  seconds: number
  loaderCpu: number
  p50Ms: number
  p99Ms: number
}>
export type Ingest = Loaded & Readonly<{ serverCpu: number; peakMib: number }>

export type Load = Readonly<{
  shape: 'single' | 'wide'
  hosts: number
  lines: number
  inFlight: number
  seconds: number
}>

type Server = Start & Readonly<{ writeUrl: string; token?: () => string; prepare?: () => Promise<unknown> }>

const root = join(import.meta.dirname, '..')

export async function measureIngest(name: string, load: Load): Promise<Ingest | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const server = serverOf(name, folder, await freePort())
  if (server === undefined) return undefined
  const running = await start(server)
  try {
    await server.prepare?.()
    return await drive(running.pid, server, load)
  } finally {
    await running.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function drive(pid: number, { writeUrl, token }: Server, load: Load): Promise<Ingest> {
  const { shape, hosts, lines, inFlight, seconds } = load
  const args = [
    join(import.meta.dirname, 'loader.ts'),
    writeUrl,
    shape,
    ...[hosts, lines, inFlight, seconds].map(String),
  ]
  const loader = spawn(process.execPath, token === undefined ? args : [...args, token()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let before = 0
  for await (const line of createInterface({ input: loader.stdout })) {
    if (line === 'warm') before = cpuSeconds(pid)
    else
      return {
        ...(JSON.parse(line) as Loaded),
        serverCpu: cpuSeconds(pid) - before,
        peakMib: memoryMib(pid, 'VmHWM'),
      }
  }
  throw new Error('the loader said nothing')
}

function serverOf(name: string, folder: string, port: number): Server | undefined {
  const at = `127.0.0.1:${port}`
  if (name === 'plimsoll') {
    const config = join(folder, 'plimsoll.yml')
    writeFileSync(config, `listen: ${at}\ndata: ${folder}/data\nagent: {enabled: false}\n`)
    return {
      command: join(root, 'bin/plimsoll'),
      args: ['up', '--config', config],
      readyUrl: `http://${at}/-/ready`,
      writeUrl: `http://${at}/api/v2/write?precision=ns`,
      token: () => readFileSync(join(folder, 'data/token'), 'utf8').trim(),
    }
  }
  const program = programOf(name)
  if (program === undefined) return undefined
  const writeUrl = `http://${at}/write?db=bench&precision=ns`
  if (name === 'victoria-metrics') {
    const args = [
      `-storageDataPath=${folder}`,
      `-httpListenAddr=${at}`,
      '-retentionPeriod=120d',
      '-loggerLevel=ERROR',
    ]
    return { command: program, args, readyUrl: `http://${at}/health`, writeUrl }
  }
  // InfluxDB 1, as Debian has it: every setting by the environment.
  const env = {
    INFLUXDB_META_DIR: join(folder, 'meta'),
    INFLUXDB_DATA_DIR: join(folder, 'data'),
    INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
    INFLUXDB_DATA_MAX_VALUES_PER_TAG: '0',
    INFLUXDB_DATA_QUERY_LOG_ENABLED: 'false',
    INFLUXDB_HTTP_BIND_ADDRESS: at,
    INFLUXDB_HTTP_LOG_ENABLED: 'false',
    INFLUXDB_BIND_ADDRESS: `127.0.0.1:${port + 1}`,
    INFLUXDB_REPORTING_DISABLED: 'true',
    INFLUXDB_LOGGING_LEVEL: 'error',
  }
  const prepare = () => fetch(`http://${at}/query?q=CREATE+DATABASE+bench`, { method: 'POST' })
  return {
    command: program,
    args: ['run', '-config', '/dev/null'],
    env,
    readyUrl: `http://${at}/ping`,
    writeUrl,
    prepare,
  }
}

function programOf(name: string): string | undefined {
  const places = [`/usr/bin/${name}`, `/usr/local/bin/${name}`, `/usr/sbin/${name}`]
  const found = places.find(existsSync)
  if (found !== undefined) return found
  try {
    return execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  const [shape = 'wide', name = 'plimsoll'] = process.argv.slice(2)
  const lines = shape === 'wide' ? 1_000 : 5_000
  const found = await measureIngest(name, {
    shape: shape as Load['shape'],
    hosts: 10_000,
    lines,
    inFlight: 4,
    seconds: 10,
  })
  if (found === undefined) process.exit(1)
  const perMillion = (found.serverCpu / found.values) * 1e6
  console.log({
    ...found,
    valuesPerS: Math.round(found.values / found.seconds),
    cpuPerMillion: perMillion.toFixed(3),
  })
}
