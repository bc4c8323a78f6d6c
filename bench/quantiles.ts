// How long it took at 50, 95 and 99 per cent, and at most. Called by benchmarks of latency.

export function quantiles(numbers: readonly number[], shares = [0.5, 0.95, 0.99, 1]): readonly number[] {
  const sorted = [...numbers].sort((a, b) => a - b)
  return shares.map(share => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!)
}

export const quantileText = (numbers: readonly number[], shares?: number[]): string =>
  quantiles(numbers, shares)
    .map(each => each.toFixed(1).padStart(8))
    .join('')
