// The labels that make a group, read from its key (`{}/{team="a"}:{alertname="X"}`): those after the route. Called by
// compose.ts.
// Hot in a storm: see bench/storm.ts, `single`.
import { labelsOf, noLabels } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { unquote } from '#promql/string-literal.ts'

const quoted = /"(?:[^"\\]|\\.)*"/gs
const pair = /([^=]*)=("(?:[^"\\]|\\.)*")(?:, |$)/gsy

export function groupLabelsOf(groupKey: string): Labels {
  const begin = beginOf(groupKey)
  if (begin < 0) return noLabels
  const inner = groupKey.slice(begin + 2, -1)
  const pairs: [string, string][] = []
  pair.lastIndex = 0
  try {
    for (let found = pair.exec(inner); found !== null; found = pair.exec(inner))
      pairs.push([found[1]!, unquote(found[2]!)])
    return labelsOf(pairs)
  } catch {
    return noLabels
  }
}

function beginOf(groupKey: string): number {
  if (!groupKey.endsWith('}')) return -1
  const begin = groupKey.lastIndexOf(':{')
  // Mostly it is the only one.
  if (groupKey.indexOf(':{') === begin) return begin
  // Those in texts are none.
  return groupKey.replace(quoted, found => '_'.repeat(found.length)).lastIndexOf(':{')
}
