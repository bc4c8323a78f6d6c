// How long an alert may be: what others post is kept, saved, told and read again at a start. What names it is refused
// where it is longer, by the API; what it says beside that is cut, by the intake.
import { annotationsIn } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'

// Labels, and the address that it came from.
export const nameCharactersMax = 16_384
const annotationCharactersMax = 32_768
// What was said then, which is kept for a year.
const factCharactersMax = 4_096

// Of all that are known.
export type AlertsSize = Readonly<{ alerts: number; characters: number }>

export const charactersOf = ({
  labels,
  annotations,
}: Readonly<{ labels: Labels; annotations: Labels }>): number =>
  charactersIn(labels) + Math.min(charactersIn(annotations), annotationCharactersMax)

export function charactersIn(texts: Labels): number {
  let sum = 0
  for (const name in texts) sum += name.length + texts[name]!.length
  return sum
}

export const saidShortly = (annotations: Labels): Labels => shortened(annotations, annotationCharactersMax)

export const noted = (annotations: Labels): Labels => shortened(annotations, factCharactersMax)

// The first ones stay as they are; what has no room at all is left out.
function shortened(texts: Labels, most: number): Labels {
  if (charactersIn(texts) <= most) return texts
  const kept: [string, string][] = []
  let left = most
  for (const [name, text] of Object.entries(texts)) {
    left -= name.length
    if (left <= 0) break
    kept.push([name, text.length <= left ? text : `${text.slice(0, left).toWellFormed()}…`])
    left -= text.length
  }
  return annotationsIn(Object.fromEntries(kept))
}
