// Parts of a pool as requests name them: the same text for the same labels, and which is within which. Called by all of
// requests/.
import { Failure } from '#core/errors.ts'
import { labelsIn, labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { guessed } from '#core/nearest.ts'
import type { Pool } from '../pool.ts'

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

// A part that its pool does not fall into would count for nothing. A value that nobody knows may be a zone to come; one that
// differs from a known one in its case alone is a slip.
export function checkPart(part: Labels, { name: pool, by }: Pool, known: readonly Labels[]): void {
  for (const [name, value] of Object.entries(part)) {
    if (!by.includes(name)) {
      const parts = by.length === 0 ? 'none, as it does not fall into parts (by)' : `one of ${by.join(', ')}`
      throw new Failure('bad_request', `part: wanted of ${pool} ${parts}, found ${name}${guessed(name, by)}`)
    }
    const values = known.flatMap(each => each[name] ?? [])
    const plain = (text: string): string => text.trim().toLowerCase()
    const meant = values.find(each => plain(each) === plain(value))
    if (meant !== undefined && !values.includes(value))
      throw new Failure(
        'bad_request',
        `part: no part of ${pool} is called ${name}=${value}; did you mean ${meant}?`,
      )
  }
}
