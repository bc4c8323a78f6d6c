// Patterns of paths, as Go's filepath.Match takes them; what it calls a bad one is refused. Called by the reader of the
// configuration.
import { foundText } from '#core/config/tree.ts'
import { complain, type Reader } from './form.ts'
import { text } from './scalars.ts'

const one = String.raw`(?:[^\\\]-]|\\.)`
const set = String.raw`\[(?:\^|(?!\^))(?:${one}(?:-${one})?)+\]`
// Alertmanager looks as far as the first star before it looks for files, and then nobody is told of the rest.
const good = new RegExp(String.raw`^\**(?!\*)(?:[^\\[*]|\\.|${set})*(?:\*|$)`, 'su')

export const glob: Reader<string> = (tree, at) => {
  const found = text(tree, at)
  if (found === undefined || good.test(found)) return found
  const hint = 'a [ begins a set of letters, which ends with a ]; a letter behind \\ is itself'
  complain(tree.place, at, {
    wanted: 'a pattern of paths, like templates/*.tmpl',
    found: foundText(tree),
    hint,
  })
  return undefined
}
