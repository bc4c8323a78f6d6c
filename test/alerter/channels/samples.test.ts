// Each channel's samples: what its service answers and what that means, and what is sent, held against what stands in
// its folder. `firing` and the others are the messages of test/alerter/messages.ts.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Answer, Channel, HttpChannel, Outgoing, Verdict } from '../../../alerter/channel.ts'
import { channels } from '../../../alerter/channels/index.ts'
import { messages, startMs } from '../messages.ts'

type Reply = Readonly<{
  why: string
  answer: Omit<Answer, 'body'> & Readonly<{ body: unknown }>
  verdict: Verdict
}>
type Request = Readonly<{
  message: string
  settings: unknown
  before?: string
  request: Omit<Outgoing, 'body'> & Readonly<{ body: unknown }>
}>

const samplesOf = <T>(name: string, kind: string): readonly T[] => {
  const file = `alerter/channels/${name}/samples/${kind}.json`
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
}

const isHttp = (entry: readonly [string, Channel]): entry is [string, HttpChannel<unknown>] =>
  entry[1].kind === 'http'

const sampled = Object.entries(channels)
  .filter(isHttp)
  .filter(([name]) => samplesOf(name, 'replies').length > 0)

test('the services of instant messages have samples', () => {
  expect(sampled.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'dingtalk',
      'discord',
      'feishu',
      'mattermost',
      'pagerduty',
      'slack',
      'teams',
      'telegram',
      'webhook',
      'wecom',
    ]),
  )
})

describe.each(sampled)('samples of %s', (name, channel) => {
  const around = { nowMs: startMs, random: () => 0.5 }
  const requests = samplesOf<Request>(name, 'requests')

  test('are what is sent', () => {
    for (const { message, settings, before, request } of requests) {
      const more = before === undefined ? around : { ...around, before }
      const outgoing = channel.requests(messages[message]!, channel.settings.parse(settings), more)
      const readable = outgoing.map(each => ({ ...each, body: JSON.parse(String(each.body)) }))
      expect(readable, message).toEqual([request])
    }
  })

  test('are understood', () => {
    const settings = channel.settings.parse(requests[0]?.settings)
    for (const { why, answer, verdict } of samplesOf<Reply>(name, 'replies')) {
      const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
      expect(channel.verdict({ ...answer, body }, settings, around), why).toEqual(verdict)
    }
  })
})
