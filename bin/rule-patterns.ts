// Which rule files a configuration means: those of its packs, and its own. Called by whoever puts them to work and by
// the command that checks them.
import type { Config, RulePattern } from '#core/config.ts'
import { packPatterns } from '../rules/packs.ts'

export const rulePatterns = ({ packs, rules }: Pick<Config, 'packs' | 'rules'>): RulePattern[] => [
  ...packPatterns(packs),
  ...rules,
]
