// The labels that make a group, read from its key (`{}/{team="a"}:{alertname="X"}`): those after the route. Called by
// compose.ts.
import { labelsOf, noLabels } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { unquote } from '#promql/string-literal.ts'

const quoted = /"(?:[^"\\]|\\.)*"/gs
const pair = /([^=]*)=("(?:[^"\\]|\\.)*")(?:, |$)/gsy

export function groupLabelsOf(groupKey: string): Labels {
  // Braces in texts are none.
  const bare = groupKey.replace(quoted, found => '_'.repeat(found.length))
  const begin = bare.lastIndexOf(':{')
  if (begin < 0 || !bare.endsWith('}')) return noLabels
  const inner = groupKey.slice(begin + 2, -1)
  try {
    return labelsOf([...inner.matchAll(pair)].map(([, name = '', value = '']) => [name, unquote(value)]))
  } catch {
    return noLabels
  }
}
