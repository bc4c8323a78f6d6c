// What heartbeats promise on every engine of the state: beats are durable, and each event is told once. Called by
// heartbeats.test.ts for SQLite and by live/room-books.test.ts for PostgreSQL.
import { describe, expect, onTestFinished, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import { type AllHeartbeats, heartbeatsSchema } from '../../alerter/heartbeats/settings.ts'
import { openHeartbeats, openJudging } from '../../alerter/heartbeats.ts'
import { transitionOf } from './alerter/world.ts'

type Engine = Readonly<{ state: State; dispose(): Promise<void> }>

const startMs = 1_700_000_000_000
const hourMs = 3_600_000
const settings = {
  backup: { every: '1h', grace: '5m' },
  other: { every: '5m', grace: '1m', alert: 'alertname="Watchdog", cluster="north"' },
}

// What sleeps skips time of the machine; the monotonic clock may stop meanwhile, or not.
class Sleepy extends SimulatedClock {
  #skipped = { wallMs: 0, monotonicMs: 0 }
  override nowMs = (): number => super.nowMs() + this.#skipped.wallMs
  override monotonicMs = (): number => super.monotonicMs() + this.#skipped.monotonicMs
  skip(wallMs: number, monotonicMs: number): void {
    const { wallMs: wall, monotonicMs: monotonic } = this.#skipped
    this.#skipped = { wallMs: wall + wallMs, monotonicMs: monotonic + monotonicMs }
  }
}

export function heartbeatsContract(name: string, start: () => Promise<Engine>): void {
  async function opened() {
    const { state, dispose } = await start()
    const clock = new Sleepy(startMs)
    const own = openOwnMetrics()
    const log = openLog({ clock, write: () => {} })
    const told: AlertTransition[] = []
    let isAway = false
    const write: State['write'] = async statements => {
      if (isAway) throw new Failure('state_unavailable', 'away')
      return state.write(statements)
    }
    let now: AllHeartbeats = heartbeatsSchema.parse(settings)
    let refusals = 0
    let telling = async (): Promise<void> => {}
    let judging: ReturnType<typeof openJudging> | undefined
    const heartbeats = openHeartbeats({
      ...{ state: { ...state, write }, clock, own, heartbeats: () => now },
      onBeat: (names, outcome) => judging?.heard(names, outcome),
    })
    const judgeNow = async (): Promise<void> => {
      judging = openJudging({
        ...{ state, clock, own, log, heartbeats: () => now },
        speech: { language: 'en', timeZone: 'UTC' },
        async publish(transitions) {
          if (refusals-- > 0) throw new Failure('state_unavailable', 'away')
          told.push(...transitions)
          await telling()
        },
      })
      await judging.wake()
    }
    // The state lives in real time.
    const run = async (durationMs: number): Promise<void> => {
      for (let leftMs = durationMs; leftMs > 0; leftMs -= 60_000) {
        await clock.runFor(Math.min(60_000, leftMs))
        await judging?.wake()
      }
    }
    onTestFinished(async () => {
      await judging?.close()
      await dispose()
    })
    return {
      ...{ clock, heartbeats, run, judgeNow, told },
      close: () => judging?.close(),
      // The state takes nothing that is heard.
      away: (is: boolean) => {
        isAway = is
      },
      configure: (found: unknown) => {
        now = heartbeatsSchema.parse(found)
      },
      refuse: (times: number) => {
        refusals = times
      },
      // Once, the next time that something is told.
      whileTelling: (work: () => Promise<void>) => {
        telling = async () => {
          telling = async () => {}
          await work()
        }
      },
      // `+65m firing HeartbeatMissing backup`
      said: () =>
        told.map(({ atMs, alert: { state, labels } }) => {
          const minutes = Math.round((atMs - startMs) / 60_000)
          return `+${minutes}m ${state} ${labels['alertname']} ${labels['heartbeat']}`
        }),
    }
  }

  describe(`heartbeats in ${name}`, () => {
    test('who is silent is missing, also who never was heard of; the next beat ends it', async () => {
      const w = await opened()
      await w.judgeNow()
      await w.heartbeats.beat('backup')
      await w.run(30 * 60_000)
      expect(w.said()).toEqual(['+6m firing HeartbeatMissing other'])
      await w.heartbeats.beat('other')
      await w.run(1_000)
      expect(w.said().slice(1)).toEqual(['+30m resolved HeartbeatMissing other'])
      await w.run(3 * hourMs)
      expect(w.said().slice(2).sort()).toEqual([
        '+36m firing HeartbeatMissing other',
        '+65m firing HeartbeatMissing backup',
      ])
    })

    test('a restart forgets nothing, tells nothing twice, and gives the grace to who could not be heard of', async () => {
      const w = await opened()
      await w.judgeNow()
      await w.heartbeats.beat('backup')
      await w.run(20 * 60_000)
      await w.close()
      await w.clock.runFor(5 * hourMs)
      await w.judgeNow()
      await w.run(4 * 60_000)
      expect(w.said()).toEqual(['+6m firing HeartbeatMissing other'])
      await w.run(2 * 60_000)
      expect(w.said().slice(1)).toEqual(['+65m firing HeartbeatMissing backup'])
    })

    test('a sleep of this machine, or a clock that is set forward, makes nobody missing who beats then', async () => {
      const w = await opened()
      await w.judgeNow()
      const beat = async (): Promise<void> => {
        await w.heartbeats.beat('backup')
        await w.heartbeats.beat('other')
      }
      const t = async (wallMs: number, monotonicMs: number) => {
        await beat()
        await w.run(60_000)
        w.clock.skip(wallMs, monotonicMs)
        await w.run(30_000)
        await beat()
        await w.run(4 * 60_000)
        expect(w.said()).toEqual([])
      }

      await t(8 * hourMs, 0)
      await t(8 * hourMs, 8 * hourMs)
      await t(10 * 60_000, 0)
      // Who is silent then too is missing, a minute later.
      await beat()
      await w.run(60_000)
      w.clock.skip(8 * hourMs, 0)
      await w.run(60_000)
      expect(w.said()).toEqual([])
      await w.run(60_000)
      expect(w.told.map(({ alert }) => alert.labels['heartbeat'])).toEqual(['other'])
      await w.run(4 * 60_000)
      expect(w.told.map(({ alert }) => alert.labels['heartbeat'])).toEqual(['other', 'backup'])
    })

    test('who falls silent when the clock was set back is missed as soon as ever', async () => {
      const w = await opened()
      w.clock.skip(2 * hourMs, 0)
      await w.judgeNow()
      await w.run(60_000)
      await w.heartbeats.beat('backup')
      w.clock.skip(-2 * hourMs, 0)
      await w.run(64 * 60_000)
      // Heard of never, and a minute ago.
      expect(w.said()).toEqual(['+7m firing HeartbeatMissing other'])
      await w.run(2 * 60_000)
      expect(w.said().slice(1)).toEqual(['+66m firing HeartbeatMissing backup'])
    })

    test('while nobody takes the alert it is tried again, under the same id', async () => {
      const w = await opened()
      w.refuse(3)
      await w.judgeNow()
      await w.run(10 * 60_000)
      expect(w.said()).toEqual(['+6m firing HeartbeatMissing other'])
      await w.run(60_000)
      expect(new Set(w.told.map(({ id }) => id)).size).toBe(w.told.length)
    })

    test('who beats while another is told of for long is not missing', async () => {
      const w = await opened()
      await w.judgeNow()
      await w.heartbeats.beat('backup')
      for (let minute = 0; minute < 64; minute += 4) {
        await w.heartbeats.beat('other')
        await w.run(4 * 60_000)
      }
      await w.heartbeats.beat('other')
      w.whileTelling(async () => {
        await w.clock.runFor(4 * 60_000)
        await w.heartbeats.beat('other')
        await w.clock.runFor(4 * 60_000)
      })
      await w.run(60_000)
      expect(w.said()).toEqual(['+65m firing HeartbeatMissing backup'])
    })

    test('a failure is told at once with its text, whatever is in it', async () => {
      const w = await opened()
      await w.judgeNow()
      await w.heartbeats.beat('other')
      await w.heartbeats.fail('backup', 'no space\0 left')
      await w.run(1_000)
      expect(w.said()).toEqual(['+0m firing HeartbeatFailed backup'])
      expect(w.told[0]?.alert.annotations['description']).toBe('no space\0 left')
      await w.heartbeats.beat('backup')
      await w.run(1_000)
      expect(w.said().slice(1)).toEqual(['+0m resolved HeartbeatFailed backup'])
    })

    test('a posted alert that matches is a beat and no alert; its end is neither', async () => {
      const w = await opened()
      await w.judgeNow()
      const posted = (labels: Record<string, string>, state: 'firing' | 'resolved'): AlertTransition => {
        const one = transitionOf('x', state, { startsAtMs: startMs })
        const rule = { id: '', group: '', name: '', expr: '' }
        return { ...one, alert: { ...one.alert, labels: labelsOf(Object.entries(labels)), rule } }
      }
      const beat = posted({ alertname: 'Watchdog', cluster: 'north' }, 'firing')
      const south = posted({ alertname: 'Watchdog', cluster: 'south' }, 'firing')
      const published: unknown[] = []
      const hear = (...all: AlertTransition[]): Promise<void> =>
        w.heartbeats.hear(all, async others => void published.push(...others))
      for (let minute = 0; minute < 20; minute += 4) {
        await hear(beat, south)
        expect(published.splice(0)).toEqual([south])
        await w.run(4 * 60_000)
      }
      expect(w.said()).toEqual([])
      await hear(posted({ alertname: 'Watchdog', cluster: 'north' }, 'resolved'))
      expect(published).toEqual([])
      // A state that is away keeps the beat from us, and nothing else from anybody.
      w.away(true)
      await expect(hear(south, beat)).rejects.toMatchObject({ code: 'state_unavailable' })
      expect(published).toEqual([south])
      w.away(false)
      await w.run(10 * 60_000)
      expect(w.said()).toEqual(['+22m firing HeartbeatMissing other'])
    })

    test('names that nobody configured are refused; those that are gone end', async () => {
      const w = await opened()
      await w.judgeNow()
      await expect(w.heartbeats.beat('bakcup')).rejects.toMatchObject({ code: 'not_found' })
      await expect(w.heartbeats.fail('bakcup', '')).rejects.toMatchObject({ code: 'not_found' })
      await w.run(10 * 60_000)
      w.configure({})
      await w.run(10_000)
      expect(w.said()).toHaveLength(2)
      expect(w.told[1]).toMatchObject({ reason: 'the heartbeat is not configured any more' })
      expect(await w.heartbeats.list()).toEqual([])
      w.configure(settings)
      await w.run(10_000)
      const [first] = await w.heartbeats.list()
      expect(first).toMatchObject({ beats: { sinceMs: expect.any(Number), beatMs: null, alert: null } })
      expect(first!.beats!.sinceMs).toBeGreaterThan(startMs + 9 * 60_000)
    })
  })
}
