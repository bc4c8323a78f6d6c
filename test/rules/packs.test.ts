// What every pack of rules keeps to, those of later inputs too: being in rules/packs is enough to be tested.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isCanary } from '#core/canary.ts'
import { leastHeadWindow } from '#core/config/schema.ts'
import { problemText } from '#core/config.ts'
import { durationMs } from '#core/duration.ts'
import { print } from '#promql/print.ts'
import { inputNames } from '../../collector/inputs/index.ts'
import { farSighted, unwritten } from '../../rules/findings.ts'
import { programOf } from '../../rules/live/program.ts'
import { lookbackMs } from '../../rules/lookback.ts'
import { canaryPattern, packNames, packPatterns } from '../../rules/packs.ts'
import { type AlertRule, nameOf } from '../../rules/rule.ts'
import { readRuleFile } from '../../rules/rule-file.ts'
import { readRuleFiles } from '../../rules/rule-files.ts'
import { openRuleIds } from '../../rules/rule-ids.ts'
import { runTestFile } from '../../rules/unit-test/run-file.ts'
import { runTest } from '../../rules/unit-test/run-test.ts'
import { readTestFile, type TestFile } from '../../rules/unit-test/test-file.ts'

const cwd = process.cwd()
const headWindowMs = 3_600_000
const headings = [
  'What it means',
  'First looks',
  'Usual causes',
  'Repair',
  'When to silence',
  'Change the threshold',
]

const chineseHeadings = ['含义', '先看什么', '常见原因', '处理', '何时静默', '调整阈值']

const readPack = (name: string) => {
  const { files, idle } = readRuleFiles(packPatterns([name]), { cwd })
  expect(idle).toEqual([])
  const groups = files.flatMap(each => each.groups)
  const doubts = files.flatMap(each => [...each.problems, ...each.warnings])
  return { groups, doubts: [...doubts, ...farSighted(groups, headWindowMs), ...unwritten(groups)] }
}
const alertsOf = (name: string): AlertRule[] =>
  readPack(name).groups.flatMap(({ rules }) => rules.filter(rule => rule.kind === 'alert'))
const testsOf = (name: string): string => `rules/packs/tests/${name}.yml`
function unitTestsOf(name: string): TestFile {
  const read = readTestFile(testsOf(name), plain(testsOf(name)))
  if (!read.ok) throw new Error(read.problems.map(problemText).join('\n'))
  return read.file
}
const nameOfPage = (alert: string): string => alert.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase()
const pageOf = (alert: string): string => `docs/runbooks/${nameOfPage(alert)}.md`
const chinesePageOf = (alert: string): string => `docs/runbooks/zh/${nameOfPage(alert)}.md`
const plain = (text: string): string => readFileSync(text, 'utf8')

test('each file in rules/packs is a pack, and has tests', () => {
  const named = (pattern: string): string[] =>
    globSync(pattern)
      .map(path => basename(path, '.yml'))
      .sort()
  expect(named('rules/packs/*.yml')).toEqual([...packNames])
  expect(named('rules/packs/tests/*.yml')).toEqual([...packNames])
})

test('packs are chosen all, not at all, or by name', () => {
  expect(packPatterns(true).map(({ pattern }) => pattern)).toEqual(packNames.map(name => `${name}.yml`))
  expect(packPatterns(false)).toEqual([])
  expect(packPatterns(['disk']).map(({ pattern }) => pattern)).toEqual(['disk.yml'])
  // One that does not exist is said where it is read.
  const [file] = readRuleFiles(packPatterns(['disc']), { cwd }).files
  expect(file).toMatchObject({
    file: 'rules/packs/disc.yml',
    problems: [
      {
        wanted: expect.stringMatching(/^one of agents, .*plimsoll$/),
        found: 'disc',
        hint: 'did you mean disk?',
      },
    ],
  })
})

test('no two packs have an alert of one name', () => {
  const names = packNames.flatMap(name => alertsOf(name).map(({ alert }) => alert))
  expect(names).toEqual([...new Set(names)])
})

test('every input has a rule that reads what it writes', () => {
  const text = packNames.map(name => plain(`rules/packs/${name}.yml`)).join('')
  // What self writes are the numbers of the service.
  const isRead = (input: string): boolean =>
    new RegExp(`\\b${input === 'self' ? 'plimsoll' : input}_[a-z]`).test(text)
  expect(inputNames.filter(input => !isRead(input))).toEqual(['canary'])
  // Of that nobody is told, so its rule is in no pack.
  const { files } = readRuleFiles([canaryPattern], { cwd })
  const rules = files.flatMap(({ groups }) =>
    groups.flatMap(group => group.rules.map(rule => ({ group, rule }))),
  )
  const shown = rules.map(({ group, rule }) => ({
    group: group.name,
    name: nameOf(rule),
    expr: print(rule.expr),
  }))
  expect(files.flatMap(({ problems }) => problems)).toEqual([])
  expect(shown.map(each => isCanary({ rule: { id: 'x', ...each } }))).toEqual([true])
})

test('the canary is evaluated on arrival, however little memory looks back', () => {
  const { files } = readRuleFiles([canaryPattern], { cwd })
  const groups = files.flatMap(each => each.groups)
  const howFor = (headWindowMs: number) => {
    const { plans, timed } = programOf(groups, { lookbackMs, headWindowMs })
    return [plans.map(({ kind }) => kind), timed.length]
  }
  expect(howFor(durationMs(leastHeadWindow))).toEqual([['kernel'], 0])
  expect(howFor(durationMs(leastHeadWindow) - 1)).toEqual([[], 1])
})

test('every runbook belongs to a rule', () => {
  const alerts = packNames.flatMap(name => alertsOf(name).map(({ alert }) => alert))
  expect(globSync('docs/runbooks/*.md').sort()).toEqual(alerts.map(pageOf).sort())
  expect(globSync('docs/runbooks/zh/*.md').sort()).toEqual(alerts.map(chinesePageOf).sort())
})

test('every runbook says the same in Chinese: its sections, its steps, and what is to be typed', () => {
  const shape = (text: string) => ({
    alert: /^# (\w+)\n/.exec(text)?.[1],
    fenced: text.match(/^```\n.*?^```$/gms),
    // In Chinese the words between them stand in another order.
    typed: text
      .replaceAll(/^```\n.*?^```$/gms, '')
      .replaceAll('\n', ' ')
      .match(/`[^`]+`/g)
      ?.sort(),
    steps: text.match(/^- /gm)?.length,
    paragraphs: text.split(/\n{2,}/).length,
  })
  for (const alert of packNames.flatMap(name => alertsOf(name).map(each => each.alert))) {
    const chinese = plain(chinesePageOf(alert))
    expect(shape(chinese), alert).toEqual(shape(plain(pageOf(alert))))
    const found = [...chinese.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect(found, alert).toEqual(chineseHeadings)
  }
})

describe.each(packNames)('the pack %s', name => {
  test('is sound, evaluated on arrival, and reads what is written', () => {
    const { groups, doubts } = readPack(name)
    expect(doubts.map(problemText)).toEqual([])
    expect(groups.map(({ intervalMs }) => intervalMs)).toEqual(groups.map(() => undefined))
    expect(groups.flatMap(({ rules }) => rules).length).toBeGreaterThan(0)
  })

  test('says of each alert how urgent it is, what broke where, and what to do', () => {
    for (const { alert, labels, annotations } of alertsOf(name)) {
      expect(['page', 'warn', 'info'], alert).toContain(labels.get('severity')?.text)
      expect(annotations.get('summary')?.text, alert).toMatch(/^[^\n]{20,200}$/)
      // People pay for it by the message, and seventy of its characters are one.
      expect(annotations.get('summary_zh')?.text, alert).toMatch(/^[^\n]{10,160}$/)
      // A title, so without a full stop.
      expect(annotations.get('summary_zh')?.text, alert).toMatch(/^[^\n]*\p{Script=Han}[^\n]*[^\n。.]$/u)
      const page = pageOf(alert)
      const link = `{{ $externalURL }}/runbooks/${nameOfPage(alert)}`
      expect(annotations.get('runbook_url')?.text, alert).toBe(link)
      expect(existsSync(page), page).toBe(true)
      const text = plain(page)
      expect(text, page).toMatch(new RegExp(`^# ${alert}\n`))
      expect(
        [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading),
        page,
      ).toEqual(headings)
      // Where the number stands that one may want to change.
      expect(text, page).toContain(`\`rules/packs/${name}.yml\``)
      // No heading without a word below it.
      expect(text, page).not.toMatch(/^## .*\n\n(?:## |$)/m)
    }
  })

  test('says all that it says in both languages, with the same values', () => {
    const actions = (text: string | undefined): string[] | undefined => text?.match(/\{\{.*?\}\}/g)?.sort()
    for (const { alert, annotations } of alertsOf(name)) {
      const said = [...annotations.keys()].filter(each => !/_(?:url|zh)$/.test(each))
      expect([...annotations.keys()].sort(), alert).toEqual(
        [...said, ...said.map(each => `${each}_zh`), 'runbook_url'].sort(),
      )
      for (const each of said) {
        const [english, chinese] = [each, `${each}_zh`].map(of => annotations.get(of)?.text)
        expect(actions(chinese), `${alert}, ${each}_zh`).toEqual(actions(english))
      }
    }
  })

  test('shows of each alert when it fires, when it does not, and what is then said', () => {
    const cases = unitTestsOf(name).tests.flatMap(({ alerts }) => alerts)
    for (const { alert } of alertsOf(name)) {
      const own = cases.filter(each => each.alert === alert)
      expect(
        own.some(({ wanted }) => wanted.length > 0),
        `${alert} fires`,
      ).toBe(true)
      const firstMs = Math.min(...own.filter(({ wanted }) => wanted.length > 0).map(({ atMs }) => atMs))
      const isQuiet = (isWhen: (atMs: number) => boolean): boolean =>
        own.some(({ wanted, atMs }) => wanted.length === 0 && isWhen(atMs))
      expect(
        isQuiet(atMs => atMs > firstMs),
        `${alert} ends`,
      ).toBe(true)
    }
    const known = new Set(alertsOf(name).map(({ alert }) => alert))
    expect(cases.filter(({ alert }) => !known.has(alert))).toEqual([])
  })

  test('passes its tests', () => {
    const { problems, warnings, idle } = runTestFile(testsOf(name), { cwd, isWanted: () => false })
    expect([...problems, ...warnings].map(problemText)).toEqual([])
    expect(idle).toEqual([])
    const { groups } = readPack(name)
    const { tests, ...file } = unitTestsOf(name)
    for (const each of tests) {
      // Only the rules that it asks about: the others take most of the time, and promtool runs all (test/live).
      const asked = new Set(each.alerts.map(({ alert }) => alert))
      const own = groups.map(group => ({
        ...group,
        rules: group.rules.filter(rule => rule.kind === 'record' || asked.has(rule.alert)),
      }))
      expect(runTest(each, { ...file, groups: own }), each.name).toEqual([])
    }
  })
})

// A test that stands far from the threshold says nothing of it.
describe.each(packNames)('the thresholds of %s', name => {
  test('do not move by half unnoticed', () => {
    const file = unitTestsOf(name)
    const moved = movedThresholds(plain(`rules/packs/${name}.yml`))
    expect(moved.length).toBeGreaterThan(0)
    const unnoticed = moved.filter(({ alert, text }) => {
      const { groups, problems } = readRuleFile(`${name}.yml`, text, openRuleIds())
      expect(problems).toEqual([])
      // Of other alerts there are no rules here.
      const own = file.tests.map(each => ({
        ...each,
        alerts: each.alerts.filter(wanted => wanted.alert === alert),
        exprs: [],
      }))
      return own.every(each => each.alerts.length === 0 || runTest(each, { ...file, groups }).length === 0)
    })
    expect(unnoticed.map(({ alert, what }) => `${alert}: ${what}`)).toEqual([])
  })
})

type Moved = Readonly<{ alert: string; what: string; text: string }>

// Of each rule of a pack a file of its own with one number changed, for each number that something is compared with.
function movedThresholds(pack: string): Moved[] {
  const [, ...rules] = pack.split(/^(?= {6}- alert: )/m)
  return rules.flatMap(rule => {
    const lines = rule.replace(/^ {0,2}(?:- name|#).*$/ms, '').split('\n')
    const alert = /- alert: (\w+)/.exec(rule)?.[1] ?? ''
    return lines.flatMap((line, at) => {
      if (!/^ +(?:expr:|\(|and |or |avg_|8 )/.test(line)) return []
      return [...line.matchAll(/(?<=[<>]=? )\d[\d.]*/g)].flatMap(({ 0: number, index }) =>
        Number(number) === 0
          ? []
          : [0.6, 1.5].map(factor => {
              const other = line.slice(0, index) + Number(number) * factor + line.slice(index + number.length)
              const what = `${number} by ${factor}`
              const text = `groups:\n  - name: ${alert}\n    rules:\n${lines.with(at, other).join('\n')}`
              return { alert, what, text }
            }),
      )
    })
  })
}
