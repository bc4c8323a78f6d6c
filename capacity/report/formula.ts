// The number of units as a planner works it out with a pocket calculator: with the fewest digits that still come to the
// units that the plan says. Pure. Called by pool-report.ts, and by the commands for what the service has answered.
import { count, digits, type Scale, scaleOf } from './figures.ts'

// A line of a plan, or as JSON, where null is what is not known.
export type FormulaInputs = Readonly<{
  target: Readonly<{ likely: number | null }> | null
  supplyNow: number | null
  waterline: number
  unitCapacity: number
  // Of what is on order and spare; left out: as new ones.
  presentCapacity?: number
  onOrderUnits: number
  spareUnits: number
  units: number
}>

//   (forecast ÷ waterline + spare × present − supply − on order × present) ÷ unit = result → units, rounded up
//
// forecast, supply, present and unit are rounded and in the scale; the result is that of the rounded numbers.
export type Formula = Readonly<{
  scale: Scale
  forecast: number
  waterline: number
  supply: number
  // Of a unit as they are, and of a new one.
  present?: number
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

export function formulaOf(line: FormulaInputs, unitName: string): Formula | null {
  const { target, supplyNow, unitCapacity } = line
  const likely = target?.likely ?? Number.NaN
  const supply = supplyNow ?? Number.NaN
  if (!Number.isFinite(likely) || !Number.isFinite(supply) || !(unitCapacity > 0)) return null
  const asked = { likely, supply, scale: scaleOf(Math.max(likely, supply), unitName) }
  for (let shown = 3; shown < digitsMost; shown++) {
    const formula = roundedTo(shown, line, asked)
    if (formula.agrees) return formula
  }
  return roundedTo(digitsMost, line, asked)
}

type Asked = Readonly<{ likely: number; supply: number; scale: Scale }>

function roundedTo(shown: number, line: FormulaInputs, asked: Asked): Formula {
  const { scale } = asked
  const { waterline, onOrderUnits, spareUnits } = line
  const rounded = (value: number): number => Number((value / scale.divisor).toPrecision(shown))
  const [forecast, supply, unit] = [rounded(asked.likely), rounded(asked.supply), rounded(line.unitCapacity)]
  const present = rounded(line.presentCapacity ?? line.unitCapacity)
  const result = (forecast / waterline + spareUnits * present - supply - onOrderUnits * present) / unit
  // 12.000000000000002 is twelve, and there is no -0 of anything.
  const units = Math.ceil(result - 1e-9 * Math.max(1, Math.abs(result))) + 0
  return {
    ...{ scale, forecast, waterline, supply, present, unit, onOrderUnits, spareUnits, result, digits: shown },
    ...{ units: line.units, agrees: units === line.units },
  }
}

// As one types it into a calculator: `(1,280 ÷ 0.7 + 1 × 32 − 800) ÷ 32 = 33.1`.
export function formulaText(formula: Formula): string {
  const { forecast, waterline, supply, unit, onOrderUnits, spareUnits } = formula
  const number = (value: number): string => digits(value, formula.digits)
  // Reports that were kept by older versions know of one size.
  const present = number(formula.present ?? unit)
  const spare = spareUnits === 0 ? '' : ` + ${count(spareUnits)} × ${present}`
  const sign = onOrderUnits > 0 ? '−' : '+'
  const onOrder = onOrderUnits === 0 ? '' : ` ${sign} ${count(Math.abs(onOrderUnits))} × ${present}`
  const terms = `${number(forecast)} ÷ ${digits(waterline, 15)}${spare} − ${number(supply)}${onOrder}`
  return `(${terms}) ÷ ${number(unit)} = ${resultText(formula)}`
}

// 16.004 becomes 17 units, which 16 would not.
function resultText({ result, units }: Formula): string {
  const most = [3, 4, 5, 6, 8, 10].find(each => Math.ceil(Number(result.toPrecision(each))) === units)
  return digits(result, most ?? 12)
}
