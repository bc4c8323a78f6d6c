// Which alert is told first, where labels have the names of what every object inherits.
import { expect, test } from 'vitest'
import { labelsIn } from '#core/labels.ts'
import { byLabels } from '../../../alerter/delivery/by-labels.ts'

test('a label called as what objects inherit is a label like others', () => {
  const t = (one: Record<string, string>, other: Record<string, string>) => {
    for (const [a, b] of [
      [one, other],
      [labelsIn(one), labelsIn(other)],
    ] as const) {
      // The first name that is not in both decides, and whoever lacks it comes first.
      expect(byLabels(a, b)).toBe(1)
      expect(byLabels(b, a)).toBe(-1)
    }
  }

  t({ a: '1', constructor: 'x' }, { a: '1', z: 'y' })
  t({ a: '1', toString: 'x' }, { a: '1', z: 'y' })
  t({ a: '1', valueOf: 'x' }, { a: '1', valueOf: 'w' })
})
