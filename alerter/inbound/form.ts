// Bodies of callbacks, read without trust: what is not of the form is nothing. Called by the readers beside it.

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (found: unknown): found is Fields =>
  typeof found === 'object' && found !== null && !Array.isArray(found)

const callbacksMax = 1_000

// An object, or a list: anything else has not the form of a callback.
export function isJson(body: string): boolean {
  try {
    const read: unknown = JSON.parse(body)
    return typeof read === 'object' && read !== null
  } catch {
    return false
  }
}

// An object, or a list of them.
export function objectsOf(body: string): readonly Fields[] {
  try {
    const read: unknown = JSON.parse(body)
    return (Array.isArray(read) ? read : [read]).filter(isFields).slice(0, callbacksMax)
  } catch {
    return []
  }
}

export const textOf = (fields: Fields, name: string): string => {
  const found = fields[name]
  if (typeof found === 'number') return String(found)
  return typeof found === 'string' ? found.slice(0, 2_000) : ''
}
