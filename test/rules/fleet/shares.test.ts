// How the work is cut and dealt.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partitions } from '#core/partition.ts'
import { dealt, shareOfGroup, shares } from '../../../rules/fleet/shares.ts'

const ofHosts = shares.filter(each => each.kind === 'hosts')
const ofGroups = shares.filter(each => each.kind === 'groups')

test('shares of hosts have each partition once, those of groups have all', () => {
  const all = Array.from({ length: partitions }, (_, each) => each)
  expect(ofHosts.flatMap(each => each.partitions).sort((a, b) => a - b)).toEqual(all)
  for (const each of ofGroups) expect(each.partitions).toEqual(all)
  expect(new Set(shares.map(each => each.name)).size).toBe(shares.length)
})

test('each group has a share, and the same for life', () => {
  fc.assert(
    fc.property(fc.string(), name => {
      expect(ofGroups.map(each => each.number)).toContain(shareOfGroup(name))
    }),
  )
  expect(['host', 'disk', 'plimsoll', ''].map(shareOfGroup)).toEqual([2, 0, 0, 1])
})

const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 24 })

test('whoever deals comes to the same: each share has one owner, and nobody more than a fair part', () => {
  fc.assert(
    fc.property(names, present => {
      const hands = present.map(self => dealt(self, present.toSorted()))
      expect(hands.flatMap(each => [...each]).sort()).toEqual(shares.map(each => each.name).sort())
      for (const [kind, all] of Object.entries({ hosts: ofHosts, groups: ofGroups }))
        for (const hand of hands) {
          const own = [...hand].filter(each => each.includes(kind)).length
          expect(own).toBeLessThanOrEqual(Math.ceil(all.length / present.length))
        }
    }),
  )
})

test('in which order they are seen makes no difference', () => {
  fc.assert(
    fc.property(names, fc.nat(), (present, seed) => {
      const shuffled = present.toSorted((a, b) => ((seed + a.length) % 7) - ((seed + b.length) % 7))
      for (const self of present) expect(dealt(self, shuffled)).toEqual(dealt(self, present))
    }),
  )
})
