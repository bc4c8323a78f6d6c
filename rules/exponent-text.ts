// A number as Go writes it with 'e' and as few digits as tell it from all others: 1e+00. Values of alerts look so in
// Prometheus' API. Called by rule-json.ts and by whoever makes published alerts.

export function exponentText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const sign = Object.is(value, -0) ? '-' : ''
  return sign + value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}
