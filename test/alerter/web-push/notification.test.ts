// What a lock screen shows, and what push services are told of it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from '../../../alerter/message.ts'
import { notificationOf, trialOf } from '../../../alerter/web-push/notification.ts'
import { hostileMessage } from '../hostile.ts'
import { alertOf, crowd, ended, huge, messageOf, messages, startMs } from '../messages.ts'

const shownOf = (message: Message, texts = {}) => JSON.parse(notificationOf(message, texts).body)

test('says what, where and since when, and leads to the incident', () => {
  expect(shownOf(messageOf())).toEqual({
    title: expect.stringMatching(/db-7.*disk \/var is 94 % full/),
    body: expect.stringMatching(/16:55/),
    tag: 'incident/4711',
    path: '/i/4711?k=a_b',
    lang: 'en',
    atMs: startMs,
    stays: true,
    silent: false,
  })
  expect(shownOf(messages['chinese']!)).toMatchObject({ lang: 'zh', body: expect.stringContaining('：') })
  expect(shownOf(messageOf(), { title: 'Own', text: 'words' })).toMatchObject({ title: 'Own', body: 'words' })
})

test('the end takes the place of the beginning, on the screen and on the way', () => {
  const [began, over] = [messageOf(), ended].map(each => notificationOf(each, {}))
  expect(over!.topic).toBe(began!.topic)
  expect(shownOf(ended).tag).toBe(shownOf(messageOf()).tag)
  expect(shownOf(ended)).toMatchObject({ stays: false })
  expect(notificationOf(messageOf({ incident: 4712 }), {}).topic).not.toBe(began!.topic)
})

test('what is no incident takes the place of itself only', () => {
  const tag = (more: Partial<Message>) => shownOf(messageOf({ incident: null, link: null, ...more })).tag
  expect(tag({})).toMatch(/^group\//)
  expect(tag({})).not.toBe(tag({ groupKey: '{}:{other="1"}' }))
  expect(tag({ kind: 'digest' })).not.toBe(tag({ kind: 'digest', id: 'other' }))
  expect(tag({ kind: 'notice' })).toBe(tag({ kind: 'notice' }))
  expect(tag({ kind: 'canary', id: '1' })).toBe(tag({ kind: 'canary', id: '2' }))
})

test('services learn how urgent it is, and no numbers or names', () => {
  const t = (more: Partial<Message>, wanted: object) =>
    expect(notificationOf(messageOf(more), {})).toMatchObject(wanted)
  t({}, { urgency: 'high', ttlS: 86_400 })
  t({ urgency: 'normal' }, { urgency: 'normal' })
  t({ urgency: 'low' }, { urgency: 'low' })
  // The night goes on.
  t({ status: 'resolved' }, { urgency: 'normal' })
  t({ kind: 'canary', urgency: 'low', alerts: [] }, { urgency: 'low', ttlS: 300 })
  expect(notificationOf(messageOf(), {}).topic).toMatch(/^[\w-]{32}$/)
  expect(trialOf({ title: 'a', body: 'b', lang: 'en' }, startMs).topic).toMatch(/^[\w-]{32}$/)
})

test('low ones and canaries make no sound', () => {
  expect(shownOf(messageOf({ urgency: 'low' }))).toMatchObject({ silent: true, stays: false })
  expect(shownOf(messages['canary']!)).toMatchObject({ silent: true, stays: false })
})

test('a link of another host is none: the device stays at its own address', () => {
  expect(shownOf(messageOf({ link: 'https://evil.example/i/1' })).path).toBe('/i/4711')
  expect(shownOf(messageOf({ link: 'https://plimsoll.example.org.evil.example/i/1' })).path).toBe('/i/4711')
  expect(
    shownOf(messageOf({ externalUrl: 'https://x.example/ops/', link: 'https://x.example/ops/i/1' })).path,
  ).toBe('/i/1')
  expect(shownOf(messageOf({ incident: null, link: null })).path).toBe('/')
})

test('whatever is said, it fits and can be read', () => {
  const t = (message: Message): void => {
    const { body } = notificationOf(message, {})
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(3_993)
    expect(JSON.parse(body).title).not.toBe('')
  }
  for (const message of [...Object.values(messages), huge, crowd]) t(message)
  t(messageOf({ alerts: [alertOf()], link: `https://plimsoll.example.org/i/4711?k=${'k'.repeat(300)}` }))
  fc.assert(fc.property(hostileMessage, t), { numRuns: 30 })
})
