// Equal for the same matchers, in whatever order they are written. Called by whoever shares what belongs to a selector.
import type { Matcher } from '#core/model.ts'

export const matchersKey = (matchers: readonly Matcher[]): string =>
  matchers
    .map(({ name, op, value }) => `${name}\ud800${op}\ud800${value}`)
    .sort()
    .join('\ud801')
