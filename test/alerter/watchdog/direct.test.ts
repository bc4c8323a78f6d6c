// What the watchdog tells directly, where one way tells several.
import { afterEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { channels } from '../../../alerter/channels/index.ts'
import type { Post } from '../../../alerter/post.ts'
import { Direct } from '../../../alerter/watchdog/direct.ts'

const hourMs = 3_600_000
const words = { title: 'Plimsoll does not alert just now', text: 'x' }

const alarm = { road: { kind: 'rules' }, sinceMs: 0 } as const
const alarmOfMail = { road: { kind: 'receiver', name: 'ops', way: 'ops/mail/0' }, sinceMs: 0 } as const

let direct: Direct
afterEach(() => direct.close())

// Several services, which take what they are sent.
function openAll(kinds: Readonly<Record<string, object>>) {
  const clock = new SimulatedClock(Date.UTC(2026, 10, 21, 9))
  const asked: Readonly<{ url: string; body: Readonly<Record<string, unknown>> }>[] = []
  const post: Post = {
    async send({ url, body }) {
      asked.push({ url, body: JSON.parse(String(body)) as Readonly<Record<string, unknown>> })
      const isTaken = '{"status":"success","dedup_key":"k","errcode":0}'
      return { ok: true, answer: { status: 202, headers: {}, body: isTaken } }
    },
    close: () => {},
  }
  const integrations = Object.entries(kinds).map(([channel, settings]) => ({
    ...{ id: `ops/${channel}/0`, channel, tellsEnds: true },
    settings: channels[channel as 'webhook']!.settings.parse(settings),
  }))
  direct = new Direct({
    receivers: () => [{ name: 'ops', integrations }],
    voice: { externalUrl: '', language: 'en', timeZone: 'UTC' },
    ...{ post, clock, log: openLog({ clock, write: () => {} }), own: openOwnMetrics(), random: () => 0 },
  })
  return { clock, asked }
}

test('services open something when it begins, and close the same when it is over', async () => {
  const { clock, asked } = openAll({
    pagerduty: { routing_key: 'KEYKEYKEY' },
    webhook: { url: 'http://hook.example.org/' },
    dingtalk: { url: 'https://oapi.dingtalk.com/robot/send?access_token=TOKENTOKEN', at: { all: true } },
  })
  direct.say(alarm, words, 'begun')
  direct.say(alarmOfMail, words, 'begun')
  await clock.runFor(1_000)
  direct.say(alarm, { title: 'Plimsoll alerts again', text: 'y' }, 'over')
  await clock.runFor(1_000)
  const to = (host: string) => asked.filter(({ url }) => url.includes(host)).map(({ body }) => body)
  // The two that begin together come in either order.
  const events = to('pagerduty')
  expect(events.map(each => each['event_action'])).toEqual(['trigger', 'trigger', 'resolve'])
  const key = events[2]!['dedup_key']
  expect(events.filter(each => each['dedup_key'] === key)).toHaveLength(2)
  expect(events[0]).toMatchObject({ payload: { summary: words.title, severity: 'critical' } })
  const hooked = to('hook').map(body => (body['alerts'] as Readonly<Record<string, unknown>>[])[0]!)
  expect(hooked.map(({ status }) => status)).toEqual(['firing', 'firing', 'resolved'])
  expect(hooked.filter(each => each['fingerprint'] === hooked[2]!['fingerprint'])).toHaveLength(2)
  // Whoever is called for what is urgent is called for this.
  expect(to('dingtalk').map(({ at }) => (at as { isAtAll?: boolean } | undefined)?.isAtAll ?? false)).toEqual(
    [true, true, false],
  )
})

// Two numbers, 1 and 2, by Twilio.
function open(statusOf: (number: string) => number) {
  const clock = new SimulatedClock(Date.UTC(2026, 10, 21, 9))
  const asked: string[] = []
  const post: Post = {
    async send({ body }) {
      const number = new URLSearchParams(String(body)).get('To')!.slice(-1)
      asked.push(number)
      const status = statusOf(number)
      return { ok: true, answer: { status, headers: {}, body: status === 201 ? '{"sid":"SM1"}' : '' } }
    },
    close: () => {},
  }
  const settings = channels['sms-twilio']!.settings.parse({
    ...{ account_sid: 'AC00000000', auth_token: 'TOKENTOKEN', from: '+15550100' },
    to: ['+14155552671', '+14155552672'],
  })
  const integration = { id: 'ops/sms-twilio/0', channel: 'sms-twilio', settings, tellsEnds: true }
  direct = new Direct({
    receivers: () => [{ name: 'ops', integrations: [integration] }],
    voice: { externalUrl: '', language: 'en', timeZone: 'UTC' },
    post,
    clock,
    log: openLog({ clock, write: () => {} }),
    own: openOwnMetrics(),
    random: () => 0,
  })
  return { clock, times: (number: string) => asked.filter(each => each === number).length }
}

test('who has it does not get it again because another number fails', async () => {
  let status = 503
  const { clock, times } = open(number => (number === '2' ? status : 201))
  direct.say(alarm, words, 'begun')
  await clock.runFor(hourMs)
  expect(times('1')).toBe(1)
  expect(times('2')).toBeGreaterThan(20)
  // Other words are for both.
  direct.say(alarm, { ...words, text: 'y' }, 'begun')
  await clock.runFor(hourMs)
  expect(times('1')).toBe(2)
  status = 201
  await clock.runFor(hourMs)
  const all = times('2')
  await clock.runFor(hourMs)
  expect([times('1'), times('2')]).toEqual([2, all])
})

test('who heard of the beginning hears of the end, though another number did not', async () => {
  const { clock, times } = open(number => (number === '2' ? 503 : 201))
  direct.say(alarm, words, 'begun')
  await clock.runFor(hourMs)
  direct.say(alarm, words, 'over')
  await clock.runFor(hourMs)
  expect(times('1')).toBe(2)
})

test('a number that is refused once another one has it is asked again, and not for ever', async () => {
  let status = 503
  const { clock, times } = open(number => (number === '2' ? status : 201))
  direct.say(alarm, words, 'begun')
  await clock.runFor(1_000)
  status = 401
  await clock.runFor(600_000)
  const before = times('2')
  status = 201
  await clock.runFor(600_000)
  expect(times('2')).toBe(before + 1)
  expect(before).toBeLessThan(10)

  status = 503
  direct.say(alarm, { ...words, text: 'y' }, 'begun')
  await clock.runFor(1_000)
  status = 401
  await clock.runFor(2 * hourMs)
  const all = times('2')
  await clock.runFor(2 * hourMs)
  expect([times('1'), times('2')]).toEqual([2, all])
})
