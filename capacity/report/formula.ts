// The number of units as a planner works it out with a pocket calculator: with the fewest digits that still come to the
// units that the plan says. Pure. Called by report-model.ts.
import type { LinePlan } from '../plan.ts'
import { type Scale, scaleOf } from './figures.ts'

//   (forecast ÷ waterline + spare × unit − supply − on order × unit) ÷ unit = result → units, rounded up
//
// forecast, supply and unit are rounded and in the scale; the result is that of the rounded numbers.
export type Formula = Readonly<{
  day: number
  scale: Scale
  forecast: number
  waterline: number
  supply: number
  unit: number
  onOrderUnits: number
  spareUnits: number
  result: number
  units: number
  // How many digits the numbers are shown with.
  digits: number
  // False: the plan says another number than these come to.
  agrees: boolean
}>

// Beyond that a float has none.
const digitsMost = 15

export function formulaOf(line: LinePlan, unitName: string): Formula | null {
  const { target, supplyNow, unitCapacity } = line
  if (target === null || !Number.isFinite(target.likely) || !Number.isFinite(supplyNow)) return null
  if (!(unitCapacity > 0)) return null
  const scale = scaleOf(Math.max(target.likely, supplyNow), unitName)
  for (let digits = 3; digits < digitsMost; digits++) {
    const formula = roundedTo(digits, line, { scale, day: target.day, likely: target.likely })
    if (formula.agrees) return formula
  }
  return roundedTo(digitsMost, line, { scale, day: target.day, likely: target.likely })
}

type Asked = Readonly<{ scale: Scale; day: number; likely: number }>

function roundedTo(digits: number, line: LinePlan, { scale, day, likely }: Asked): Formula {
  const { waterline, supplyNow, unitCapacity, onOrderUnits, spareUnits } = line
  const rounded = (value: number): number => Number((value / scale.divisor).toPrecision(digits))
  const [forecast, supply, unit] = [rounded(likely), rounded(supplyNow), rounded(unitCapacity)]
  const result = (forecast / waterline + spareUnits * unit - supply - onOrderUnits * unit) / unit
  // 12.000000000000002 is twelve, and there is no -0 of anything.
  const units = Math.ceil(result - 1e-9 * Math.max(1, Math.abs(result))) + 0
  return {
    ...{ day, scale, forecast, waterline, supply, unit, onOrderUnits, spareUnits, result, digits },
    ...{ units: line.units, agrees: units === line.units },
  }
}
