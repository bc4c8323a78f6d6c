// Does a text match a user's regular expression? RE2 syntax, anchored at both ends and with a dot that takes
// newlines too, as in Prometheus 3; always in time linear in the text. The only file that imports re2js; called through
// matchers, by label_replace() and, to search inside of a text, by templates.
import { RE2JS } from 're2js'
import { Failure } from './errors.ts'
import { stepsIn } from './pattern-steps.ts'

type Test = (text: string) => boolean

// Matchers ask the same few questions again and again, so compiled patterns are kept, newest last.
const compiled = new Map<string, Test>()
const compiledMax = 1_000
// Of one that needs the engine: a list of thousands of hosts passes.
const engineMax = 65_536
// Beyond its own length, by what it repeats: a thousandfold of a thousand takes seconds and 0.5 GB.
const repeatedMax = 10_000
// Of all compiled ones together: some 100 MB.
const stepsMax = 500_000
let stepsHeld = 0
// What all patterns remember together; beyond that they are compiled anew.
const answersMax = 1_000_000
let answersHeld = 0
// Longer texts are seldom asked about twice, and not worth their room.
const rememberedMax = 1_024

export function matchesPattern(pattern: string, text: string): boolean {
  return patternTest(pattern)(text)
}

// Throws a Failure when the pattern is not one that RE2 accepts.
export function patternTest(pattern: string): Test {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const test = literalTest(pattern) ?? remembered(re2Test(pattern))
  if (compiled.size >= compiledMax) compiled.delete(compiled.keys().next().value ?? '')
  makeRoom(stepsOf(pattern))
  compiled.set(pattern, test)
  return test
}

function makeRoom(steps: number): void {
  stepsHeld += steps
  if (stepsHeld <= stepsMax) return
  for (const each of [compiled, grouped, searches]) each.clear()
  stepsHeld = steps
}

// What the engine would need for it at most; nothing where it is not needed.
export const stepsOf = (pattern: string): number =>
  literalTest(pattern) === undefined ? stepsIn(pattern) : 0

type Groups = ReadonlyMap<string, string>
type Grouped = (text: string) => Groups | undefined

const grouped = new Map<string, Grouped>()
const groupedMax = 200

// What the groups of a pattern hold, by number and by name; nothing when the text does not match.
export function patternGroups(pattern: string): Grouped {
  const known = grouped.get(pattern)
  if (known !== undefined) return known
  const groups = rememberedGroups(compile(pattern))
  if (grouped.size >= groupedMax) grouped.delete(grouped.keys().next().value ?? '')
  makeRoom(stepsIn(pattern))
  grouped.set(pattern, groups)
  return groups
}

function rememberedGroups(engine: RE2JS): Grouped {
  const names = Object.entries(engine.namedGroups())
  const answers = new Map<string, Groups | undefined>()
  return text => {
    if (text.length > rememberedMax) return groupsOf(engine, names, text)
    if (answers.has(text)) return answers.get(text)
    if (answers.size >= 1_000) answers.clear()
    const answer = groupsOf(engine, names, text)
    answers.set(text, answer)
    return answer
  }
}

function groupsOf(
  engine: RE2JS,
  names: readonly (readonly [string, number])[],
  text: string,
): Groups | undefined {
  const matcher = engine.matcher(text)
  if (!matcher.matches()) return undefined
  const groups = new Map<string, string>()
  for (let at = 0; at <= matcher.groupCount(); at++) groups.set(String(at), matcher.group(at) ?? '')
  for (const [name, at] of names) groups.set(name, matcher.group(at) ?? '')
  return groups
}

// Most patterns of rules and dashboards are one of these shapes, and need no engine.
const plain = /^[^\\^$.*+?()[\]{}|]*$/

// The texts that `a|b|c` matches; nothing when it may match others.
export function wordsOf(pattern: string): readonly string[] | undefined {
  const words = pattern.split('|')
  return words.every(word => plain.test(word)) ? words : undefined
}

function literalTest(pattern: string): Test | undefined {
  if (pattern === '.*') return () => true
  if (pattern === '.+') return text => text !== ''
  const words = wordsOf(pattern)
  if (words !== undefined) {
    const set = new Set(words)
    return text => set.has(text)
  }
  const [head, tail] = [pattern.slice(0, -2), pattern.slice(2)]
  if (pattern.endsWith('.*') && plain.test(head)) return text => text.startsWith(head)
  if (pattern.startsWith('.*') && plain.test(tail)) return text => text.endsWith(tail)
  return undefined
}

function re2Test(pattern: string): Test {
  const engine = compile(pattern)
  return text => engine.matches(text)
}

function compile(pattern: string, flags: number = RE2JS.DOTALL): RE2JS {
  if (pattern.length > engineMax) {
    const what = `found ${pattern.length} characters, wanted at most ${engineMax}`
    throw new Failure('bad_pattern', `${pattern.slice(0, 80)}…: ${what}`)
  }
  const steps = stepsIn(pattern)
  if (steps > pattern.length + repeatedMax) {
    const what = `found ${steps} steps with what it repeats written out, wanted at most ${pattern.length + repeatedMax}`
    throw new Failure('bad_pattern', `${pattern.slice(0, 80)}: ${what}`)
  }
  try {
    return RE2JS.compile(pattern, flags)
  } catch (cause) {
    throw new Failure('bad_pattern', `${pattern}: ${(cause as Error).message}`)
  }
}

// The engine is slow beside a look-up, and label values repeat.
function remembered(test: Test): Test {
  const answers = new Map<string, boolean>()
  return text => {
    if (text.length > rememberedMax) return test(text)
    const known = answers.get(text)
    if (known !== undefined) return known
    if (answers.size >= 10_000) answers.clear()
    const answer = test(text)
    answers.set(text, answer)
    if (++answersHeld > answersMax) {
      compiled.clear()
      answersHeld = 0
    }
    return answer
  }
}

// A piece of the text that matched; groups by number, and by name where they have one.
export type Found = Readonly<{ from: number; to: number; group(which: number | string): string }>
export type Search = (text: string) => Iterable<Found>

const searches = new Map<string, Search>()
const searchesMax = 200

// Anywhere in the text, as Go's regexp: the dot takes no newlines. An empty match that touches the one before is none.
export function patternSearch(pattern: string): Search {
  const known = searches.get(pattern)
  if (known !== undefined) return known
  const engine = compile(pattern, 0)
  const search: Search = text => matchesOf(engine, text)
  if (searches.size >= searchesMax) searches.delete(searches.keys().next().value ?? '')
  makeRoom(stepsIn(pattern))
  searches.set(pattern, search)
  return search
}

function* matchesOf(engine: RE2JS, text: string): Iterable<Found> {
  const names = engine.namedGroups()
  const matcher = engine.matcher(text)
  let last = -1
  while (matcher.find()) {
    const [from, to] = [matcher.start(), matcher.end()]
    if (from === to && from === last) continue
    last = to
    yield {
      from,
      to,
      group(which) {
        const number =
          typeof which === 'number' ? which : Object.hasOwn(names, which) ? names[which] : undefined
        if (number === undefined || number > matcher.groupCount()) return ''
        return matcher.group(number) ?? ''
      },
    }
  }
}
