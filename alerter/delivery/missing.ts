// Who of a message is not told yet, where its way asks for each number apart: a number that has had its messages of the
// day holds up no other. Called by lane.ts and wait.ts.
import type { Item } from './item.ts'
import { settledOf } from './settled.ts'
import { asksApart, type Way } from './ways.ts'

const onlyOne = [0]

// By their places among the numbers; one place where there is one budget for all.
export function missingOf({ entry }: Item, way: Way): readonly number[] {
  if (!asksApart(way)) return onlyOne
  const all = [...way.budgets.keys()]
  if (entry.settled === undefined) return all
  // Wherever its templates lead: tell.ts sees to it that nobody is left out whose place is another one by now.
  const settled = settledOf([entry], { way: way.id, who: way.who })
  const missing = all.filter(nth => !settled.has(nth))
  // Then it only has to be written down.
  return missing.length === 0 ? all : missing
}
