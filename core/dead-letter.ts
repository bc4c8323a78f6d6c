// What could not be stored and would not get better by trying again: kept apart with the reason, for people to look
// at. Written by whoever meets it (the gateway for foreign producers, stores that refuse a line).

export type DeadLetter = Readonly<{
  v: 1
  atMs: number
  // Who refused it: ingest, influxdb, prometheus.
  from: string
  reason: string
  // The line as it came, shortened when it is very long.
  line: string
}>
