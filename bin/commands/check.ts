// `plimsoll check`: every problem of the configuration and of its rule files, or in a few lines what it would run. It
// needs no service; only with --live it asks one. Called by run.ts.
import { resolve } from 'node:path'
import { textOf } from '#core/config/text-file.ts'
import { placeAt } from '#core/config/tree.ts'
import { type RulePattern, readConfig } from '#core/config.ts'
import { copied, farSighted, unwritten } from '../../rules/findings.ts'
import { type HasSeries, unmet } from '../../rules/findings-live.ts'
import type { RuleGroup } from '../../rules/rule.ts'
import { isRuleFile, type RuleFile } from '../../rules/rule-file.ts'
import { readRuleFiles } from '../../rules/rule-files.ts'
import { type Ask, openAsk } from '../ask.ts'
import { poolDoubts, poolReads, poolsUnknown } from '../check-capacity.ts'
import { checkRoutingFile, isRoutingFile } from '../check-routing.ts'
import { checkedText } from '../check-view.ts'
import { type Checked, nothingChecked } from '../checked.ts'
import { type Call, type Command, Stop } from '../command.ts'
import { paintFor } from '../paint.ts'
import { roomSchemas } from '../room-schemas.ts'
import { readRouting } from '../routing.ts'
import { rulePatterns } from '../rule-patterns.ts'

export const command: Command = async call => {
  const { text, on, io } = call
  const named = call.args.length > 0 ? call.args : [text['config']]
  const kinds = named.map(path => ({ path, kind: kindOf(path, io.cwd) }))
  const of = (kind: Kind): (string | undefined)[] =>
    kinds.filter(each => each.kind === kind).map(each => each.path)
  const configs = of('config').map(path => checkConfig(path, call))
  const routings = of('routing').map(path => checkRoutingFile(path ?? '', io.cwd))
  const patterns = of('rules').map(path => ({ folder: io.cwd, pattern: path ?? '' }))
  const written = joined([...configs, ...routings, checkRules(patterns, defaultWindowMs, call)])
  const checked = await withLive(written, call)
  const { problems, warnings, rules } = checked
  const ok = problems.length === 0 && !(on.has('strict') && warnings.length > 0)
  if (on.has('json')) {
    const file = checked.configs[0]?.file ?? null
    const counts = rules.map(each => ({ file: each.file, groups: each.groups.length, rules: countOf(each) }))
    const { routings } = checked
    const pools = checked.configs.flatMap(poolReads)
    const known = { ...(routings.length > 0 && { routings }), ...(pools.length > 0 && { pools }) }
    io.out(`${JSON.stringify({ ok, file, problems, warnings, rules: counts, ...known })}\n`)
  } else io.out(checkedText(checked, { paint: paintFor(io), cwd: io.cwd }))
  return ok ? 0 : 1
}

// What only a running service knows.
async function withLive(checked: Checked, call: Call): Promise<Checked> {
  const { text, on } = call
  if (!on.has('live')) {
    const stray = ['url', 'token'].find(flag => text[flag] !== undefined)
    if (stray !== undefined) throw new Stop(`--${stray} wants --live beside it`, 2)
    return checked
  }
  const ask = openAsk(call)
  const selectors = await unmet(groupsIn(checked.rules), seriesIn(call, ask))
  const pools = await Promise.all(checked.configs.map(each => poolsUnknown(each, ask)))
  return { ...checked, warnings: [...checked.warnings, ...selectors, ...pools.flat()] }
}

const groupsIn = (files: readonly RuleFile[]): RuleGroup[] => files.flatMap(each => each.groups)

function seriesIn({ io: { clock } }: Call, ask: Ask): HasSeries {
  return async (selector, backMs) => {
    const nowMs = clock.nowMs()
    const seconds = (tMs: number): string => (tMs / 1_000).toFixed(3)
    const asked = new URLSearchParams({ 'match[]': selector, start: seconds(nowMs - backMs), limit: '1' })
    const { data } = (await ask.send('POST', '/api/v1/series', asked)) as { data: readonly unknown[] }
    return data.length > 0
  }
}

const defaultWindowMs = 3_600_000

const countOf = ({ groups }: RuleFile): number => groups.reduce((sum, { rules }) => sum + rules.length, 0)

const joined = (all: readonly Checked[]): Checked => ({
  configs: all.flatMap(each => each.configs),
  rules: all.flatMap(each => each.rules),
  routings: all.flatMap(each => each.routings),
  problems: all.flatMap(each => each.problems),
  warnings: all.flatMap(each => each.warnings),
})

type Kind = 'config' | 'rules' | 'routing'

// Files are known by what stands in them.
function kindOf(path: string | undefined, cwd: string): Kind {
  const text = path === undefined ? undefined : textOf(resolve(cwd, path))
  if (path === undefined || typeof text !== 'string') return 'config'
  if (isRuleFile(text)) return 'rules'
  return isRoutingFile(path, text) ? 'routing' : 'config'
}

function checkConfig(path: string | undefined, call: Call): Checked {
  const { env, cwd } = call.io
  const read = readConfig({ path, env, cwd, rooms: roomSchemas })
  if (!read.ok) return { ...nothingChecked, problems: read.problems }
  const { limits } = read.config
  const rules = checkRules(rulePatterns(read.config), limits.headWindowMs, call)
  const { problems, warnings } = readRouting(read.config, path => placeAt(read.tree, path))
  const all = [...warnings, ...poolDoubts(read)]
  // One with problems is not called fine.
  const configs = problems.length === 0 ? [read] : []
  const routing = { ...nothingChecked, configs, problems, warnings: all }
  return joined([rules, routing])
}

function checkRules(patterns: readonly RulePattern[], headWindowMs: number, { on, io }: Call): Checked {
  const { files, idle } = readRuleFiles(patterns, { cwd: io.cwd })
  const groups = groupsIn(files)
  const nothing = idle.map(({ folder, pattern }) => ({
    file: resolve(folder, pattern),
    line: 0,
    column: 0,
    path: 'rules',
    wanted: 'a pattern that matches a file',
    found: 'none',
  }))
  return {
    ...nothingChecked,
    rules: files,
    problems: files.flatMap(each => each.problems),
    warnings: [
      ...nothing,
      ...files.flatMap(each => each.warnings),
      ...farSighted(groups, headWindowMs),
      ...copied(groups),
      ...(on.has('strict') ? unwritten(groups) : []),
    ],
  }
}
