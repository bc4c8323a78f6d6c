// Who is missing, since when, and that each event is told once under one id.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Alert, AlertTransition } from '#core/model.ts'
import type { Beats } from '../../../alerter/heartbeats/beats.ts'
import { judge } from '../../../alerter/heartbeats/judge.ts'
import { type Heartbeat, heartbeatsSchema } from '../../../alerter/heartbeats/settings.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const startMs = Date.UTC(2026, 10, 21, 3)
const speech = { language: 'en', timeZone: 'UTC' } as const

const read = (settings: unknown): Heartbeat => heartbeatsSchema.parse({ backup: settings }).get('backup')!
const hourly = read({ every: '1h', grace: '5m', labels: { team: 'db' }, severity: 'page' })
const beatsOf = (more: Partial<Beats> = {}): Beats => ({
  ...{ name: 'backup', sinceMs: startMs, beatMs: startMs, failed: null, alert: null },
  ...more,
})
const at = (nowMs: number, listenedMs = 0) => ({ nowMs, listenedMs, speech })
const said = ({ alert, atMs, reason }: AlertTransition): string =>
  [alert.state, alert.rule.name, (atMs - startMs) / minuteMs, reason].filter(each => each !== null).join(' ')

test('is missing when interval and grace are over, and says who and since when', () => {
  expect(judge(hourly, beatsOf(), at(startMs + 65 * minuteMs - 1)).transitions).toEqual([])
  const { transitions, alert } = judge(hourly, beatsOf(), at(startMs + 90 * minuteMs))
  expect(transitions.map(said)).toEqual(['firing HeartbeatMissing 65'])
  expect(alert).toMatchObject({
    labels: { alertname: 'HeartbeatMissing', heartbeat: 'backup', team: 'db', severity: 'page' },
    annotations: { summary: 'backup was not heard of since 03:00; it should be every 1 h' },
    startsAtMs: startMs + 65 * minuteMs,
  })
  const never = judge(hourly, beatsOf({ beatMs: null }), at(startMs + 90 * minuteMs))
  expect(never.alert?.annotations['summary']).toBe('backup was never heard of; it should be every 1 h')
  const zh = {
    nowMs: startMs + 90 * minuteMs,
    listenedMs: 0,
    speech: { language: 'zh', timeZone: 'UTC' },
  } as const
  expect(judge(hourly, beatsOf(), zh).alert?.annotations['summary']).toContain('没有收到 backup 的心跳')
  const own = judge(read({ every: '1h', summary: 'look at db-1' }), beatsOf(), at(startMs + 2 * hourMs))
  expect(own.alert?.annotations['summary']).toBe('look at db-1')
})

test('the next beat ends it, at its time; an alert that stands is no news', () => {
  const { alert } = judge(hourly, beatsOf(), at(startMs + 90 * minuteMs))
  const again = judge(hourly, beatsOf({ alert }), at(startMs + 200 * minuteMs))
  expect(again).toEqual({ transitions: [], alert })
  const over = judge(
    hourly,
    beatsOf({ alert, beatMs: startMs + 201 * minuteMs }),
    at(startMs + 202 * minuteMs),
  )
  expect(over.transitions.map(said)).toEqual(['resolved HeartbeatMissing 201'])
  expect(over.alert).toBeNull()
})

test('who could not be heard of while nobody listened gets the grace after the start, and a minute at least', () => {
  const listenedMs = startMs + 10 * hourMs
  const t = (heartbeat: Heartbeat, afterMs: number, isMissing: boolean) =>
    expect(judge(heartbeat, beatsOf(), at(listenedMs + afterMs, listenedMs)).alert !== null).toBe(isMissing)

  t(hourly, 0, false)
  t(hourly, 5 * minuteMs - 1, false)
  t(hourly, 5 * minuteMs, true)
  t(read({ every: '1m', grace: 0 }), minuteMs - 1, false)
  t(read({ every: '1m', grace: 0 }), minuteMs, true)
  // What was told before goes on.
  const { alert } = judge(hourly, beatsOf(), at(startMs + 2 * hourMs))
  expect(judge(hourly, beatsOf({ alert }), at(listenedMs, listenedMs))).toEqual({ transitions: [], alert })
})

test('a failure is an alert at once with what it says, until the next beat; it ends that one is missing', () => {
  const missing = judge(hourly, beatsOf(), at(startMs + 70 * minuteMs)).alert
  const failed = { atMs: startMs + 80 * minuteMs, text: 'disk full' }
  const { transitions, alert } = judge(
    hourly,
    beatsOf({ alert: missing, failed }),
    at(startMs + 80 * minuteMs),
  )
  expect(transitions.map(said)).toEqual(['resolved HeartbeatMissing 80', 'firing HeartbeatFailed 80'])
  expect(alert?.annotations).toMatchObject({
    summary: 'backup says that it failed',
    description: 'disk full',
  })
  const later = { ...failed, atMs: startMs + 3 * hourMs }
  expect(judge(hourly, beatsOf({ alert, failed: later }), at(startMs + 9 * hourMs)).transitions).toEqual([])
  const well = judge(hourly, beatsOf({ alert, beatMs: startMs + 4 * hourMs }), at(startMs + 4 * hourMs))
  expect(well.transitions.map(said)).toEqual(['resolved HeartbeatFailed 240'])
})

test('what is not configured any more ends with that reason', () => {
  const { alert } = judge(hourly, beatsOf(), at(startMs + 2 * hourMs))
  expect(judge(undefined, beatsOf({ alert }), at(startMs + 3 * hourMs)).transitions.map(said)).toEqual([
    'resolved HeartbeatMissing 180 the heartbeat is not configured any more',
  ])
  expect(judge(undefined, beatsOf(), at(startMs + 3 * hourMs))).toEqual({ transitions: [], alert: null })
})

test('settings: names that fit into a path, matchers that can be read, sensible bounds', () => {
  const t = (settings: unknown, isGood: boolean) =>
    expect(heartbeatsSchema.safeParse(settings).success, JSON.stringify(settings)).toBe(isGood)

  t({ backup: {} }, true)
  t({ 'db-1.nightly': { every: '1d', alert: 'alertname="Watchdog"' } }, true)
  t({ am: { alert: ['alertname=Watchdog', 'cluster=~"n.*"'] } }, true)
  t({ 'a/b': {} }, false)
  t({ backup: { every: '0s' } }, false)
  t({ backup: { alert: 'what?' } }, false)
  t({ backup: { alert: '{}' } }, false)
  t({ backup: { evry: '1d' } }, false)
})

// A life of beats, failures, looks, crashes before the alert is saved, and restarts.
test('whatever happens: beginnings and ends take turns, what is said twice has one id, and the end is well', () => {
  const deed = fc.constantFrom('beat', 'fail', 'look', 'crash', 'restart')
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4 * hourMs), deed), { maxLength: 40 }), steps => {
      let nowMs = startMs
      let listenedMs = 0
      let beats = beatsOf()
      const told = new Map<string, AlertTransition>()
      const look = (isSaved: boolean): void => {
        const judged = judge(hourly, beats, at(nowMs, listenedMs))
        for (const each of judged.transitions) if (!told.has(each.id)) told.set(each.id, each)
        if (isSaved) beats = { ...beats, alert: judged.alert }
      }
      for (const [waitMs, each] of steps) {
        nowMs += waitMs
        if (each === 'beat') beats = { ...beats, beatMs: nowMs, failed: null }
        if (each === 'fail') beats = { ...beats, failed: { atMs: nowMs, text: '' } }
        if (each === 'restart') listenedMs = nowMs
        if (each === 'look' || each === 'crash') look(each === 'look')
      }
      beats = { ...beats, beatMs: nowMs, failed: null }
      look(true)
      const open = new Map<string, Alert>()
      for (const { alert } of told.values()) {
        const key = `${alert.fingerprint} ${alert.startsAtMs}`
        if (alert.state === 'firing') open.set(key, alert)
        // Of one that began and was never saved, nobody says an end: see below.
        else expect(open.delete(key), key).toBe(true)
      }
      expect(beats.alert).toBeNull()
    }),
  )
})
