// How large is a regular expression once what it repeats is written out, as the engine does? `a{1000}` is a thousand
// steps, and one within another more. Known before it is compiled, because that takes long. Called by pattern.ts.

// A quoted piece, an escape, a name of signs, the beginning of a class, a repetition, or one sign. Each ends soon, so that
// all takes time linear in the text.
const token =
  /\\Q.*?(?:\\E|$)|\\(?:[pPx]\{\^?\w{0,40}\}|.)|\[:\^?\w{1,10}:\]|\[\^?\]?|\{(\d{1,9})(?:,(\d{0,9}))?\}|./gs

// Within a factor of two of what the engine makes; of what is no valid expression, anything.
export function stepsIn(pattern: string): number {
  // Of each group that is open, what stands before its last piece, and that piece.
  const open: { before: number; last: number }[] = []
  let [before, last, isClass] = [0, 0, false]
  for (const [text, least, most] of pattern.matchAll(token)) {
    if (isClass) {
      isClass = text !== ']'
      continue
    }
    if (least !== undefined) {
      last *= Math.max(Number(least) + 1, Number(most ?? 0))
      continue
    }
    if (text === ')') {
      const around = open.pop() ?? { before: 0, last: 0 }
      last += before + 1
      before = around.before + around.last
      continue
    }
    before += last
    last = text.startsWith('\\Q') ? text.length : 1
    isClass = /^\[(?!:)/.test(text)
    if (text !== '(') continue
    open.push({ before, last })
    before = 0
    last = 0
  }
  return open.reduce((sum, each) => sum + each.before + each.last, before + last)
}
