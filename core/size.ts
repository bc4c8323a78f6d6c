// How much is `32MiB`? The notation of sizes in configuration: k, M, G, T by thousands, Ki, Mi, Gi, Ti by 1024.
// Called by the schemas of configuration and by whoever shows a size.

const bytesOf: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

export const sizePattern = /^(\d+(?:\.\d+)?) ?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/

// Whole bytes; nothing when the text is no size.
export function readSize(text: string): number | undefined {
  const [, amount, unit] = sizePattern.exec(text) ?? []
  if (amount === undefined || unit === undefined) return undefined
  const bytes = Math.round(Number(amount) * (bytesOf[unit] ?? Number.NaN))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

// The shortest exact text, or one with a decimal where none is exact.
export function sizeText(bytes: number): string {
  for (const unit of ['TiB', 'TB', 'GiB', 'GB', 'MiB', 'MB', 'KiB', 'kB']) {
    const size = bytesOf[unit] ?? 1
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`
  }
  const unit = ['TiB', 'GiB', 'MiB', 'KiB'].find(each => bytes >= (bytesOf[each] ?? 0))
  return unit === undefined ? `${bytes}B` : `${(bytes / (bytesOf[unit] ?? 1)).toFixed(1)}${unit}`
}
