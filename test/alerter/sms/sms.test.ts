import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from '../../../alerter/message.ts'
import { segmentsOf } from '../../../alerter/segments.ts'
import { chinese, international, numberBudgets, phone } from '../../../alerter/sms/numbers.ts'
import { smsText } from '../../../alerter/sms/sms-text.ts'
import { spokenText } from '../../../alerter/sms/spoken.ts'
import { variablesOf } from '../../../alerter/sms/variables.ts'
import { withoutAddresses } from '../../../alerter/sms/without-addresses.ts'
import { addressesIn } from '../fake-services/phones.ts'
import { hostileMessage, hostileText } from '../hostile.ts'
import { alertOf, ended, huge, messageOf, messages, startMs } from '../messages.ts'

const sent = (given: Partial<Message> = {}, more: Partial<Parameters<typeof smsText>[1]> = {}): string[] =>
  smsText(messageOf({ link: 'https://p.example.org/i/4711', ...given }), {
    segments_max: 2,
    links: true,
    replies: true,
    ...more,
  }).split('\n')

test('an SMS says what, since when, what was tried, how to answer, and where to look', () => {
  expect(sent()).toEqual([
    'db-7: disk /var is 94 % full',
    'Since 16:55, for 5 min',
    'Tried: rotated the logs: 2 GB freed, not enough',
    'Reply "1 4711" to acknowledge',
    'https://p.example.org/i/4711',
  ])
  expect(
    sent(
      { language: 'zh', alerts: [alertOf({ annotations: { summary: '磁盘 /var 已用 94 %' }, tried: [] })] },
      { links: false },
    ),
  ).toEqual(['db-7：磁盘 /var 已用 94 %', '16:55 开始，已持续 5 分钟', '事件 4711，回复 1 4711 认领'])
  // Nobody acknowledges what has ended, or where answers are not heard.
  expect(sent(ended)).toEqual(
    expect.arrayContaining(['Works again: db-7: disk /var is 94 % full', 'Incident 4711']),
  )
  expect(sent({}, { replies: false })).toContain('Incident 4711')
})

test('where else it is, and what ended meanwhile', () => {
  const at = (host: string, more: object = {}) =>
    alertOf({ labels: { alertname: 'DiskFull', host }, tried: [], ...more })
  const over = { status: 'resolved', endsAtMs: startMs } as const
  const alerts = [at('db-7'), at('db-8'), at('db-9'), at('w-1', over), at('w-2', { ...over, stale: true })]
  expect(sent({ alerts, link: null }, { segments_max: 3 })).toEqual([
    'db-7: disk /var is 94 % full (+2 more)',
    'Since 16:55, for 5 min',
    'Works again: w-1',
    'No data: w-2',
    '+ db-8, db-9',
    'Reply "1 4711" to acknowledge',
  ])
})

test('what has no room goes from the least important up', () => {
  const tried = ['t'.repeat(400)]
  expect(sent({ alerts: [alertOf({ tried })] }).join()).not.toContain('ttt')
  expect(sent({ alerts: [alertOf({ tried })] })).toContain('Since 16:55, for 5 min')
  const summary = '磁盘满了'.repeat(100)
  const lines = sent({ language: 'zh', alerts: [alertOf({ annotations: { summary } })] })
  expect(lines.slice(1)).toEqual(['事件 4711，回复 1 4711 认领', 'https://p.example.org/i/4711'])
  expect(lines[0]).toMatch(/^db-7：磁盘.*…$/)
})

test('a text of the operator is cut, and loses its addresses where none may be', () => {
  const t = (own: string, links: boolean, wanted: string) =>
    expect(smsText(messageOf(), { segments_max: 1, links, replies: false }, own)).toBe(wanted)

  t('down: http://a.org/x', true, 'down: http://a.org/x')
  t('down: http://a.org/x', false, 'down:')
  t('a'.repeat(500), true, `${'a'.repeat(156)}...`)
  t('盘'.repeat(500), true, `${'盘'.repeat(69)}…`)
})

test('whatever comes in, it is no longer than it may be', () => {
  const limits = fc.record({
    segments_max: fc.integer({ min: 1, max: 4 }),
    links: fc.boolean(),
    replies: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.oneof(hostileMessage, fc.constant(huge)), limits, (message, limit) => {
      const text = smsText(message, limit)
      expect(segmentsOf(text).parts.length).toBeLessThanOrEqual(limit.segments_max)
      expect(text).not.toBe('')
      if (!limit.links) expect(addressesIn(text)).toEqual([])
    }),
  )
})

test('hosts are kept by their first name, addresses lose their dots', () => {
  const t = (text: string, wanted: string) => expect(withoutAddresses(text), text).toBe(wanted)

  t('db-7.prod.example.org is down', 'db-7 is down')
  t('db-7.prod.example.org:9100', 'db-7')
  t('www.example.com', 'example')
  t('10.0.0.7:9100 和 10.0.0.0/8', '10-0-0-7 和 10-0-0-0')
  t('fe80::1 and [2001:db8::7]:9100', 'fe80-1 and 2001-db8-7')
  t('see https://a.example.org/x?y=1 now', 'see now')
  t('见http://a.cn/x。', '见。')
  t('ops@example.org', 'ops')
  t('java.lang.OutOfMemoryError', 'java-lang-OutOfMemoryError')
  t('nginx.conf', 'nginx-conf')
  t('【某某】', '(某某)')
  // Numbers, times and plain sentences stay.
  t('96.5 % at 03:12:45. Now 1.25', '96.5 % at 03:12:45. Now 1.25')
})

test('no address comes through, however it is put together', () => {
  const parts = fc.array(
    fc.oneof(
      hostileText,
      fc.constantFrom('http', '://', 'a.com', '1.2.3.4', '.', ':', '//', 'www', 'x.org:80', '::1'),
    ),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(parts, found => {
      expect(addressesIn(withoutAddresses(found.join('')))).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('variables fill a template within their length', () => {
  const t = (message: Message, charsMax: number, wanted: object) =>
    expect(variablesOf(message, charsMax)).toMatchObject(wanted)

  t(messageOf(), 35, {
    state: 'Alert',
    where: 'db-7',
    what: 'disk /var is 94 % full',
    since: '16:55',
    number: '4711',
  })
  t(messageOf({ language: 'zh' }), 12, { state: '告警', where: 'db-7', what: 'disk /var i…' })
  t({ ...ended, language: 'zh' }, 35, { state: '已恢复' })
  // How many others there are outlives the name.
  t({ ...messages['several']!, language: 'zh' }, 12, {
    where: 'db-0，另有 20 个',
    state: '告警（21 条已结束）',
  })
  t(messages['notice']!, 35, { state: 'Notice', where: 'Plimsoll', what: 'Expansion request for November' })
  // Nothing is empty: providers refuse that.
  t(messageOf({ alerts: [alertOf({ labels: {}, annotations: { summary: '🔥' } })], incident: null }), 35, {
    where: '-',
    what: '-',
    number: '0',
  })
})

test('a voice says it once, and the number digit by digit', () => {
  expect(spokenText(messageOf()).join(' ')).toBe(
    'This is Plimsoll. db-7: disk /var is 94 % full. Incident number 4 7 1 1.',
  )
  const [, said] = spokenText(
    messageOf({ alerts: [alertOf({ annotations: { summary: 'see http://x.org/<b>…' } })] }),
  )
  expect(said).not.toMatch(/[<>…]|http/)
})

test('numbers of phones, as people write them', () => {
  expect(phone.parse('+86 138-0013-8000')).toBe('+8613800138000')
  expect(international('13800138000')).toBe('+8613800138000')
  expect(international('+14155552671')).toBe('+14155552671')
  expect(chinese('+8613800138000')).toBe('13800138000')
  expect(chinese('+14155552671')).toBe('14155552671')
  expect(() => phone.parse('call me')).toThrow('a number like')
  expect(() => phone.parse('0123')).toThrow()
})

test('each number has a budget of its own, with a reserve', () => {
  const budgets = numberBudgets('x', { to: ['13800138000', '+14155552671'], per_day: 50, per_hour: 5 })
  expect(budgets).toHaveLength(4)
  expect(budgets[0]).toEqual({ nth: 0, key: 'x +8613800138000', times: 50, perMs: 86_400_000, reserve: 10 })
  expect(numberBudgets('x', { to: ['13800138000'], per_day: 0 })).toEqual([])
  expect(numberBudgets('x', { to: ['13800138000'], per_month: 100 })).toEqual([
    { nth: 0, key: 'x +8613800138000', times: 100, per: 'month', reserve: 20 },
  ])
})

test('a voice says what signs mean, and ends its sentences', () => {
  const t = (given: Partial<Message>, said: string) => expect(spokenText(messageOf(given))[1]).toBe(said)
  const bare = (threshold: string) => [alertOf({ annotations: {}, value: '94.2', threshold })]

  t({ alerts: bare('> 90') }, 'db-7: DiskFull 94.2 (alerts if above 90).')
  t({ alerts: bare('<= 5') }, 'db-7: DiskFull 94.2 (alerts if at most 5).')
  t({ language: 'zh', alerts: bare('> 90') }, 'db-7：DiskFull 94.2（阈值 高于 90）。')
  t({ alerts: [alertOf({ annotations: { summary: '<b>hot</b> a->b.' } })] }, 'db-7: b hot /b a- b.')
})

test('since when is worth more than the end of a long title', () => {
  const labels = { alertname: 'VeryLongName'.repeat(20), host: 'db-7' }
  const lines = sent({
    language: 'zh',
    alerts: [alertOf({ labels, annotations: {}, tried: [] })],
    link: null,
  })
  expect(lines[0]).toMatch(/^db-7：VeryLong.*…$/)
  expect(lines).toContain('16:55 开始，已持续 5 分钟')
})

test('a link that leaves no room goes, and the number stays', () => {
  const link = `https://plimsoll.example.org/${'long/'.repeat(8)}i/4711`
  const one = { segments_max: 1 }
  expect(sent({ language: 'zh', link }, one)).toEqual([
    expect.stringMatching(/^db-7/),
    '事件 4711，回复 1 4711 认领',
  ])
  expect(sent({ language: 'zh', link }, { segments_max: 2 })).toContain(link)
  const cold = [alertOf({ annotations: { summary: '磁盘 /var 已用 94 %' } })]
  expect(sent({ alerts: cold, link }, one)).toEqual([
    expect.stringMatching(/^db-7/),
    'Reply "1 4711" to acknowledge',
  ])
})

test('a digest names all places, as its title names none', () => {
  const alerts = ['a', 'b'].map(host => alertOf({ labels: { alertname: 'DiskFull', host }, tried: [] }))
  expect(sent({ kind: 'digest', incident: null, alerts })).toContain('a, b')
})

test('once somebody has it, an SMS says so instead of how to answer, without a whole number', () => {
  const acknowledged = { by: '+8613800138000', atMs: startMs - 60_000 }
  expect(sent({ acknowledged }).filter(line => line.includes('ckno') || line.includes('4711'))).toEqual([
    'Acknowledged by the phone ending in 8000 at 16:59',
    'Incident 4711',
    'https://p.example.org/i/4711',
  ])
  expect(sent({ acknowledged, language: 'zh' })).toContain('尾号 8000 已于 16:59 认领')
  expect(sent({ ...ended, acknowledged }).join()).not.toContain('8000')
  const state = (given: Partial<Message>): string =>
    variablesOf(messageOf({ language: 'zh', acknowledged, ...given }), 20).state
  expect(state({})).toBe('告警，已认领')
  const over = alertOf({ status: 'resolved', endsAtMs: startMs })
  expect(state({ alerts: [alertOf(), over] })).toBe('告警，已认领（1 条已结束）')
  expect(state({ status: 'resolved', alerts: [over] })).toBe('已恢复')
  expect(spokenText(messageOf({ acknowledged })).at(-1)).toBe('Somebody has acknowledged it.')
  expect(spokenText(messageOf({ ...ended, acknowledged })).join()).not.toContain('acknowledged')
})

test('who has it may be called anything, and takes neither number nor link away', () => {
  const t = (by: string, wanted: string, language: 'en' | 'zh' = 'en', limits: object = { links: false }) => {
    const lines = sent({ language, acknowledged: { by, atMs: startMs } }, limits)
    expect(lines[1], by).toBe(wanted)
    return lines
  }
  const at = '17:00'
  t('anna@example.com', `Acknowledged by anna at ${at}`)
  t('anna.example.org', `anna 已于 ${at} 认领`, 'zh')
  t('Anna https://evil.example.org/x', `Acknowledged by Anna at ${at}`)
  t('https://evil.example.org/x', `Acknowledged at ${at}`)
  t('https://evil.example.org/x', `已于 ${at} 认领`, 'zh')

  const one = { segments_max: 1, replies: false }
  const names = [
    'Bartholomew Featherstonehaugh-Cholmondeley (Platform Oncall)',
    '运维值班工程师王小明'.repeat(4),
  ]
  for (const [nth, wanted] of [
    `Acknowledged by Bartholomew... at ${at}`,
    `Acknowledged at ${at}`,
  ].entries()) {
    const lines = t(names[nth]!, wanted, 'en', one)
    expect([lines[0], ...lines.slice(-2)]).toEqual([
      'db-7: disk /var is 94 % full',
      'Incident 4711',
      'https://p.example.org/i/4711',
    ])
  }
  // A long title gives way to both, who has it and since when.
  const alerts = [alertOf({ annotations: { summary: '磁盘满了'.repeat(100) } })]
  const acknowledged = { by: '王小明', atMs: startMs }
  expect(sent({ language: 'zh', alerts, acknowledged, link: null }).slice(1)).toEqual([
    `王小明 已于 ${at} 认领`,
    '16:55 开始，已持续 5 分钟',
    '事件 4711',
  ])
})
