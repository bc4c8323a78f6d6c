// `plimsoll rules`: which rules are evaluated, and how they are. Called by run.ts.
import { openAsk } from '../ask.ts'
import { type Command, Stop } from '../command.ts'
import { paintFor } from '../paint.ts'
import { type GroupLine, isFailing, rulesText } from '../rules-view.ts'

// Counts come without the alerts, of which there may be many.
const path = '/api/v1/rules?exclude_alerts=true'

export const command: Command = async call => {
  const { args, on, io } = call
  const { data } = (await openAsk(call).send('GET', path)) as { data: { groups: readonly GroupLine[] } }
  const groups = args.length === 0 ? data.groups : named(data.groups, args)
  if (on.has('json')) io.out(`${JSON.stringify({ groups }, null, 2)}\n`)
  else if (groups.length > 0) io.out(rulesText(groups, paintFor(io)))
  else io.err('There are no rules. `rules:` in the configuration names their files.\n')
  return groups.some(({ rules }) => rules.some(isFailing)) ? 1 : 0
}

// Whole groups, and rules of others.
function named(groups: readonly GroupLine[], names: readonly string[]): GroupLine[] {
  const known = new Set(groups.flatMap(({ name, rules }) => [name, ...rules.map(each => each.name)]))
  const stray = names.find(name => !known.has(name))
  if (stray !== undefined) throw new Stop(`there is no group and no rule ${stray}`)
  return groups.flatMap(group => {
    if (names.includes(group.name)) return [group]
    const rules = group.rules.filter(({ name }) => names.includes(name))
    return rules.length === 0 ? [] : [{ ...group, rules }]
  })
}
