// As which measurement and field does a metric stand in line protocol that others read? What the agent measures
// looks as Telegraf writes it, types included: InfluxDB refuses a field that is a whole number on one host and a
// float on another. Everything else is (name, `value`), a float. Called for each new series that is written as text.
import { type InputMetricName, inputMetrics } from './metrics-inputs.ts'

export type MetricField = Readonly<{ measurement: string; field: string; isWhole: boolean }>

// The longer first: `diskio_reads` is not of `disk`.
const measurements = ['processes', 'diskio', 'system', 'disk', 'swap', 'cpu', 'mem', 'net']

// Telegraf's floats: shares, means, and the seconds of processors.
const isFloat = (name: InputMetricName): boolean =>
  inputMetrics[name].unit === '%' || /^(?:cpu_time_|system_load|diskio_io_(?:await|svctm)$)/.test(name)

const split = (name: InputMetricName): MetricField => {
  const measurement = measurements.find(each => name.startsWith(`${each}_`))
  if (measurement === undefined) throw new Error(`${name} belongs to no measurement of core/metric-fields.ts`)
  return { measurement, field: name.slice(measurement.length + 1), isWhole: !isFloat(name) }
}

const known = new Map<string, MetricField>(
  (Object.keys(inputMetrics) as InputMetricName[]).map(name => [name, split(name)]),
)

export const metricField = (name: string): MetricField =>
  known.get(name) ?? { measurement: name, field: 'value', isWhole: false }
