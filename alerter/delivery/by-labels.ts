// Which of two alerts that began together is told first? As Alertmanager has it: by job, by instance, then by all labels.
// Called for each comparison while a message is composed, so it makes nothing: a storm has thousands of each.
import type { Labels } from '#core/model.ts'

export function byLabels(one: Labels, other: Labels): number {
  return byOne(one['job'], other['job']) || byOne(one['instance'], other['instance']) || byAll(one, other)
}

// Whoever has none comes last.
function byOne(value: string | undefined, other: string | undefined): number {
  if (value === other) return 0
  if (value === undefined) return 1
  return other === undefined || value < other ? -1 : 1
}

// Fewer come first; else the first name that is not the same in both decides, and whoever lacks it comes first. A label may
// be called `constructor`, which objects inherit.
function byAll(one: Labels, other: Labels): number {
  let more = 0
  let first: string | undefined
  for (const name in one) {
    more += 1
    if (one[name] !== other[name] && (first === undefined || name < first)) first = name
  }
  for (const name in other) {
    more -= 1
    if ((first === undefined || name < first) && !Object.hasOwn(one, name)) first = name
  }
  if (more !== 0 || first === undefined) return more
  if (!Object.hasOwn(one, first)) return -1
  return !Object.hasOwn(other, first) || one[first]! > other[first]! ? 1 : -1
}
