// `npm run bench:capacity`: forecasts of 10 000 lines of 60 daily rows, by the mission's line and by `auto`, beside what they
// have to meet. CPU time stands beside the clock's, because machines are shared.

import { type Forecaster, openForecaster } from '../capacity/forecast/forecaster.ts'
import type { ForecastAsked } from '../capacity/forecast.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'

const lines = 10_000
const days = 60
// The end of next month, and a lead time of thirty days.
const horizonDays = 91
const toMeetMs = { linear: 100, auto: 300_000 }
const rounds = 9

// Growth, a week, noise; every tenth line has gaps, every twentieth a shift.
function askedOf(line: number, method: ForecastAsked['method']): ForecastAsked {
  let seed = line + 1
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
  const [level, slope, season] = [100 + 900 * random(), random() - 0.3, 40 * random()]
  const values = Float64Array.from({ length: days }, (_, day) => {
    if (line % 10 === 0 && random() < 0.1) return Number.NaN
    const shift = line % 20 === 0 && day > 35 ? 0.4 * level : 0
    return level + slope * day + shift + (day % 7 < 5 ? season : -season) + 0.05 * level * (random() - 0.5)
  })
  const supply = { firstDay: 20_000, values: new Float64Array(days).fill(2 * level) }
  const demand = { firstDay: 20_000, values }
  return { demand, supply, limit: 1.4 * level, horizonDays, method, factors: new Map() }
}

type Took = Readonly<{ wallMs: number; cpuMs: number }>

async function measure(forecaster: Forecaster, asked: readonly ForecastAsked[]): Promise<Took> {
  const before = process.cpuUsage()
  const beganMs = performance.now()
  const found = await forecaster.forecast(asked)
  const wallMs = performance.now() - beganMs
  const { user, system } = process.cpuUsage(before)
  if (found.some(({ likely }) => !Number.isFinite(likely[horizonDays - 1])))
    throw new Error('a forecast is no number')
  return { wallMs, cpuMs: (user + system) / 1_000 }
}

const show = (what: string, { wallMs, cpuMs }: Took, toMeet: number): void =>
  console.log(
    `  ${what.padEnd(44)} ${wallMs.toFixed(0).padStart(8)} ms, ${cpuMs.toFixed(0).padStart(8)} ms of CPU; to meet: ${toMeet} ms`,
  )

async function showLinear(forecaster: Forecaster): Promise<void> {
  const asked = Array.from({ length: lines }, (_, line) => askedOf(line, 'linear'))
  const took: Took[] = []
  for (let round = 0; round < rounds; round++) took.push(await measure(forecaster, asked))
  show('linear, dates and bands, first time', took[0]!, toMeetMs.linear)
  const warm = took.slice(1)
  const middle = {
    wallMs: median(warm.map(each => each.wallMs)),
    cpuMs: median(warm.map(each => each.cpuMs)),
  }
  show(`linear, dates and bands, median of ${warm.length}`, middle, toMeetMs.linear)
  const found = await forecaster.forecast(asked)
  const beganMs = performance.now()
  const count = found.reduce((sum, { findings }) => sum + findings.length, 0)
  console.log(
    `  ${count} findings of them, read afterwards: ${(performance.now() - beganMs).toFixed(0)} ms more`,
  )
}

async function showAuto(forecaster: Forecaster, share: number): Promise<void> {
  const asked = Array.from({ length: lines / share }, (_, line) => askedOf(line, 'auto'))
  const { wallMs, cpuMs } = await measure(forecaster, asked)
  const took = { wallMs: wallMs * share, cpuMs: cpuMs * share }
  const measured = share === 1 ? '' : `, from ${asked.length} lines`
  show(`auto, two threads${measured}`, took, toMeetMs.auto)
}

console.log(machine())
console.log(`${lines} lines of ${days} days, ${horizonDays} days ahead`)
const forecaster = openForecaster()
await showLinear(forecaster)
// `npm run bench:capacity -- whole` takes minutes; without it a twentieth is measured.
await showAuto(forecaster, process.argv[2] === 'whole' ? 1 : 20)
await forecaster.close()
