// How to reach a Prometheus-compatible database, as the configuration says it. Read by everything in this folder.
import type { Secret } from '../../secret.ts'

export type PrometheusSettings = Readonly<{
  // What stands before /api/v1/query: http://vmselect:8481/select/0/prometheus, http://127.0.0.1:8428.
  url: string
  // Where remote write goes, whole: http://vminsert:8480/insert/0/prometheus/api/v1/write.
  write: string
  token?: Secret | undefined
  basic?: Readonly<{ user: string; password: Secret }> | undefined
  // Sent with every request: X-Scope-OrgID of Mimir.
  headers: Readonly<Record<string, string>>
  limits?: SeriesLimits | undefined
}>

// What the database takes of one series, its name counted as a label.
export type SeriesLimits = Readonly<{ labels: number; valueBytes: number }>

// VictoriaMetrics cuts off what is beyond, and says 204: two series become one. Mimir refuses it. So these are checked
// here; whoever has raised the limits of the database raises these.
export const seriesLimits: SeriesLimits = { labels: 30, valueBytes: 1_024 }
