// Each channel's samples: what its service answers and what that means, and what is sent, held against what stands in
// its folder. `firing` and the others are the messages of test/alerter/messages.ts.
import { describe, expect, test } from 'vitest'
import type { Channel, HttpChannel } from '../../../alerter/channel.ts'
import { channels } from '../../../alerter/channels/index.ts'
import { messages, startMs } from '../messages.ts'
import { type ReplySample, type RequestSample, readable, samplesOf } from '../samples.ts'

const isHttp = (entry: readonly [string, Channel]): entry is [string, HttpChannel<unknown>] =>
  entry[1].kind === 'http'

const sampled = Object.entries(channels).filter(isHttp)

describe.each(sampled)('samples of %s', (name, channel) => {
  const around = { nowMs: startMs, random: () => 0.5 }
  const requests = samplesOf<RequestSample>(name, 'requests')
  const replies = samplesOf<ReplySample>(name, 'replies')

  test('are there', () => {
    expect(requests).not.toHaveLength(0)
    const kinds = new Set(replies.map(({ verdict }) => verdict.kind))
    expect([...kinds]).toEqual(expect.arrayContaining(['later', 'refused']))
    expect(kinds.has('accepted') || kinds.has('delivered')).toBe(true)
    expect(new Set(replies.map(({ why }) => why)).size).toBe(replies.length)
  })

  test('are what is sent', () => {
    for (const { message, settings, before, request } of requests) {
      const more = before === undefined ? around : { ...around, before }
      const outgoing = channel.requests(messages[message]!, channel.settings.parse(settings), more)
      expect(outgoing.map(readable), message).toEqual([request])
    }
  })

  test('are understood', () => {
    const settings = channel.settings.parse(requests[0]?.settings)
    for (const { why, answer, verdict } of replies) {
      const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
      expect(channel.verdict({ ...answer, body }, settings, around), why).toEqual(verdict)
    }
  })
})
