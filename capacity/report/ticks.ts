// Round numbers for an axis that begins at 0: four to six of them. Called by plot.ts.

const wantedTicks = 5

export function ticksOf(most: number): number[] {
  if (!Number.isFinite(most) || most <= 0) return [0]
  const rough = most / wantedTicks
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].find(each => each * power >= rough * (1 - 1e-9))! * power
  // Multiplied rather than added up, so that 0.3 is not 0.30000000000000004.
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, at) =>
    Number((at * step).toPrecision(12)),
  )
}
