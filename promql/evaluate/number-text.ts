// A number as Go writes it with 'f' and as few digits as tell it from all others: never an exponent. Called by
// count_values, whose labels are numbers.

export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  const [digits, exponent] = text.split('e')
  if (exponent === undefined || digits === undefined) return text
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(digits) ?? []
  const shift = Number(exponent)
  if (shift > 0) return `${sign}${whole}${part.padEnd(shift, '0')}`
  return `${sign}0.${'0'.repeat(-shift - 1)}${whole}${part}`
}
