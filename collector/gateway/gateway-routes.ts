// Everything that receives samples over HTTP, in one list. Called by bin/, which hands it to the server.
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import type { Route } from '#core/http/route.ts'
import { LineDecoder } from '#core/line-protocol/decode.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import { DeltaSums } from './delta-sums.ts'
import { Intake } from './intake.ts'
import { lineRoutes } from './line-routes.ts'
import { otlpRoutes } from './otlp-routes.ts'
import { OtlpSeries } from './otlp-series.ts'
import { prometheusRoutes } from './prometheus-routes.ts'
import { RemoteWriteDecoder } from './remote-write.ts'
import { SeriesAllowance } from './series-allowance.ts'

export type GatewayLimits = Readonly<{
  // Of a body, packed and unpacked.
  bodyBytes: number
  // Of a line of line protocol, and of the labels of one series in the other formats.
  lineBytes: number
  // Labels of one series.
  tags: number
  // New series that one sender may bring within a day.
  seriesPerSource: number
}>

export const gatewayLimits: GatewayLimits = {
  bodyBytes: 32 * 1024 * 1024,
  lineBytes: 1024 * 1024,
  tags: 64,
  seriesPerSource: 200_000,
}

export type GatewayOptions = Readonly<{
  table: SeriesTable
  bus: Bus
  clock: Clock
  own: OwnMetrics
  log: Log
  limits?: GatewayLimits
  // Attributes of an OpenTelemetry resource that become labels of each of its series.
  promote?: readonly string[]
  // How long the store keeps samples, where it is ours: what is older would be deleted at once, so it is refused.
  keepMs?: number
  // Series whose changes (delta temporality) are added up at one time.
  deltaSeries?: number
  // What clients of InfluxDB are told; some refuse to write to what does not look like one.
  version?: string
}>

export function gatewayRoutes(options: GatewayOptions): Route[] {
  const { table, bus, clock, own, log, limits = gatewayLimits, version = '2.7.12', promote = [] } = options
  const { bodyBytes, lineBytes, tags, seriesPerSource } = limits
  const { keepMs = Number.POSITIVE_INFINITY } = options
  const allowance = new SeriesAllowance(table, seriesPerSource)
  const intake = new Intake({ table, allowance, bus, clock, own, log, bodyBytes })
  const sums = new DeltaSums({
    seriesMax: options.deltaSeries ?? 100_000,
    onForget: () => own.counter('plimsoll_gateway_delta_forgotten_total').inc(),
  })
  own.gauge('plimsoll_gateway_delta_series').read(() => sums.size)
  const decoder = new LineDecoder(allowance, { lineBytes, tags, keepMs })
  const remoteWrite = new RemoteWriteDecoder(allowance, { lineBytes, tags, keepMs })
  const otlp = { series: new OtlpSeries(allowance, { lineBytes, tags }), sums, promote, keepMs }
  return [
    ...lineRoutes({ intake, decoder, own, bodyMaxBytes: bodyBytes, version }),
    ...prometheusRoutes(intake, remoteWrite, bodyBytes),
    ...otlpRoutes(intake, otlp, bodyBytes),
  ]
}
