// How numbers and times look in Prometheus' answers, to the letter: as Go's strconv writes them. A million of them may
// stand in one answer, so the common ones are taken as JavaScript writes them (bench/query.ts). Called by answer-json.ts.

// Of a sample: with an exponent below 1e-6 and from 1e21 up, as JavaScript has it; Go's has two digits at least.
export function sampleText(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e-6 && size < 1e21) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  if (!Number.isFinite(value)) return oddText(value)
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}

// Of a scalar: never an exponent.
export function scalarText(value: number): string {
  const text = sampleText(value)
  const [, sign = '', digits = '', fraction = '', exponent = '0'] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? []
  if (digits === '') return text
  const all = digits + fraction
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`
  return `${sign}${all.padEnd(point, '0')}`
}

function oddText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}

// Seconds. Of a sample: with all three digits of the milliseconds where there are any, 1.500.
export const timeText = (tMs: number): string =>
  tMs % 1_000 === 0 ? String(tMs / 1_000) : (tMs / 1_000).toFixed(3)

// Of a scalar or a text: as short as it goes, 1.5.
export const shortTimeText = (tMs: number): string => String(tMs / 1_000)
