// Whatever services answer, however small the budgets, and wherever the process dies: everything ends told, or failed with
// a reason; nothing is told twice but what was on its way; and who was told of a beginning is told of its end.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Budget, Verdict } from '../../../alerter/channel.ts'
import type { Point } from '../../../alerter/delivery.ts'
import { runs } from '../../runs.ts'
import { alertOf, beginMs, openDock } from './dock.ts'

const verdict: fc.Arbitrary<Verdict | 'hang'> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Verdict>({ kind: 'delivered' }) },
  { weight: 2, arbitrary: fc.constant<Verdict>({ kind: 'accepted', receipt: 'r' }) },
  { weight: 3, arbitrary: fc.constant<Verdict>({ kind: 'later', reason: 'busy' }) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 0, max: 700_000 })
      .map((afterMs): Verdict => ({ kind: 'later', reason: 'slower', afterMs })),
  },
  { weight: 1, arbitrary: fc.constant<Verdict>({ kind: 'refused', because: 'message', reason: 'long' }) },
  { weight: 1, arbitrary: fc.constant<Verdict>({ kind: 'refused', because: 'settings', reason: 'token' }) },
  { weight: 1, arbitrary: fc.constant<'hang'>('hang') },
)

const budget: fc.Arbitrary<readonly Budget[]> = fc.oneof(
  fc.constant([]),
  fc
    .record({
      times: fc.integer({ min: 1, max: 10 }),
      perMs: fc.constantFrom(1_000, 60_000, 600_000),
      reserve: fc.integer({ min: 0, max: 3 }),
    })
    .map(found => [{ key: 'k', ...found }]),
)

// Of each group, its alert begins and ends by turns.
const move = fc.record({
  group: fc.constantFrom('g0', 'g1', 'g2', 'g3'),
  integration: fc.constantFrom('a', 'ops'),
  urgency: fc.constantFrom('page', 'normal', 'low'),
  thenMs: fc.constantFrom(0, 0, 0, 1_000, 30_000, 600_000),
})

const crash = fc.option(
  fc.record({
    point: fc.constantFrom<Point>('before_send', 'after_send', 'after_done'),
    nth: fc.integer({ min: 1, max: 12 }),
  }),
)

const story = fc.record({
  verdicts: fc.array(verdict, { maxLength: 40 }),
  budgets: fc.tuple(budget, budget),
  moves: fc.array(move, { minLength: 1, maxLength: 30 }),
  crashes: fc.array(crash, { maxLength: 3 }),
})

test('nothing is lost, nothing is told twice, and ends follow beginnings', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ verdicts, budgets, moves, crashes }) => {
      const dock = openDock()
      const [a, b] = [dock.way('a', { budgets: budgets[0] }), dock.way('b', { budgets: budgets[1] })]
      dock.configure(a, b, dock.chain('ops', { order: [a, b], withinMs: 20_000, receiptMs: null }))
      let asked = 0
      dock.answer(() => {
        const found = verdicts[asked++] ?? { kind: 'delivered' }
        return found === 'hang' ? new Promise<Verdict>(() => {}) : found
      })
      // What was on its way when the process died may be told again.
      const inFlight = new Set<string>()
      let left = [...crashes]
      const open = (): void => {
        let reached = 0
        let isDead = false
        const [next] = left
        left = left.slice(1)
        dock.open({
          reach: async point => {
            // Not before it is open.
            await undefined
            if (!isDead && next?.point === point && ++reached === next.nth) {
              isDead = true
              for (const { telling } of dock.shelf.entries.values()) inFlight.add(telling.id)
              dock.shelf.kill()
              open()
            }
            return isDead ? new Promise<void>(() => {}) : undefined
          },
        })
      }
      open()

      const firing = new Set<string>()
      const wanted: { integration: string; group: string; kind: 'firing' | 'resolved'; telling: string }[] =
        []
      for (const { group, integration, urgency, thenMs } of moves) {
        const name = `${integration}-${group}`
        const kind = firing.has(name) ? 'resolved' : 'firing'
        if (kind === 'firing') firing.add(name)
        else firing.delete(name)
        dock.shelf.alerts.set(
          name,
          alertOf(name, kind === 'firing' ? { startsAtMs: beginMs } : { endsAtMs: dock.clock.nowMs() }),
        )
        const lists = { firing: [name], resolved: [], begun: [name] }
        const entry = dock.tell(name, integration, {
          urgency,
          ...(kind === 'firing' ? lists : { firing: [], resolved: [name], begun: [] }),
        })
        wanted.push({ integration, group: name, kind, telling: entry.telling.id })
        // No two things are decided of one group in a millisecond.
        await dock.clock.runFor(thenMs + 1)
      }
      // Hours, since there are budgets of minutes, and services that want to be left alone.
      await dock.clock.runFor(8 * 3_600_000)
      await dock.close()

      expect([...dock.shelf.entries.values()]).toEqual([])
      const facts = dock.shelf.facts()
      const ended = facts.filter(
        ({ kind, details }) => kind === 'told' || (details as { isFinal?: boolean }).isFinal === true,
      )
      for (const { integration, group, kind } of wanted) {
        // The last that ended of this group says how it is; what failed has a reason.
        const ends = ended.filter(each => each.group === group)
        expect(ends.length).toBeGreaterThan(0)
        const last = ends.at(-1)!.details as Record<string, unknown>
        const newest = wanted.findLast(each => each.group === group && each.integration === integration)!
        expect(last[newest.kind], `${group} ${kind}`).toContain(group)
        for (const each of ends)
          if (each.kind === 'failed') expect((each.details as { why: string }).why).not.toBe('')
      }
      // A message that a service took is sent no second time, but for crashes.
      const taken = new Map<string, number>()
      for (const each of facts.filter(({ kind }) => kind === 'told')) {
        const { telling } = each.details as { telling: string }
        taken.set(telling, (taken.get(telling) ?? 0) + 1)
      }
      for (const [telling, times] of taken) if (!inFlight.has(telling)) expect(times, telling).toBe(1)
      const sent = dock.said.filter(({ message }, nth) => {
        const answer = verdicts[nth] ?? { kind: 'delivered' }
        return message.kind === 'alerts' && answer !== 'hang' && /delivered|accepted/.test(answer.kind)
      })
      const counts = Map.groupBy(sent, ({ message }) => message.id)
      for (const [id, all] of counts) if (!inFlight.has(id)) expect(all.length, id).toBe(1)
    }),
    { numRuns: runs(20) },
  )
})
