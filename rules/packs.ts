// The rule packs that come with the service: which there are, and where those that somebody wants lie. Called by
// whoever reads rule files: the engine, `plimsoll check`, `plimsoll rules`.
import { dirname } from 'node:path'
import type { RulePattern } from '#core/config.ts'

// Each is a file in rules/packs with its unit tests in rules/packs/tests; each rule has a page in docs/runbooks.
export const packNames = ['agents', 'capacity', 'disk', 'host', 'network', 'plimsoll'] as const

const folder = `${import.meta.dirname}/packs`

// What readRuleFiles() takes. A name that is no pack becomes a file that does not exist, which is said when it is read.
export function packPatterns(wanted: boolean | readonly string[]): readonly RulePattern[] {
  const names = wanted === true ? packNames : wanted === false ? [] : wanted
  return names.map(name => ({ folder, pattern: `${name}.yml` }))
}

// Read where the watchdog misses what comes of it; no pack, because nobody chooses it.
export const canaryPattern: RulePattern = { folder: import.meta.dirname, pattern: 'canary.yml' }

// Whether a file, by its whole path, came with the service.
export const isPackFile = (path: string): boolean => dirname(path) === folder
