// Numbers as people read them: grouped, with no more digits than mean something, and what they count behind them. Called
// by the words of both languages.

// 12 345 is read as such where somebody orders it; what is measured or costs has three digits.
export const counted = (units: number): string => grouped(units, 15)

export const measured = (value: number, unit: string): string => {
  if (unit !== 'bytes' && unit !== 'B') return `${grouped(value, 3)} ${unit}`.trimEnd()
  const at = Math.min(sizes.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(value))) / 3)))
  return `${grouped(value / 1_000 ** at, 3)} ${sizes[at]}`
}

export const money = (amount: number, currency: string): string => `${grouped(amount, 3)} ${currency}`

export const percent = (share: number): string => `${grouped(share * 100, 3)} %`

const sizes = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']
const formats = new Map<number, Intl.NumberFormat>()

function grouped(value: number, digits: number): string {
  const format = formats.get(digits) ?? new Intl.NumberFormat('en-US', { maximumSignificantDigits: digits })
  formats.set(digits, format)
  return format.format(value)
}
