// In which order the keys of a map stand: by their bytes, as in Go. Used by format.ts and walk.ts, where maps are
// printed and ranged over, and where texts are compared.

export const sortedKeys = (record: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(record).sort(byBytes)

// UTF-16 sorts as UTF-8 does, but for what it writes as pairs.
export function byBytes(a: string, b: string): number {
  if (/[\ud800-\udfff]/.test(a) || /[\ud800-\udfff]/.test(b)) {
    return Buffer.compare(Buffer.from(a), Buffer.from(b))
  }
  return a < b ? -1 : a > b ? 1 : 0
}
