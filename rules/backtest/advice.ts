// One line for each rule that deserves it: what would make it quieter, every number really computed. Called by
// backtest.ts.
//
// Noise: a firing is noisy when it lasted under two minutes, or began within an hour of the end of the one before of the
// same label set. noise = noisy firings / all firings, in per cent; one that begins by night (22 to 8 o'clock) counts
// twice on both sides of the line, for it wakes somebody.
import { durationText } from '#core/duration.ts'
import type { Variant } from './report.ts'
import { type AlertResult, variesWithTime } from './rule-replay.ts'

// Thousands apart, by a space too narrow to end a line.
export const grouped = (count: number): string => count.toLocaleString('en').replaceAll(',', '\u202f')

// Below that a rule is left in peace.
const noisyFrom = 25
const fewest = 4

export function adviceOn({ rule, tallied, variants }: AlertResult): string | null {
  const { firings, noise, labelSets } = tallied
  if (variesWithTime(rule)) {
    return 'a label is made of the value or the time: each new text is another alert; say it in an annotation'
  }
  if (firings < fewest || noise < noisyFrom) return null
  const best = bestOf(variants, firings)
  if (best === undefined) {
    const often = labelSets === 1 ? 'one label set' : `${grouped(labelSets)} label sets`
    return `no longer \`for\` helps: ${often}, look at the threshold`
  }
  const { forMs, keepFiringMs } = best
  const said =
    forMs > rule.forMs ? `for: ${durationText(forMs)}` : `keep_firing_for: ${durationText(keepFiringMs)}`
  return `\`${said}\` would have left ${grouped(best.firings)} of ${grouped(firings)}`
}

// The shortest wait that leaves at most half, else whatever leaves least, if that is worth it.
function bestOf(variants: readonly Variant[], firings: number): Variant | undefined {
  const enough = variants.find(each => each.firings <= firings / 2)
  if (enough !== undefined) return enough
  const [least] = [...variants].sort((a, b) => a.firings - b.firings)
  return least !== undefined && least.firings <= firings * 0.8 ? least : undefined
}
