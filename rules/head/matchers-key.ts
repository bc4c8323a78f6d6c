// Equal for the same matchers, in whatever order they are written. Called by head.ts and head-source.ts.
import type { Matcher } from '#core/model.ts'

export const matchersKey = (matchers: readonly Matcher[]): string =>
  matchers
    .map(({ name, op, value }) => `${name}\ud800${op}\ud800${value}`)
    .sort()
    .join('\ud801')
