// The servers that promql-peers.ts asks: our whole service, and each Prometheus there is, as processes with folders of
// their own. All get the same samples by remote write, in the order in which they would have come.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { SeriesTable } from '#core/series.ts'
import { LabelBytes } from '#core/store/prometheus/label-bytes.ts'
import { RequestBytes } from '#core/store/prometheus/request-bytes.ts'
import { seriesLimits } from '#core/store/prometheus/settings.ts'
import { Snapper } from '#core/store/prometheus/snap.ts'
import type { SeriesSamples } from '#core/store.ts'
import { freePort, type Running, type Start, start } from './process.ts'

export type Peer = Running & Readonly<{ name: string; origin: string }>

const root = join(import.meta.dirname, '..')
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

// The name of the peer, and where it lies; ours comes first.
export function peers(): [name: string, program: string][] {
  const ours = join(root, 'bin/plimsoll')
  const built = process.env['PLIMSOLL_PROMETHEUS']
  const found: [string, string][] = [
    ['plimsoll', ours],
    ['prometheus', '/usr/bin/prometheus'],
  ]
  if (built !== undefined) found.push(['prometheus, built', built])
  return found.filter(([, program]) => existsSync(program))
}

export async function startPeer(name: string, program: string, folder: string): Promise<Peer> {
  mkdirSync(folder)
  const at = `127.0.0.1:${await freePort()}`
  const how = name === 'plimsoll' ? ourStart(program, folder, at) : theirStart(program, folder, at)
  return { ...(await start(how)), name, origin: `http://${at}` }
}

function ourStart(command: string, folder: string, at: string): Start {
  const config = join(folder, 'plimsoll.yml')
  const lines = [
    `listen: ${at}`,
    `data: ${folder}/data`,
    'agent: {enabled: false}',
    'auth: {anonymous: [read, write]}',
    'limits: {series_per_source: 1000000}',
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  return { command, args: ['up', '--config', config], readyUrl: `http://${at}/-/ready` }
}

function theirStart(command: string, folder: string, at: string): Start {
  const config = join(folder, 'prometheus.yml')
  writeFileSync(config, '')
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder}/data`,
    '--storage.tsdb.retention.time=10y',
    `--web.listen-address=${at}`,
    '--web.enable-remote-write-receiver',
    '--log.level=error',
  ]
  return { command, args, readyUrl: `http://${at}/-/ready` }
}

// So many samples go in one request.
const rowsMax = 20_000

export async function load(origin: string, data: readonly SeriesSamples[]): Promise<void> {
  const table = new SeriesTable()
  const labels = new LabelBytes(table, seriesLimits)
  const [bytes, snapper] = [new RequestBytes(labels), new Snapper()]
  const ids = Uint32Array.from(data, ({ series }) => table.intern(series.name, series.labels))
  const count = data[0]!.tMs.length
  // As many times at once as fit into one request beside all series.
  const times = Math.min(60, Math.max(1, Math.floor(rowsMax / data.length)))
  const most = rowsMax * 2
  const rows = { series: new Uint32Array(most), tMs: new Float64Array(most), values: new Float64Array(most) }
  let length = 0
  const send = async (): Promise<void> => {
    for (let from = 0; from < length; ) {
      from = bytes.write(rows, from, length, 16 * 1024 * 1024)
      const raw = bytes.bytes
      await post(`${origin}/api/v1/write`, snapper.pack(raw, raw.length), writeHeaders)
    }
    length = 0
  }
  for (let first = 0; first < count; first += times) {
    const last = Math.min(count, first + times)
    for (const [which, { tMs, values }] of data.entries()) {
      for (let at = first; at < last; at++) {
        rows.series[length] = ids[which]!
        rows.tMs[length] = tMs[at]!
        rows.values[length++] = values[at]!
      }
      if (length >= rowsMax) await send()
    }
  }
  await send()
}

const writeHeaders = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}

type Posted = Readonly<{ body: Buffer; tookMs: number }>

// From the first byte that is sent to the last that comes.
export function post(
  url: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>>,
): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const sent = request(url, { method: 'POST', agent, headers }, answer => {
      const parts: Buffer[] = []
      answer.on('data', part => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        const tookMs = performance.now() - began
        const whole = Buffer.concat(parts)
        if ((answer.statusCode ?? 0) < 300) resolve({ body: whole, tookMs })
        else reject(new Error(`${url} answered ${answer.statusCode}: ${whole.toString().slice(0, 500)}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
