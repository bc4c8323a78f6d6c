// What services and people said back, as the page of an incident tells it.
import { expect, test } from 'vitest'
import { factLine } from '../../../alerter/api/fact-words.ts'
import { knownIn } from '../../../alerter/api/known-facts.ts'
import type { Fact, FactKind, Json } from '../../../alerter/fact.ts'

const line = (kind: FactKind, details: Json, language: 'en' | 'zh' = 'en', others: readonly Fact[] = []) => {
  const fact: Fact = {
    ...{ id: 'f', kind, atMs: 0, incident: 7, group: 'g', fingerprint: null, who: 'sms/sms-twilio/0' },
    details,
  }
  return factLine(fact, knownIn(others), { language, timeZone: 'UTC', nowMs: 0 })
}

test('a receipt says which number, what became of it, and how late where it was late', () => {
  const t = (details: Json, more: string, mood: string) =>
    expect(line('receipt', details)).toMatchObject({ title: 'receipt', more, mood })

  t({ outcome: 'delivered', to: '+1415', why: '', afterMs: 2_000 }, '+1415, delivered', 'good')
  t({ outcome: 'failed', to: '+1415', why: 'MK:0004' }, '+1415, did not arrive, MK:0004', 'bad')
  t({ outcome: 'delivered', afterMs: 3_600_400 }, 'delivered, 1h after the service took it', 'good')
  // Of another version.
  t({ outcome: 'lost' }, 'lost', 'good')
  t(null, '', 'plain')
  expect(line('receipt', { outcome: 'failed', to: '138' }, 'zh').more).toBe('138，未送达')
  expect(line('seen', { outcome: 'seen', to: '138' }, 'zh').more).toBe('138，已接听或已读')
})

test('of a message to several, the page says why not all have it', () => {
  const told = { firing: ['a'], resolved: [], isCertain: false }
  expect(line('told', told).more).toBe('1 firing, accepted by the service')
  const lost = { ...told, lost: ['no such number', 'over its limit'] }
  expect(line('told', lost).more).toBe(
    '1 firing, accepted by the service, not all have it (no such number; over its limit)',
  )
  expect(line('told', lost, 'zh').more).toBe(
    '正在告警 1 条，服务商已接收，部分未送达（no such number; over its limit）',
  )
})

test('a beginning says what broke, in the language of the reader', () => {
  const both = { summary: 'disk full', summary_zh: '磁盘已满', description: 'why' }
  const t = (annotations: Json, en: string, zh: string) => {
    expect(line('fired', { annotations }).more).toBe(en)
    expect(line('fired', { annotations }, 'zh').more).toBe(zh)
  }
  t(both, 'disk full', '磁盘已满')
  t({ description: 'why', description_zh: '原因' }, 'why', '原因')
  t({}, '', '')
  expect(line('fired', null, 'zh').more).toBe('')
})

test('what was held is told with who silenced it, where the page has that', () => {
  const hold = { kind: 'silenced', by: ['abc'] }
  expect(line('held', hold).more).toBe('not told: silenced by abc')
  const silence = { id: 'abc', matchers: [], endsAtMs: 3_600_000, createdBy: 'ann', comment: 'disks' }
  const silenced: Fact = {
    ...{ id: 's', kind: 'silenced', atMs: 0, incident: null, group: null, fingerprint: null, who: 'ann' },
    details: silence as never,
  }
  expect(line('held', hold, 'en', [silenced]).more).toBe(
    'not told: silenced until 01:00:00 by ann (disks), silence abc',
  )
})

test('an end that nobody told is not said to be good', () => {
  const details = { reason: 'not reported again' }
  const title = 'works again, or nobody reports it any more'
  expect(line('resolved', details)).toMatchObject({ title, mood: 'plain', more: '' })
  expect(line('resolved', details, 'zh').title).toBe('恢复，或已无人上报')
  expect(line('resolved', { reason: null })).toMatchObject({ title: 'works again', mood: 'good' })
  const one = { reason: 'another rule still finds it' }
  expect(line('resolved', one)).toMatchObject({
    title: expect.stringContaining('a rule still'),
    mood: 'plain',
  })
  expect(line('resolved', one, 'zh').title).toBe('其中一方已报恢复，仍有规则在触发')
})

test('who acknowledges is said, and by what', () => {
  expect(line('acknowledged', { by: 'sms/sms-twilio/0' })).toMatchObject({
    title: 'acknowledged',
    more: 'sms/sms-twilio/0',
    mood: 'good',
  })
})
