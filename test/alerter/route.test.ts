import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { matchAll } from '../../alerter/matcher.ts'
import { readMatchers } from '../../alerter/matcher-text.ts'
import { type Route, routesFor } from '../../alerter/route.ts'

const route = (receiver: string, matchers: string, more: Partial<Route> = {}): Route => ({
  key: receiver,
  matchers: readMatchers(matchers).matchers,
  receiver,
  groupBy: [],
  groupWaitMs: 0,
  groupIntervalMs: 1,
  urgentWaitMs: 0,
  urgentIntervalMs: 1,
  repeatMs: 1,
  continues: false,
  mutes: [],
  actives: [],
  routes: [],
  ...more,
})

test('a parent is told only of what no child takes', () => {
  const tree = route('root', '', {
    routes: [
      route('a', 'team=a', { continues: true, routes: [route('a-page', 'severity=page')] }),
      route('b', 'team=~"a|b"'),
      route('never', 'team=b'),
    ],
  })
  const t = (labels: Record<string, string>, ...wanted: string[]) =>
    expect(routesFor(tree, labelsOf(Object.entries(labels))).map(each => each.receiver)).toEqual(wanted)

  t({}, 'root')
  t({ team: 'a' }, 'a', 'b')
  t({ team: 'a', severity: 'page' }, 'a-page', 'b')
  t({ team: 'b' }, 'b')
  // Of what does not belong below a route at all, it is not told.
  expect(routesFor(tree.routes[0]!, labelsOf([['team', 'b']]))).toEqual([])
})

// As Alertmanager writes it.
function slowly(at: Route, labels: Labels): Route[] {
  if (!matchAll(at.matchers, labels)) return []
  const found: Route[] = []
  for (const child of at.routes) {
    const taken = slowly(child, labels)
    found.push(...taken)
    if (taken.length > 0 && !child.continues) break
  }
  return found.length > 0 ? found : [at]
}

test('it finds what a plain walk finds, in the same order', () => {
  const matchers = fc.constantFrom('', 'a=1', 'a=2', 'a=~"1|2"', 'b=1', 'b!=1', 'a=1,b=2', 'b=~".+"', 'a=""')
  const { tree } = fc.letrec<{ tree: Route }>(tie => ({
    tree: fc
      .record({
        matchers,
        continues: fc.boolean(),
        routes: fc.oneof(
          { maxDepth: 3, depthIdentifier: 'r' },
          fc.constant([]),
          fc.array(tie('tree'), { maxLength: 4 }),
        ),
      })
      .map(({ matchers, continues, routes }) => route('r', matchers, { continues, routes })),
  }))
  const value = fc.constantFrom('', '1', '2')
  fc.assert(
    fc.property(
      tree,
      fc.array(fc.record({ a: value, b: value }), { minLength: 1, maxLength: 4 }),
      (tree, sets) => {
        for (const labels of sets.map(each => labelsOf(Object.entries(each)))) {
          const [found, wanted] = [routesFor(tree, labels), slowly(tree, labels)]
          expect(found.length).toBe(wanted.length)
          // The same objects.
          expect(found.every((each, at) => each === wanted[at])).toBe(true)
        }
      },
    ),
    { numRuns: 500 },
  )
})
