// What is wrong with the configuration, where, and what was wanted: the list that every stage of reading writes
// to, and how a person sees it. Called by the stages; printed by bin/ and by a reload.
import { nearest } from '../nearest.ts'

// Lines and columns count from 1. What does not come from a file has line 0 and names its source as `file`.
export type Place = Readonly<{ file: string; line: number; column: number }>

export type Problem = Readonly<{
  file: string
  line: number
  column: number
  path: string
  wanted: string
  found: string
  hint?: string
  // The line as it stands in the file, with values of secret keys starred.
  excerpt?: string
}>

export type Complaint = Readonly<{ path: string; wanted: string; found: string; hint?: string | undefined }>

// Collects problems; knows the lines of each file that was read.
export type Findings = Readonly<{
  problems: Problem[]
  learn(file: string, lines: readonly string[]): void
  add(place: Place, complaint: Complaint): void
}>

export function openFindings(): Findings {
  const problems: Problem[] = []
  const linesOf = new Map<string, readonly string[]>()
  return {
    problems,
    learn: (file, lines) => {
      linesOf.set(file, lines)
    },
    add({ file, line, column }, { path, wanted, found, hint }) {
      // A value on a line of its own does not say whose it is, nor does a key that was mistyped: the hint does.
      const isSecret = found === hidden || soundsSecret(path) || soundsSecret(hint ?? '')
      const written = isSecret ? undefined : linesOf.get(file)?.[line - 1]
      problems.push({
        file,
        line,
        column,
        path,
        wanted,
        found: withoutPassword(found),
        ...(hint === undefined ? {} : { hint }),
        ...(written === undefined ? {} : { excerpt: starred(written) }),
      })
    },
  }
}

// Of hooks the address is the key.
const secretWords =
  'pass|pwd|secret|token|api_?key|credential|(?:routing|service|user)_key|(?:webhook|api)_url'
const secretKey = new RegExp(
  `(^|[\\s{,'"-])([\\w-]*(?:${secretWords})[\\w-]*['"]?\\s*:\\s*)([^\\s#].*)$`,
  'i',
)
const secretWord = new RegExp(secretWords, 'i')

// Instead of what was found.
export const hidden = '***'

export const soundsSecret = (path: string): boolean => secretWord.test(path)

// An excerpt is shown on screens and in tickets, so what stands behind a key that sounds secret is left out, and so
// are the password of a URL and, for that is the key to a hook, its path.
function starred(line: string): string {
  const open = withoutPassword(line).replace(/(https?:\/\/[^\s'"/?]*[/?])[^\s'"]+/gi, '$1***')
  return open.replace(secretKey, (whole, before: string, key: string, value: string) =>
    /^['"]?\$\{[^}]*\}['"]?$/.test(value.trim()) ? whole : `${before}${key}***`,
  )
}

// Up to the last @: one in the password is what makes it wrong.
const withoutPassword = (text: string): string => text.replace(/(:\/\/[^\s:@/]*:)\S+@/g, '$1***@')

export const didYouMean = (word: string, known: readonly string[]): string | undefined => {
  const guess = nearest(word, known)
  return guess === undefined ? undefined : `did you mean ${guess}?`
}

export const placeText = ({ file, line, column }: Place): string =>
  line === 0 ? file : `${file}:${line}:${column}`

// `file:line:column  path: wanted …, found …`, then the line with a caret under what is meant.
export function problemText(problem: Problem): string {
  const { path, wanted, found, hint, excerpt, column } = problem
  const subject = path === '' ? '' : `${path}: `
  const lines = [`${placeText(problem)}  ${subject}wanted ${wanted}, found ${found}`]
  if (excerpt !== undefined && excerpt.length <= 200) {
    const indent = excerpt.slice(0, column - 1).replaceAll(/[^\t]/g, ' ')
    lines.push(`    ${excerpt}`, `    ${indent}^`)
  }
  if (hint !== undefined) lines.push(`    ${hint}`)
  return lines.join('\n')
}

export const problemsText = (problems: readonly Problem[]): string => problems.map(problemText).join('\n')
