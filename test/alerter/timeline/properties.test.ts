// Whatever happens: the promises of the timeline, over random seconds of posts, ends, silences, inhibitions, mute times,
// reloads and kills. What ought to be is kept beside it, slowly and from the words of the design.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Outcome, Telling } from '../../../alerter/timeline/outcome.ts'
import { runs } from '../../runs.ts'
import { alertOf, openWorld, receiverOf, routeOf, type Setup, second, type Words } from './world.ts'

const cast: readonly Words[] = ['a', 'b', 'c'].flatMap(alertname =>
  ['x', 'y'].map(host => ({ alertname, host, ...(host === 'y' && { severity: 'page' }) })),
)
const receivers = [receiverOf('hook', true), receiverOf('mail', true, false)]
const deafToEnds = 'mail/1'
const interval = 4
const wait = 3

// The last is the one whose receivers come and go.
const setups: readonly Setup[] = [
  { route: routeOf({ wait, interval, urgentWaitMs: 0, urgentIntervalMs: second, repeat: 8 }), receivers },
  {
    route: routeOf({
      groupBy: [],
      interval,
      repeat: 6,
      routes: [
        routeOf({
          key: '{}/a',
          labels: { alertname: 'a' },
          receiver: 'mail',
          groupBy: 'all',
          wait: 0,
          interval,
        }),
        routeOf({ key: '{}/b', labels: { alertname: 'b' }, receiver: 'mail', interval, continues: true }),
        routeOf({ key: '{}/x', labels: { host: 'x' }, groupBy: ['host'], wait, interval, mutes: ['siesta'] }),
      ],
    }),
    receivers,
    intervals: { siesta: [8, 20] },
  },
  {
    route: routeOf({ receiver: 'mail', wait: 2, interval: 3, repeat: 9, actives: ['day'] }),
    receivers,
    inhibitions: [{ source: { alertname: 'a' }, target: { alertname: 'b' }, equal: ['host'] }],
    intervals: { day: [5, 25] },
  },
]

type Deed =
  | Readonly<{ kind: 'begin' | 'end'; who: number }>
  | Readonly<{ kind: 'post'; who: number; for: number }>
  | Readonly<{ kind: 'silence'; who: number; for: number }>
  | Readonly<{ kind: 'reload'; to: number }>
type Seconds = readonly (readonly Deed[])[]

const who = fc.nat({ max: cast.length - 1 })
const forSeconds = fc.integer({ min: 1, max: 12 })
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('begin' as const), who }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('post' as const), who, for: forSeconds }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('silence' as const), who, for: forSeconds }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reload' as const), to: fc.nat({ max: 2 }) }) },
)
const life: fc.Arbitrary<Seconds> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(deed, { minLength: 1, maxLength: 3 }) },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
)

type World = ReturnType<typeof openWorld>

function act(w: World, each: Deed, at: number): void {
  if (each.kind === 'reload') w.reload(setups[each.to]!)
  else if (each.kind === 'silence') w.silence(`s${at}`, cast[each.who]!, at, at + each.for)
  else if (each.kind === 'begin') w.begin(cast[each.who]!)
  else if (each.kind === 'post') w.post(cast[each.who]!, at, at + each.for)
  else if (w.timeline.alert(alertOf(cast[each.who]!).fingerprint, 0) !== undefined) w.end(cast[each.who]!)
}

// Each second of it, `look` when all of it has been done; then a while in which everything ends.
function live(w: World, seconds: Seconds, look: (at: number) => void): void {
  const rest = Array.from({ length: 20 }, () => [])
  for (const [at, deeds] of [...seconds, ...rest].entries()) {
    w.until(at)
    if (at === seconds.length) for (const who of cast.keys()) act(w, { kind: 'end', who }, at)
    for (const each of deeds) act(w, each, at)
    w.until(at)
    look(at)
  }
}

// What somebody believes who has read every message of a group.
class Reader {
  readonly firing = new Set<string>()
  readonly #lastMs = new Map<string, number>()

  read(telling: Telling): void {
    const { group, integration, reason, firing, resolved, begun, atMs } = telling
    const key = (fingerprint: string): string => `${integration} ${group} ${fingerprint}`
    const lastMs = this.#lastMs.get(key(''))
    const isNews =
      firing.some(each => !this.firing.has(key(each))) || resolved.some(each => this.firing.has(key(each)))
    const isBrief = firing.length > 0 && resolved.some(each => begun.includes(each))
    // Who does not hear of ends may hear of a beginning again.
    if (integration === deafToEnds) {
      for (const each of firing) this.firing.add(key(each))
      return
    }
    // Nobody is told the same twice but by `repeat_interval`, the shortest of which is 6 s.
    if (!isNews && !isBrief) {
      expect(reason).toBe('repeat')
      expect(atMs - lastMs!).toBeGreaterThanOrEqual(6 * second)
    }
    // `begun` are those of whom nothing was known.
    for (const each of firing) expect(begun.includes(each)).toBe(!this.firing.has(key(each)))
    for (const each of resolved) expect(begun.includes(each)).toBe(!this.firing.has(key(each)))
    for (const each of firing) this.firing.add(key(each))
    for (const each of resolved) this.firing.delete(key(each))
    this.#lastMs.set(key(''), atMs)
  }

  has(integration: string, group: string, fingerprint: string): boolean {
    return this.firing.has(`${integration} ${group} ${fingerprint}`)
  }
}

test('every beginning that nothing holds is told in time, every end to whoever was told, nothing twice', () => {
  const reasons = new Set<string>()
  fc.assert(
    fc.property(life, seconds => {
      const w = openWorld(setups[0]!)
      const reader = new Reader()
      let read = 0
      // Since when each fires with nothing holding it.
      const openSince = new Map<string, number>()
      live(w, seconds, at => {
        for (; read < w.tellings.length; read++) reader.read(w.tellings[read]!)
        const isReloaded = seconds[at]?.some(({ kind }) => kind === 'reload')
        const placed = new Map<string, string[]>()
        for (const { id, alerts } of w.timeline.groups(at * second)) {
          for (const { alert, inhibitedBy, silencedBy, mutedBy } of alerts) {
            const isHeld = inhibitedBy.length + silencedBy.length + mutedBy.length > 0
            const isOver = alert.endsAtMs !== null && alert.endsAtMs <= at * second
            const key = `${id} ${alert.fingerprint}`
            if (isHeld || isOver || isReloaded) openSince.delete(key)
            else openSince.set(key, Math.max(openSince.get(key) ?? at, alert.startsAtMs / second))
            placed.set(alert.fingerprint, [...(placed.get(alert.fingerprint) ?? []), id])
          }
        }
        // It sits where its labels lead, or it is over.
        for (const { alert } of w.timeline.alerts(at * second)) {
          const isOver = alert.endsAtMs !== null && alert.endsAtMs <= at * second
          if (!isOver) expect(placed.get(alert.fingerprint)).toBeDefined()
        }
        for (const [key, since] of openSince) {
          const [id, fingerprint] = key.split(/ (?=[^ ]*$)/) as [string, string]
          if (!placed.get(fingerprint)?.includes(id)) {
            openSince.delete(key)
          } else if (at - since > wait + interval) {
            for (const { id: integration } of receivers.find(each => id.startsWith(each.name))!
              .integrations) {
              expect(reader.has(integration, id, fingerprint), `${at}: ${integration} of ${key}`).toBe(true)
            }
          }
        }
        for (const key of reader.firing) {
          const [integration, fingerprint] = [key.split(' ')[0]!, key.split(' ').at(-1)!]
          if (integration === deafToEnds) continue
          const { endsAtMs } = w.timeline.alert(fingerprint, at * second)!.alert
          const overFor = endsAtMs === null ? 0 : at - endsAtMs / second
          expect(overFor, `${at}: the end of ${key}`).toBeLessThanOrEqual(interval)
        }
      })
      for (const { reason } of w.tellings) reasons.add(reason)
      for (const { reason } of w.held) reasons.add(reason?.kind ?? 'free')
      // In the end nobody believes that anything fires, and nothing is left but what is to be forgotten.
      expect([...reader.firing].filter(key => !key.startsWith(deafToEnds))).toEqual([])
      expect(w.timeline.size.groups).toBe(0)
    }),
    { numRuns: 80 },
  )
  // All of it has happened.
  const stages = ['moved', 'inhibited', 'inactive', 'muted', 'silenced']
  expect(reasons).toEqual(new Set(['first', 'more', 'resolved', 'repeat', 'brief', 'free', ...stages]))
})

// Rows and what is said, in an order of its own.
const canonical = (outcome: Outcome): string[] =>
  Object.entries(outcome)
    .filter(([name]) => name !== 'told')
    .flatMap(([name, rows]) => rows.map(row => `${name} ${JSON.stringify(row)}`))
    .toSorted()

test('what is rebuilt from any prefix of what was saved goes on as if nothing had happened', () => {
  const kills = fc.infiniteStream(fc.nat({ max: 3 }))
  fc.assert(
    fc.property(life, kills, (seconds, dice) => {
      const whole = openWorld(setups[0]!)
      const states: string[] = []
      const note = (w: World): string => JSON.stringify([w.timeline.nextDueMs(), w.shelf.rows()])
      live(whole, seconds, () => states.push(note(whole)))

      const killed = openWorld(setups[0]!)
      const first = dice[Symbol.iterator]()
      live(killed, seconds, at => {
        expect(note(killed)).toBe(states[at])
        if (first.next().value !== 0) return
        killed.kill()
        expect(killed.timeline.takeOutcome()).toBeUndefined()
        expect(note(killed)).toBe(states[at])
      })
      expect(killed.outcomes.map(canonical)).toEqual(whole.outcomes.map(canonical))
    }),
    { numRuns: runs(20) },
  )
})

test('jumps of the clock lose nothing and delay nothing by more than an interval', () => {
  const jump = fc.tuple(fc.integer({ min: -500, max: 500 }), fc.array(deed, { maxLength: 3 }))
  fc.assert(
    fc.property(fc.array(jump, { maxLength: 20, size: 'max' }), jumps => {
      const w = openWorld(setups[0]!)
      let at = 1_000
      w.jumpTo(at)
      for (const [by, deeds] of jumps) {
        at += by
        w.jumpTo(at)
        for (const each of deeds) act(w, each, at)
        for (const group of w.timeline.groups(at * second)) {
          expect(group.dueMs - at * second).toBeLessThanOrEqual(interval * second)
        }
      }
      for (const who of cast.keys()) act(w, { kind: 'end', who }, at)
      w.until(at + 1_000)
      const believed = new Set<string>()
      for (const { integration, group, firing, resolved } of w.tellings) {
        for (const each of firing) believed.add(`${integration} ${group} ${each}`)
        for (const each of resolved) believed.delete(`${integration} ${group} ${each}`)
      }
      expect([...believed].filter(key => !key.startsWith(deafToEnds))).toEqual([])
    }),
    { numRuns: runs(20) },
  )
})
