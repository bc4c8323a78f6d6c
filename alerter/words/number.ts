// A number as a person says it: three digits that count, and its unit where it is known. Called for values and
// thresholds.

const prefixes = ['', ' k', ' M', ' G', ' T', ' P', ' E']
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

const bytes = /^(?:b|bytes?)$/i
const percent = /^(?:%|percent)$/i
const seconds = /^(?:s|secs?|seconds?)$/i

const written = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i

// What is no number is said as it is.
export function numberText(text: string, unit = ''): string {
  if (!written.test(text)) return text
  const value = Number(text)
  if (!Number.isFinite(value)) return text
  if (bytes.test(unit)) return bytesText(value)
  if (percent.test(unit)) return `${digits(value)} %`
  if (seconds.test(unit)) return secondsText(value)
  const said = scaled(value)
  return unit === '' ? said : `${said}${/[a-z]$/i.test(said) ? '' : ' '}${unit}`
}

// `> 90` and its like: the number in it, the rest as it is.
export const thresholdText = (text: string, unit = ''): string =>
  text.replace(
    /(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w.]|\s*(?:%|[kmgt]?i?[bs]\b))/gi,
    found => numberText(found, unit),
  )

function bytesText(value: number): string {
  const step = stepOf(value, 1024, binary.length)
  return `${digits(value / 1024 ** step)} ${binary[step]}`
}

// Up to 99 999 people read without help.
function scaled(value: number): string {
  if (Math.abs(value) < 100_000) return digits(value)
  const step = stepOf(value, 1000, prefixes.length)
  return `${digits(value / 1000 ** step)}${prefixes[step]}`
}

// Rounding may lead to the next step: 1023.9 KiB are a MiB.
function stepOf(value: number, base: number, steps: number): number {
  let step = 0
  for (let left = Math.abs(value); Number(digits(left)) >= base && step < steps - 1; left /= base) step++
  return step
}

function secondsText(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0 s'
  if (size < 0.001) return `${digits(value * 1e6)} µs`
  if (size < 1) return `${digits(value * 1000)} ms`
  if (size < 120) return `${digits(value)} s`
  if (size < 7200) return `${digits(value / 60)} min`
  if (size < 172_800) return `${digits(value / 3600)} h`
  return `${digits(value / 86_400)} d`
}

// At least three digits that count; whole numbers lose none.
function digits(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 0.0001 || size >= 1e21)) return value.toExponential(2)
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 2 - Math.floor(Math.log10(size || 1))
  const text = value.toFixed(Math.min(decimals, 8))
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
