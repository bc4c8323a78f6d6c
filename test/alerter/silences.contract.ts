// What silences promise on every engine of the state: what is durable, what other processes see, what is forgotten.
// Called by silences.test.ts for SQLite and by live/room-books.test.ts for PostgreSQL.
import { describe, expect, onTestFinished, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import type { State } from '#core/state.ts'
import type { Silence, WantedSilence } from '../../alerter/silences/silence.ts'
import { openSilences, type Silences } from '../../alerter/silences.ts'

const h = 3_600_000
const startMs = Date.UTC(2026, 10, 20)

// `other` is the same state as another process sees it.
export type TwoStates = Readonly<{ state: State; other: State; dispose: () => Promise<void> }>

// Somebody sets it, and no timer hears of that.
class ShiftedClock extends SimulatedClock {
  aheadMs = 0
  override nowMs(): number {
    return super.nowMs() + this.aheadMs
  }
}

type World = Awaited<ReturnType<typeof openWorld>>

async function openWorld(states: () => Promise<TwoStates>) {
  const clock = new SimulatedClock(startMs)
  const { state, other, dispose } = await states()
  const lines: string[] = []
  const log = openLog({ write: line => void lines.push(line), clock })
  const opened: Silences[] = []
  onTestFinished(async () => {
    for (const each of opened) await each.close()
    await dispose()
  })
  const open = async (isShared = false, of: State = state) => {
    const silences = await openSilences({ state: of, clock, log, isShared })
    opened.push(silences)
    return silences
  }
  // What the timers read comes from outside of the simulated time.
  const pass = async (ms: number) => {
    await clock.runFor(ms)
    for (let at = 0; at < 5; at++)
      for (const each of [state, other]) await each.db.selectFrom('silences').select('id').execute()
    await clock.runFor(0)
  }
  // Something happens meanwhile.
  const live = async (ms: number) => {
    for (let leftMs = ms; leftMs > 0; leftMs -= 10 * h) {
      await clock.runFor(Math.min(leftMs, 10 * h))
      const fact = { seq: 0, kind: 'told', at_ms: clock.nowMs(), who: '', details: 'null' }
      const none = { incident: null, group_id: null, fingerprint: null }
      const row = { id: `told/${clock.nowMs()}`, ...fact, ...none }
      await state.write([state.db.insertInto('alerter_facts').values(row)])
    }
  }
  return { clock, state, other, lines, open, pass, live }
}

const wanted = (change: Partial<WantedSilence> = {}): WantedSilence => ({
  id: '',
  matchers: [{ name: 'host', op: '=', value: 'a' }],
  startsAtMs: startMs,
  endsAtMs: startMs + 2 * h,
  createdBy: 'ann',
  comment: 'disk swap\0\ud800',
  ...change,
})

export function silencesContract(engine: string, states: () => Promise<TwoStates>): void {
  const world = (): Promise<World> => openWorld(states)

  describe(engine, () => {
    test('all together are bounded by characters, and the next one who opens them reads them all', async () => {
      const w = await world()
      const silences = await w.open()
      const long = wanted({ comment: 'x'.repeat(262_000) })
      for (let nth = 0; nth < 128; nth++) await silences.put(long, 'ann')
      await expect(silences.put(long, 'ann')).rejects.toThrow(
        /^bad_request: all silences come to 33\d{6} char/,
      )
      expect((await w.open()).all()).toHaveLength(128)
    })

    test('the regular expressions of all that are not over are bounded together', async () => {
      const w = await world()
      const silences = await w.open()
      const large = (nth: number): WantedSilence =>
        wanted({
          matchers: [1, 2, 3, 4, 5, 6].map(at => ({
            name: `l${at}`,
            op: '=~',
            value: `${'a{1000}'.repeat(10)}${nth}${at}`,
          })),
        })
      const made = [await silences.put(large(0), 'ann')]
      for (const nth of [1, 2, 3]) made.push(await silences.put(large(nth), 'ann'))
      await expect(silences.put(large(4), 'ann')).rejects.toThrow('(limit: 300000)')
      // What needs no engine is none of it, and what is there may be changed.
      await silences.put(wanted(), 'ann')
      await silences.put({ ...made[0]!, comment: 'longer' }, 'ann')
      await silences.expire(made[1]!.id, 'ann')
      await silences.put(large(5), 'ann')
    })

    test('what was made is there after a restart, and says who did it', async () => {
      const w = await world()
      const silences = await w.open()
      const made = await silences.put(wanted(), 'token of ann')
      expect(made.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
      await silences.put({ ...made, comment: 'longer', endsAtMs: startMs + 3 * h }, 'bob')
      await w.clock.runFor(h)
      await silences.expire(made.id, 'eve')

      const again = await w.open()
      expect(again.all()).toEqual([
        { ...made, comment: 'longer', endsAtMs: startMs + h, updatedAtMs: startMs + h },
      ])
      expect(again.get(made.id)).toEqual(again.all()[0])
      const audit = await w.state.db
        .selectFrom('audit')
        .select(['who', 'what', 'details'])
        .orderBy('id')
        .execute()
      expect(audit.map(({ who, what }) => [who, what])).toEqual([
        ['token of ann', 'silence created'],
        ['bob', 'silence changed'],
        ['eve', 'silence ended'],
      ])
      expect(JSON.parse(audit[0]!.details)).toMatchObject({
        id: made.id,
        matchers: '{host="a"}',
        createdBy: 'ann',
      })
    })

    test('another matcher makes another silence, and no moment between the two is heard', async () => {
      const w = await world()
      const silences = await w.open()
      const one = await silences.put(wanted(), 'ann')
      await w.clock.runFor(h)
      const two = await silences.put({ ...one, matchers: [{ name: 'host', op: '=~', value: 'a|b' }] }, 'ann')

      expect(two.id).not.toBe(one.id)
      expect(silences.get(one.id)).toMatchObject({ endsAtMs: startMs + h })
      const held = (nowMs: number) => silences.silencedBy({ host: 'a' }, nowMs)
      expect([held(startMs + h - 1), held(startMs + h)]).toEqual([[one.id], [two.id]])
    })

    test('refuses what nobody knows, and changes nothing', async () => {
      const w = await world()
      const silences = await w.open()
      const missing = { code: 'not_found', detail: 'silence not found' }
      await expect(silences.put(wanted({ id: 'x' }), 'ann')).rejects.toMatchObject(missing)
      await expect(silences.expire('x', 'ann')).rejects.toMatchObject(missing)
      await expect(silences.put(wanted({ matchers: [] }), 'ann')).rejects.toMatchObject({
        code: 'bad_request',
      })
      expect(silences.all()).toEqual([])
      expect(await w.state.db.selectFrom('audit').select('what').execute()).toEqual([])
    })

    test('to end what is over is no deed', async () => {
      const w = await world()
      const silences = await w.open()
      const { id } = await silences.put(wanted(), 'ann')
      await silences.expire(id, 'ann')
      await w.clock.runFor(1_000)
      await silences.expire(id, 'ann')
      expect(silences.get(id)).toMatchObject({ endsAtMs: startMs, updatedAtMs: startMs })
      expect((await w.state.db.selectFrom('audit').select('what').execute()).length).toBe(2)
    })

    test('other processes see it within a second, and say so', async () => {
      const w = await world()
      const [one, two] = [await w.open(true), await w.open(true, w.other)]
      const heard: Silence[][] = []
      two.onChange(changed => void heard.push([...changed]))
      const first = await one.put(wanted(), 'ann')
      const second = await two.put(wanted({ matchers: [{ name: 'job', op: '=', value: 'b' }] }), 'ann')
      const third = await one.put(wanted({ matchers: [{ name: 'job', op: '=', value: 'c' }] }), 'ann')
      expect(two.get(first.id)).toBeUndefined()

      await w.pass(1_000)
      // What came below its own writing is there too, and its own is no news to it.
      expect(
        two
          .all()
          .map(({ id }) => id)
          .sort(),
      ).toEqual([first.id, second.id, third.id].sort())
      expect(heard.map(each => each.map(({ id }) => id))).toEqual([[second.id], [first.id, third.id]])

      await two.expire(first.id, 'bob')
      await w.pass(1_000)
      expect(one.silencedBy({ host: 'a' }, w.clock.nowMs())).toEqual([])
    })

    test('a change after everything was forgotten is seen too', async () => {
      const w = await world()
      const [one, two] = [await w.open(true), await w.open(true, w.other)]
      for (let at = 0; at < 5; at++)
        await one.put(wanted({ matchers: [{ name: 'n', op: '=', value: `${at}` }] }), 'ann')
      await w.pass(1_000)
      await w.live(123 * h)
      const last = await one.put(
        wanted({ startsAtMs: w.clock.nowMs(), endsAtMs: w.clock.nowMs() + h }),
        'ann',
      )
      expect(await w.state.db.selectFrom('silences').select('id').execute()).toEqual([{ id: last.id }])
      await w.pass(1_000)
      expect(two.all().map(({ id }) => id)).toEqual([last.id])
    })

    test('a clock that is weeks ahead for a while takes no silence away', async () => {
      const w = await world()
      const clock = new ShiftedClock(startMs)
      const open = (isShared: boolean) =>
        openSilences({ ...w, clock, log: openLog({ write: () => {} }), isShared })
      const [one, two] = [await open(false), await open(true)]
      onTestFinished(() => Promise.all([one.close(), two.close()]).then(() => {}))
      const made = await one.put(wanted({ endsAtMs: startMs + 7 * 24 * h }), 'ann')
      const times = async () => {
        await clock.runFor(1_000)
        await w.pass(0)
        await clock.runFor(0)
        return [one, two].map(each => each.silencedBy({ host: 'a' }, clock.nowMs()))
      }
      expect(await times()).toEqual([[made.id], [made.id]])
      clock.aheadMs = 30 * 24 * h
      expect(await times()).toEqual([[], []])
      // Whoever makes one now does not do away with the others.
      const now = { startsAtMs: clock.nowMs(), endsAtMs: clock.nowMs() + h }
      await one.put(wanted({ ...now, matchers: [{ name: 'host', op: '=', value: 'b' }] }), 'ann')
      await one.put(wanted({ ...now, matchers: [{ name: 'host', op: '=', value: 'c' }] }), 'ann')
      await times()
      clock.aheadMs = 0
      expect(await times()).toEqual([[made.id], [made.id]])
      expect((await w.open()).get(made.id)).toEqual(made)
    })

    test('is shown for 120 hours after its end, and not longer', async () => {
      const w = await world()
      const silences = await w.open()
      const { id } = await silences.put(wanted(), 'ann')
      await w.clock.runFor(122 * h - 1)
      expect(silences.all().length).toBe(1)
      await w.clock.runFor(1)
      expect([silences.all(), silences.get(id)]).toEqual([[], undefined])
      await expect(silences.expire(id, 'ann')).rejects.toMatchObject({ code: 'not_found' })
      await expect(silences.put(wanted({ id }), 'ann')).rejects.toMatchObject({ code: 'bad_request' })
    })

    test('while the state is away, what is known holds on; then it goes on as before', async () => {
      const w = await world()
      let isAway = false
      const away = new Proxy(w.state, {
        get(state, name) {
          if (name === 'db' && isAway) throw new Failure('state_unavailable', 'gone')
          return Reflect.get(state, name)
        },
      })
      const [silences, other] = [await w.open(true, away), await w.open()]
      const { id } = await silences.put(wanted(), 'ann')
      isAway = true
      await w.pass(3_000)
      expect(silences.silencedBy({ host: 'a' }, w.clock.nowMs())).toEqual([id])
      expect(w.lines.join('\n')).toContain('silences of other processes cannot be read')

      isAway = false
      await other.expire(id, 'bob')
      await w.pass(1_000)
      expect(silences.silencedBy({ host: 'a' }, w.clock.nowMs())).toEqual([])
    })
  })
}
