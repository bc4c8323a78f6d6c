// Parts of a pool as requests name them: the same text for the same labels, and which is within which. Called by all of
// requests/.
import { labelsIn, labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'

export const partKey = (part: Labels): string => JSON.stringify(labelsOf(Object.entries(part)))

export const readPart = (key: string): Labels => labelsIn(JSON.parse(key))

// The whole holds everything, a zone what is within it.
export const holds = (whole: Labels, part: Labels): boolean =>
  Object.entries(whole).every(([name, value]) => part[name] === value)

// zone=a machine_type=c2; nothing of the whole.
export const partText = (part: Labels): string =>
  Object.entries(part)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
