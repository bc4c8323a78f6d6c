// How the result of a check looks to people: every problem with its line, or what would run. Called by the command
// `check`.
import { basename, resolve } from 'node:path'
import { addressText, type Config, type ConfigRead, type Problem, problemText } from '#core/config.ts'
import { durationText } from '#core/duration.ts'
import { inputNames } from '../collector/inputs/index.ts'
import { isPackFile } from '../rules/packs.ts'
import type { RuleFile } from '../rules/rule-file.ts'
import { poolReads } from './check-capacity.ts'
import type { Checked, CheckedRouting } from './checked.ts'
import type { Paint } from './paint.ts'

export function checkedText(
  checked: Checked,
  { paint, cwd }: Readonly<{ paint: Paint; cwd: string }>,
): string {
  const { configs, rules, routings, problems, warnings } = checked
  const fine = rules.filter(each => each.problems.length === 0)
  const isPack = ({ file }: RuleFile): boolean => isPackFile(resolve(cwd, file))
  const lines = [
    ...configs.flatMap(each => [configText(each, paint), ...poolsText(each, paint)]),
    ...packsText(fine.filter(isPack), paint),
    ...fine.filter(each => !isPack(each)).map(each => ruleFileText(each, paint)),
    ...routings.flatMap(each => routingText(each, paint)),
    ...problems.map(each => painted(each, paint, 'red')),
    ...warnings.map(each => painted(each, paint, 'yellow')),
    ...countLine(problems.length, warnings.length),
  ]
  return `${lines.join('\n')}\n`
}

function painted(problem: Problem, paint: Paint, color: 'red' | 'yellow'): string {
  const [first = '', ...rest] = problemText(problem).split('\n')
  return [paint(color, color === 'yellow' ? `warning: ${first}` : first), ...rest].join('\n')
}

function countLine(problems: number, warnings: number): string[] {
  const counts = [counted(problems, 'problem'), counted(warnings, 'warning')].filter(
    each => !each.startsWith('0'),
  )
  return counts.length === 0 ? [] : [`${counts.join(', ')}.`]
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

function ruleFileText({ file, groups }: RuleFile, paint: Paint): string {
  const rules = groups.flatMap(each => each.rules)
  const alerts = rules.filter(({ kind }) => kind === 'alert').length
  const kinds = `${counted(alerts, 'alert')}, ${rules.length - alerts} recorded`
  return `${paint('green', `${file} is fine`)}: ${counted(rules.length, 'rule')} (${kinds}) in ${counted(groups.length, 'group')}.`
}

const poolsShown = 20

// What each reads, and how far a plan looks; --json has them all.
function poolsText(read: ConfigRead, paint: Paint): string[] {
  const pools = poolReads(read)
  const lines = pools.slice(0, poolsShown).map(({ pool, by, windowDays, leadDays, method, resources }) => {
    const reads = resources.map(({ name, unit, usage, supply, kind }) => {
      const of = kind === 'stated' ? 'units as stated' : namesText(supply)
      return `${name} in ${unit} (${namesText(usage)}, of ${of})`
    })
    const parts = by.length === 0 ? '' : `, by ${by.join(' and ')}`
    return `${paint('green', `pool ${pool}`)}: ${reads.join(', ')}${parts}; ${method} over ${windowDays} days, ordered ${counted(leadDays, 'day')} ahead.`
  })
  const more = pools.length - lines.length
  return more === 0 ? lines : [...lines, `And ${counted(more, 'pool')} more.`]
}

const namesText = (names: readonly string[]): string =>
  names.length === 0 ? 'no metric that it names' : names.join(' and ')

// What ships with the service is one line.
function packsText(packs: readonly RuleFile[], paint: Paint): string[] {
  if (packs.length === 0) return []
  const names = packs.map(({ file }) => basename(file, '.yml'))
  const rules = packs.flatMap(({ groups }) => groups.flatMap(each => each.rules))
  const what = names.length === 1 ? 'The shipped rule pack' : 'The shipped rule packs'
  const are = names.length === 1 ? 'is' : 'are'
  return [`${paint('green', `${what} ${names.join(', ')} ${are} fine`)}: ${counted(rules.length, 'rule')}.`]
}

// What stays, and then each difference: what it is there, and what here.
function routingText({ file, receivers, same, different }: CheckedRouting, paint: Paint): string[] {
  return [
    `${paint('green', `${file} is fine`)}: ${counted(receivers, 'receiver')}.`,
    ...(same.length === 0 ? [] : ['', 'As it was:', ...same.map(each => `  ${each}`)]),
    ...(different.length === 0 ? [] : ['', 'Otherwise than with Alertmanager:']),
    ...different.flatMap(({ what, there, here }) => [
      `  ${what}`,
      `    there: ${there}`,
      `    here:  ${here}`,
    ]),
  ]
}

function configText({ file, config }: ConfigRead, paint: Paint): string {
  const name = file ?? 'There is no plimsoll.yml, which'
  return `${paint('green', `${name} is fine`)}: ${summary(config)}.`
}

function summary({ listen, data, store, agent, inputs, auth }: Config): string {
  const settings = (inputs ?? {}) as Readonly<Record<string, unknown>>
  const names = inputNames.filter(name => name !== 'canary' && settings[name] !== false)
  const watch =
    agent.enabled && names.length > 0
      ? `watches this machine every ${durationText(agent.intervalMs)} (${names.join(', ')})`
      : 'does not watch this machine'
  const open = auth.anonymous.length === 0 ? '' : `, is open to everyone for ${auth.anonymous.join(' and ')}`
  return `listens on ${addressText(listen)}${open}, keeps ${durationText(store.keepMs)} of data in ${data}, ${watch}`
}
