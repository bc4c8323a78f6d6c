// How the result of a check looks to people: every problem with its line, or what would run. Called by the command
// `check`.
import { addressText, type Config, type ConfigRead, type Problem, problemText } from '#core/config.ts'
import { durationText } from '#core/duration.ts'
import { inputNames } from '../collector/inputs/index.ts'
import type { RuleFile } from '../rules/rule-file.ts'
import type { Checked } from './commands/check.ts'
import type { Paint } from './paint.ts'

export function checkedText({ configs, rules, problems, warnings }: Checked, paint: Paint): string {
  const fine = rules.filter(each => each.problems.length === 0)
  const lines = [
    ...configs.map(each => configText(each, paint)),
    ...fine.map(each => ruleFileText(each, paint)),
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

function configText({ file, config }: ConfigRead, paint: Paint): string {
  const name = file ?? 'There is no plimsoll.yml, which'
  return `${paint('green', `${name} is fine`)}: ${summary(config)}.`
}

function summary({ listen, data, store, agent, inputs, auth }: Config): string {
  const settings = (inputs ?? {}) as Readonly<Record<string, unknown>>
  const names = inputNames.filter(name => settings[name] !== false)
  const watch =
    agent.enabled && names.length > 0
      ? `watches this machine every ${durationText(agent.intervalMs)} (${names.join(', ')})`
      : 'does not watch this machine'
  const open = auth.anonymous.length === 0 ? '' : `, is open to everyone for ${auth.anonymous.join(' and ')}`
  return `listens on ${addressText(listen)}${open}, keeps ${durationText(store.keepMs)} of data in ${data}, ${watch}`
}
