// Which series is field `f` of measurement `m`, and how do numbers travel that the protocol cannot write?
// Called by the decoder and the encoder, which must agree, and by stores that keep measurements and fields.

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

// Where a series has been before it got its name.
export type Source = Readonly<{ measurement: string; field: string }>

// Every measurement and field that nameOf() gives this name: itself, Telegraf's scrape, and every split.
export function sourcesOf(name: string): Source[] {
  const sources = [
    { measurement: name, field: ownField },
    { measurement: scrape, field: name },
  ]
  for (let at = name.indexOf('_'); at >= 0; at = name.indexOf('_', at + 1)) {
    sources.push({ measurement: name.slice(0, at), field: name.slice(at + 1) })
  }
  return sources.filter(
    ({ measurement, field }) => measurement !== '' && field !== '' && nameOf(measurement, field) === name,
  )
}

// The field whose sample a string field of this name carries, if it carries one.
export const specialField = (field: string): string | undefined =>
  field.endsWith(specialSuffix) && field.length > specialSuffix.length
    ? field.slice(0, -specialSuffix.length)
    : undefined

export const isSpecial = (text: string): text is Special => specials.some(each => each === text)
