// How far back a selector without a range looks for its newest sample: as Prometheus does unless it is told otherwise.
// Called by the engine, by backtests and by what is said of rule files.

export const lookbackMs = 300_000
