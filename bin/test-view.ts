// How results of unit tests look: for people with what was wanted and what was there, for build servers as JUnit XML.
// Called by the command `test`.
import { problemText } from '#core/config.ts'
import { durationText } from '#core/duration.ts'
import { shown } from '#core/shown.ts'
import type { Mistake } from '../rules/unit-test/mistake.ts'
import type { TestFileResult, TestResult } from '../rules/unit-test/run-file.ts'
import type { Paint } from './paint.ts'

export const isGood = ({ problems, tests }: TestFileResult): boolean =>
  problems.length === 0 && tests.every(({ mistakes }) => mistakes.length === 0)

export function resultsText(results: readonly TestFileResult[], paint: Paint): string {
  const tests = results.flatMap(each => each.tests)
  const failed = tests.filter(({ mistakes }) => mistakes.length > 0).length
  const broken = results.filter(({ problems }) => problems.length > 0).length
  const counts = [
    `${tests.length} ${tests.length === 1 ? 'test' : 'tests'}`,
    `${tests.length - failed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(broken > 0 ? [`${broken} ${broken === 1 ? 'file' : 'files'} with problems`] : []),
  ]
  const color = failed + broken > 0 ? 'red' : 'green'
  return `${results.map(each => fileText(each, paint)).join('')}${paint(color, counts.join(', '))}.\n`
}

function fileText({ file, problems, warnings, idle, tests }: TestFileResult, paint: Paint): string {
  const lines = [
    paint('bold', file),
    ...idle.map(each => paint('yellow', `  warning: no file matches ${each}`)),
    ...warnings.map(each => paint('yellow', indent(`warning: ${problemText(each)}`, 2))),
    ...problems.map(each => indent(problemText(each), 2)),
    ...tests.map(each => testText(each, file, paint)),
  ]
  return `${lines.join('\n')}\n`
}

const titleOf = ({ name, line }: TestResult): string =>
  name === '' ? `the test in line ${line}` : shown(name)

function testText(test: TestResult, file: string, paint: Paint): string {
  const { mistakes } = test
  if (mistakes.length === 0) return `  ${paint('green', '✓')} ${titleOf(test)}`
  return [
    `  ${paint('red', '✗')} ${titleOf(test)}`,
    ...mistakes.map(each => indent(mistakeText(each, file, paint), 6)),
  ].join('\n')
}

export function mistakeText(mistake: Mistake, file: string, paint: Paint): string {
  const at = `after ${durationText(mistake.atMs)}`
  if (mistake.kind === 'error') {
    const { rule, expr, line, error } = mistake
    const place = `${mistake.file ?? file}:${line}`
    const what = rule === undefined ? (expr ?? '') : `rule ${rule}`
    return `${place}  ${what} ${at}: ${error}`
  }
  const { subject, line, missing, extra } = mistake
  const what = mistake.kind === 'alert' ? `alert ${subject}` : subject
  return [
    `${file}:${line}  ${what} ${at}: wanted and not there (-), there and not wanted (+)`,
    ...missing.map(each => paint('red', `  - ${shown(each)}`)),
    ...extra.map(each => paint('green', `  + ${shown(each)}`)),
  ].join('\n')
}

const indent = (text: string, by: number): string => text.replaceAll(/^/gm, ' '.repeat(by))

const plain: Paint = (_, text) => text

export function junitText(results: readonly TestFileResult[]): string {
  const suites = results.map(result => {
    const { file, problems, tests } = result
    const cases = tests.map(test => {
      const failures = test.mistakes.map(each => tag('failure', mistakeText(each, file, plain)))
      return `    <testcase name="${escaped(titleOf(test))}">${failures.join('')}</testcase>`
    })
    const aborted = problems.map(
      each => `    <testcase name="${escaped(file)}">${tag('error', problemText(each))}</testcase>`,
    )
    const failed = tests.filter(({ mistakes }) => mistakes.length > 0).length
    const counts = `tests="${tests.length + problems.length}" failures="${failed}" errors="${problems.length}"`
    return [`  <testsuite name="${escaped(file)}" ${counts}>`, ...aborted, ...cases, '  </testsuite>'].join(
      '\n',
    )
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`
}

const tag = (name: string, text: string): string => `<${name}>${escaped(text)}</${name}>`

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"]/g, each => entities[each]!).replaceAll(/[^\P{Cc}\n\t]/gu, '�')
