// What /metrics shows is held against Prometheus' text format, line by line.
import { expect, test } from 'vitest'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { measureProcess } from '#core/process-numbers.ts'

test('counts, by the labels of the table', async () => {
  const own = openOwnMetrics()
  own.counter('plimsoll_gateway_lines_total').inc()
  own.counter('plimsoll_gateway_lines_total').inc(4)
  const requests = own.counter('plimsoll_http_requests_total')
  requests.inc(1, { route: '/write', class: '2xx' })
  requests.inc(2, { class: '2xx', route: '/write' })
  requests.inc(1, { route: 'a"b\\c\nd', class: '4xx' })

  expect(await own.text()).toBe(
    [
      '# HELP plimsoll_gateway_lines_total lines of line protocol received',
      '# TYPE plimsoll_gateway_lines_total counter',
      'plimsoll_gateway_lines_total 5',
      '# HELP plimsoll_http_requests_total requests answered, by route and class of status (2xx, 4xx …)',
      '# TYPE plimsoll_http_requests_total counter',
      'plimsoll_http_requests_total{class="2xx",route="/write"} 3',
      'plimsoll_http_requests_total{class="4xx",route="a\\"b\\\\c\\nd"} 1',
      '',
    ].join('\n'),
  )
})

test('a counter never goes down', () => {
  const own = openOwnMetrics()
  own.counter('plimsoll_gateway_lines_total').inc(3)
  own.counter('plimsoll_gateway_lines_total').inc(-2)
  own.counter('plimsoll_gateway_lines_total').inc(Number.NaN)
  expect(own.samples(0).map(each => each.value)).toEqual([3])
})

test('a gauge is what was last set, or what is read when somebody looks', () => {
  const own = openOwnMetrics()
  let inFlight = 3
  own.gauge('plimsoll_http_in_flight').read(() => inFlight)
  own.gauge('plimsoll_http_in_flight_bytes').set(7)
  own.gauge('plimsoll_http_in_flight_bytes').set(8)
  inFlight = 4
  expect(own.samples(5)).toEqual([
    { series: { name: 'plimsoll_http_in_flight', labels: {} }, tMs: 5, value: 4 },
    { series: { name: 'plimsoll_http_in_flight_bytes', labels: {} }, tMs: 5, value: 8 },
  ])
})

test('a number that cannot be had is left out', async () => {
  const own = openOwnMetrics()
  own.gauge('process_open_fds').read(() => Number.NaN)
  own.gauge('process_max_fds').set(Number.POSITIVE_INFINITY)
  expect(await own.text()).not.toContain('process_open_fds')
  expect(await own.text()).toContain('process_max_fds +Inf\n')
})

test('a histogram counts upwards: each bucket holds the smaller ones', () => {
  const own = openOwnMetrics()
  const pauses = own.histogram('nodejs_gc_duration_seconds')
  for (const value of [0.001, 0.05, 3, 30]) pauses.observe(value, { kind: 'minor' })
  const rows = own.samples(0).map(({ series, value }) => [series.name, series.labels['le'], value])
  expect(rows).toEqual([
    ['nodejs_gc_duration_seconds_bucket', '0.001', 1],
    ['nodejs_gc_duration_seconds_bucket', '0.01', 1],
    ['nodejs_gc_duration_seconds_bucket', '0.1', 2],
    ['nodejs_gc_duration_seconds_bucket', '1', 2],
    ['nodejs_gc_duration_seconds_bucket', '2', 2],
    ['nodejs_gc_duration_seconds_bucket', '5', 3],
    ['nodejs_gc_duration_seconds_bucket', '+Inf', 4],
    ['nodejs_gc_duration_seconds_sum', undefined, 33.051],
    ['nodejs_gc_duration_seconds_count', undefined, 4],
  ])
  expect(own.samples(0).every(each => each.series.labels['kind'] === 'minor')).toBe(true)
})

test('label values are bounded, and what is dropped is counted', () => {
  const own = openOwnMetrics()
  const bytes = own.counter('plimsoll_http_received_bytes_total')
  for (let route = 0; route < 510; route++) bytes.inc(1, { route: `/${route}` })
  bytes.inc(5, { route: '/0' })
  const samples = own.samples(0)
  const named = (name: string) => samples.filter(each => each.series.name === name)
  expect(named('plimsoll_http_received_bytes_total')).toHaveLength(500)
  expect(named('plimsoll_http_received_bytes_total')[0]?.value).toBe(6)
  expect(named('plimsoll_own_series_dropped_total')[0]?.value).toBe(10)
})

test('the process tells what it takes', () => {
  const own = openOwnMetrics()
  using _ = measureProcess(own)
  const value = (name: string): number =>
    own.samples(0).find(each => each.series.name === name)?.value ?? Number.NaN
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(10e6)
  expect(value('nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6)
  expect(value('process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(value('process_open_fds')).toBeGreaterThan(2)
  expect(value('process_max_fds')).toBeGreaterThan(2)
  expect(Math.abs(value('process_start_time_seconds') - performance.timeOrigin / 1e3)).toBeLessThan(1)
  expect(value('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0)
  expect(value('nodejs_eventloop_lag_max_seconds')).toBeLessThan(60)
})
