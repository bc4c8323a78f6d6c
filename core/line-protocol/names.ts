// Which series is field `f` of measurement `m`, and how do numbers travel that the protocol cannot write?
// Called by the decoder and the encoder, which must agree.

// A field of this name is its measurement's own value.
export const ownField = 'value'
// Telegraf's own scrape: the field is the metric's name.
const scrape = 'prometheus'

// The string field `f__special` is a sample of `f`, and no note.
export const specialSuffix = '__special'
export const specials = ['NaN', '+Inf', '-Inf', 'stale'] as const
export type Special = (typeof specials)[number]

export function nameOf(measurement: string, field: string): string {
  if (field === ownField) return measurement
  return measurement === scrape ? field : `${measurement}_${field}`
}

// The field whose sample a string field of this name carries, if it carries one.
export const specialField = (field: string): string | undefined =>
  field.endsWith(specialSuffix) && field.length > specialSuffix.length
    ? field.slice(0, -specialSuffix.length)
    : undefined

export const isSpecial = (text: string): text is Special => specials.some(each => each === text)
