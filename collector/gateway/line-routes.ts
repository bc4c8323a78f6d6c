// Where writers of line protocol send: Telegraf, collectd, scripts and InfluxDB's own clients, versions 2 and 1.
// Part of gatewayRoutes().

import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { type Answer, type Call, type Route, route } from '#core/http/route.ts'
import type { Decoded, LineDecoder } from '#core/line-protocol/decode.ts'
import { type Precision, precisionOf } from '#core/line-protocol/precision.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { accepted, influx1Failure, influx2Failure } from './answers.ts'
import type { Intake } from './intake.ts'
import { noNewSeries, Tally } from './tally.ts'
import { packingOf } from './unpack.ts'

// Organisation, bucket and database are taken and not looked at: there is one store.
const query = z.object({ precision: z.string().optional(), strict: z.string().optional() })
type Query = z.infer<typeof query>

export type LineOptions = Readonly<{
  intake: Intake
  decoder: LineDecoder
  own: OwnMetrics
  bodyMaxBytes: number
  // What /ping and /health say.
  version: string
}>

export function lineRoutes(options: LineOptions): Route[] {
  const write = (path: string, failure: typeof influx2Failure): Route =>
    route<Query, Uint8Array>({
      method: 'POST',
      path,
      scope: 'write',
      summary: `Take line protocol as InfluxDB ${path === '/write' ? 1 : 2} does`,
      query,
      body: 'bytes',
      bodyMaxBytes: options.bodyMaxBytes,
      failure,
      handle: call => takeLines(call, options),
    })
  return [write('/api/v2/write', influx2Failure), write('/write', influx1Failure), ...probes(options.version)]
}

async function takeLines(
  call: Call<Query, Uint8Array>,
  { intake, decoder, own }: LineOptions,
): Promise<Answer> {
  const precision = precisionFrom(call.query.precision)
  const { refused } = await intake.take({
    format: 'line',
    packing: packingOf(call.headers['content-encoding'], 'identity', ['identity', 'gzip', 'deflate', 'zstd']),
    body: call.body,
    source: call.principal.name,
    decode: (block, { receivedAtMs, rows, notes, lines }) => {
      const decoded = decoder.decode(block, { precision, receivedAtMs, lines }, rows, notes)
      own.counter('plimsoll_gateway_lines_total').inc(decoded.lines)
      return tallyOf(decoded)
    },
    wanted: call.query.strict === '1' ? 'all' : 'good',
  })
  return accepted(refused)
}

function precisionFrom(text: string | undefined): Precision {
  const precision = precisionOf(text)
  if (precision !== undefined) return precision
  throw new Failure('bad_request', `precision: found ${text}, wanted one of ns, us, ms, s, m, h`)
}

function tallyOf({ values, rejected, badTimes, errors, refusedSeries }: Decoded): Tally {
  const tally = new Tally()
  const [first] = errors
  const where =
    first === undefined ? '' : `line ${first.line}, column ${first.column}: ${first.what} (${first.text})`
  tally.taken = values
  tally.refuse('malformed', rejected - badTimes, () => where)
  tally.refuse('bad_time', badTimes, () => where)
  tally.refuse('series_limit', refusedSeries, () => noNewSeries)
  return tally
}

// What clients ask before they write. The version stands for the protocol that is spoken.
function probes(version: string): Route[] {
  const headers = { 'x-influxdb-version': version, 'x-influxdb-build': 'plimsoll' }
  const health = { name: 'plimsoll', message: 'ready for writes', status: 'pass', checks: [], version }
  return [
    route({
      method: 'GET',
      path: '/ping',
      scope: 'open',
      summary: 'Say that line protocol is taken here (InfluxDB)',
      handle: () => ({ status: 204, headers }),
    }),
    route({
      method: 'GET',
      path: '/health',
      scope: 'open',
      summary: 'Say that line protocol is taken here, as JSON (InfluxDB 2)',
      handle: () => ({ status: 200, headers, body: health }),
    }),
  ]
}
