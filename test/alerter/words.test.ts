import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type { Message, ToldAlert } from '../../alerter/message.ts'
import { type Limits, shorten, wordsOf } from '../../alerter/words.ts'
import { runs } from '../runs.ts'
import { hostileMessage } from './hostile.ts'
import { alertOf, huge, messageOf } from './messages.ts'

// 17:00 in Shanghai.
const atMs = messageOf().atMs
const minuteMs = 60_000

function disk(host: string, given: Partial<ToldAlert> = {}, labels: Labels = {}): ToldAlert {
  const named = { alertname: 'DiskFull', host, mountpoint: '/', job: 'node', severity: 'critical', ...labels }
  return alertOf({
    labels: labelsOf(Object.entries(named)),
    annotations: {
      summary: 'disk / 96 % full',
      unit: 'percent',
      runbook_url: 'https://wiki.example.org/disk',
    },
    startsAtMs: atMs - 7 * minuteMs,
    value: '96.2345',
    threshold: '> 90',
    tried: ['logs rotated: freed 0 B'],
    ...given,
  })
}

const resolved = { status: 'resolved', endsAtMs: atMs - minuteMs } as const
const stale = { ...resolved, stale: true }

function told(alerts: readonly ToldAlert[], given: Partial<Message> = {}, limits: Partial<Limits> = {}) {
  const status = alerts.some(each => each.status === 'firing') ? 'firing' : 'resolved'
  const message = messageOf({ alerts, status, link: 'https://p.example.org/i/4711', ...given })
  return wordsOf(message, { alertsMax: 5, charsMax: 4_000, links: true, ...limits })
}
const plain = (...args: Parameters<typeof told>): string[] => told(...args).plain.split('\n')

test('one alert: what and where on the first line, then the rest in the order in which it is asked for', () => {
  expect(plain([disk('db-7')])).toEqual([
    'db-7: disk / 96 % full',
    'Where: host db-7, mountpoint /, job node',
    'Since: 16:53, for 7 min',
    'Value then: 96.2 % (alerts if > 90 %)',
    'Severity: critical',
    'Tried: logs rotated: freed 0 B',
    'Runbook: https://wiki.example.org/disk',
    'Incident: 4711',
    'Link: https://p.example.org/i/4711',
  ])
  expect(
    plain([disk('db-7', { annotations: { summary: '根分区已用 96 %', unit: '%' } })], { language: 'zh' }),
  ).toEqual([
    'db-7：根分区已用 96 %',
    '位置：host db-7、mountpoint /、job node',
    '开始：16:53，已持续 7 分钟',
    '触发值：96.2 %（阈值 > 90 %）',
    '级别：critical',
    '已尝试：logs rotated: freed 0 B',
    '事件：4711',
    '链接：https://p.example.org/i/4711',
  ])
})

test('what a rule says in two languages is told in that of the message', () => {
  const both = {
    summary: 'disk / 96 % full',
    summary_zh: '根分区已用 96 %',
    description: 'It grows.',
    description_zh: '仍在增长。',
    runbook_url: 'docs/disk.md',
    unit: 'percent',
  }
  const [one, two] = [disk('db-7', { annotations: both }), disk('db-8', { annotations: both })]
  const chinese = plain([one], { language: 'zh' })
  expect(chinese.slice(0, 2)).toEqual(['db-7：根分区已用 96 %', '详情：仍在增长。'])
  expect(chinese).toContain('处理手册：docs/disk.md')
  expect(plain([one]).slice(0, 2)).toEqual(['db-7: disk / 96 % full', 'What: It grows.'])
  // Of each of several, and of one that ended beside another.
  const ended = disk('db-9', { ...resolved, annotations: both }, { alertname: 'Other' })
  const many = told([one, two, ended], { language: 'zh' }).plain
  expect(many).toContain('• db-8：根分区已用 96 %')
  expect(many).toContain('已恢复：db-9：根分区已用 96 %')
  expect(many).not.toContain('disk /')
  // A description that says what the title has said is said once, in either language.
  const same = { ...both, description_zh: '根分区已用 96 %。' }
  expect(plain([disk('db-7', { annotations: same })], { language: 'zh' })[1]).toMatch(/^位置/)
})

test('the title names the place once, and early', () => {
  const t = (summary: string, labels: Labels, title: string) =>
    expect(told([alertOf({ annotations: { summary }, labels })]).title, summary).toBe(title)

  t('disk full', { host: 'db-7' }, 'db-7: disk full')
  t('disk full on db-7', { host: 'db-7' }, 'disk full on db-7')
  t(
    'The filesystem has less than 5 % space left on db-7',
    { host: 'db-7' },
    'db-7: The filesystem has less than 5 % space left on db-7',
  )
  // Part of a word is no name.
  t('disk db-71 full', { host: 'db-7' }, 'db-7: disk db-71 full')
  // The port of an exporter is of no use on a lock screen.
  t('slow', { instance: 'db-7:9100' }, 'db-7: slow')
  t('slow', { instance: '[2001:db8::7]:9100' }, '[2001:db8::7]: slow')
  t(
    'slow',
    { pod: 'payments-api-7d9f8b6c5d-x2x9z-and-more', namespace: 'pay' },
    'payments-api-7d9f8b6c5d-x2x9z-a…: slow',
  )
  t('slow', {}, 'slow')
})

test('without a summary the name and the value speak', () => {
  const t = (given: Partial<ToldAlert>, title: string) =>
    expect(told([alertOf({ annotations: {}, ...given })]).title).toBe(title)
  const labels = { alertname: 'HighLoad', host: 'db-7' }

  t({ labels, value: '42.5', threshold: '> 8' }, 'db-7: HighLoad 42.5 (alerts if > 8)')
  t({ labels, value: '12345678', threshold: '' }, 'db-7: HighLoad 12.3 M')
  t({ labels, value: 'NaN', threshold: '> 1' }, 'db-7: HighLoad NaN (alerts if > 1)')
  t({ labels, value: '', threshold: '> 1' }, 'db-7: HighLoad')
  t({ labels: {}, value: '', threshold: '' }, 'Alert')
  // And then it is not said again below.
  expect(plain([alertOf({ annotations: {}, labels })]).filter(line => line.startsWith('Value'))).toEqual([])
})

test('few alerts are named one by one, what they share once', () => {
  expect(plain([disk('db-7'), disk('db-8')]).slice(0, 4)).toEqual([
    'db-7: disk / 96 % full (+1 more)',
    'Where: mountpoint /, job node',
    '• db-7: disk / 96 % full',
    '• db-8: disk / 96 % full',
  ])
  // Where titles are the same, what differs is added.
  expect(plain([disk('db-7'), disk('db-7', {}, { mountpoint: '/var' })]).slice(1, 4)).toEqual([
    'Where: host db-7, job node',
    '• db-7: disk / 96 % full (mountpoint /)',
    '• db-7: disk / 96 % full (mountpoint /var)',
  ])
})

test('many alerts are told by what differs, with counts that are never cut off', () => {
  const many = Array.from({ length: 200 }, (_, at) =>
    disk(`db-${200 - at}`, { startsAtMs: atMs - 7 * minuteMs + at * 1_000, value: String(90 + at / 20) }),
  )
  expect(plain(many, { truncated: { firing: 12, resolved: 0 } }).slice(0, 8)).toEqual([
    'db-200: disk / 96 % full (+211 more)',
    'host: db-1, db-2, db-3, db-4, db-5 and 195 more',
    'Where: mountpoint /, job node',
    'Since: 16:53 to 16:56, the first for 7 min',
    'Value then: 90 % to 100 % (alerts if > 90 %)',
    'Severity: critical',
    'Tried: logs rotated: freed 0 B',
    'More: 12 alerts that found no place here',
  ])
  expect(plain(many, { language: 'zh' }, { charsMax: 130 }).join('\n')).toMatch(/，另有 19\d 个/)
  const places = many.map((_, at) => disk(`a-host-with-a-rather-long-name-${at}`))
  const [, list] = plain(places, {}, { charsMax: 260 })
  expect(list).toMatch(/^host: a-host-with.* and \d+ more$/)
})

test('those that found no place count as what they are: what fires, or what ended', () => {
  const titleOf = (alerts: readonly ToldAlert[], more: Partial<Message>) => plain(alerts, more)[0]
  const [one, over] = [disk('db-1'), disk('db-2', { status: 'resolved', endsAtMs: atMs })]
  const truncated = { firing: 0, resolved: 1_896 }
  expect(titleOf([one, over], { truncated })).not.toContain('more')
  expect(titleOf([over], { truncated, status: 'resolved' })).toContain('(+1896 more)')
  expect(titleOf([one, over], { kind: 'digest', truncated })).toMatch(/^1 alert fires, 1897 ended: /)
  expect(titleOf([one], { kind: 'digest', truncated: { firing: 4, resolved: 0 } })).toMatch(
    /^5 alerts fire: /,
  )
  expect(titleOf([one, over], { kind: 'digest', truncated, language: 'zh' })).toContain('1897')
})

test('labels that change together are told once, kinds of alerts are counted', () => {
  const mixed = Array.from({ length: 9 }, (_, at) =>
    disk(`db-${at}`, {}, { serial: `s${at}`, rack: `r${at % 3}`, ...(at < 3 && { alertname: 'HostDown' }) }),
  )
  const lines = plain(mixed, {}, { alertsMax: 3 })
  expect(lines).toContain('What: DiskFull (6), HostDown (3)')
  expect(lines).toContain('host: db-0, db-1, db-2 and 6 more')
  expect(lines).toContain('rack: r0, r1, r2')
  expect(lines.filter(line => line.startsWith('serial'))).toEqual([])
})

test('an end says so, and never that something works of which nobody knows', () => {
  const t = (alerts: readonly ToldAlert[], ...lines: readonly string[]) =>
    expect(plain(alerts)).toEqual(expect.arrayContaining([...lines]))

  t([disk('db-7', resolved)], 'Works again: db-7: disk / 96 % full', 'Lasted: 16:53 to 16:59, 6 min')
  t(
    [disk('db-7', stale)],
    'No data any more: db-7: disk / 96 % full',
    'No data: it stopped coming, so nobody knows whether this works',
  )
  t(
    [disk('db-1', resolved), disk('db-2', resolved), disk('db-7', stale)],
    '2 work again, 1 unknown: db-1: disk / 96 % full (+2 more)',
    'Works again: db-1, db-2',
    'No data: db-7',
  )
  expect(plain([disk('db-7', stale)]).join()).not.toContain('Works again')
  // A runbook is of no use then.
  expect(plain([disk('db-7', resolved)]).join()).not.toContain('wiki')
  expect(told([disk('db-7', resolved)], { language: 'zh' }).title).toBe('已恢复：db-7：disk / 96 % full')
  expect(told([disk('db-7', stale)], { language: 'zh' }).title).toBe('数据中断：db-7：disk / 96 % full')
})

test('of what fires without data nobody knows how it is', () => {
  expect(plain([disk('db-7', { stale: true })])).toContain(
    'No data: it stopped coming, so nobody knows whether this works',
  )
  expect(plain([disk('db-7'), disk('db-8', { stale: true })])).toContain('No data: db-8')
})

test('what fires still and what ended are told apart', () => {
  const lines = plain([disk('db-7'), disk('db-8', resolved), disk('db-9', resolved), disk('db-10', stale)])
  expect(lines[0]).toBe('db-7: disk / 96 % full')
  expect(lines).toContain('Where: host db-7, mountpoint /, job node')
  expect(lines).toContain('Works again: db-8, db-9')
  expect(lines).toContain('No data: db-10')
  // Of another kind the place alone would mislead.
  const other = alertOf({ ...resolved, labels: { alertname: 'HostDown', host: 'w-1' }, annotations: {} })
  expect(plain([disk('db-7'), other])).toContain('Works again: w-1: HostDown')
})

test('days are said where it was not today, years where it was not this one', () => {
  const t = (startsAtMs: number, language: 'en' | 'zh', line: string) =>
    expect(plain([disk('db-7', { startsAtMs })], { language })).toContain(line)
  const hourMs = 60 * minuteMs

  t(atMs - 45_000, 'en', 'Since: 16:59, for 45 s')
  t(atMs - 125 * minuteMs, 'en', 'Since: 14:55, for 2 h 5 min')
  t(atMs - 76 * hourMs, 'en', 'Since: 18 Nov 13:00, for 3 d 4 h')
  t(atMs - 400 * 24 * hourMs, 'en', 'Since: 17 Oct 2025 17:00, for 400 d')
  t(atMs - 76 * hourMs, 'zh', '开始：11月18日 13:00，已持续 3 天 4 小时')
  t(atMs - 400 * 24 * hourMs, 'zh', '开始：2025年10月17日 17:00，已持续 400 天')
  // 18:30 of that day in Kathmandu is 12:45 here.
  expect(plain([disk('db-7')], { timeZone: 'Asia/Kathmandu' })).toContain('Since: 14:38, for 7 min')
})

test('foreign text stays on its line and in its direction', () => {
  const t = (summary: string, title: string) =>
    expect(told([alertOf({ annotations: { summary }, labels: {} })]).title).toBe(title)

  t('line one\r\nline two', 'line one line two')
  t('a\u202egnp.exe', 'agnp.exe')
  t('\u0007bell\u0000', 'bell')
  t('half \ud83d', 'half \ufffd')
  // Isolated, so that what stands beside it stays there.
  t('השרת לא עונה', '\u2068השרת לא עונה\u2069')
  expect(
    plain([alertOf({ annotations: { summary: 's', description: 'First.\n\n\n\nSecond\tline.' } })]),
  ).toContain('Second line.')
})

test('a digest counts, a notice says its text, a canary that nothing is to be done', () => {
  const alerts = [...Array.from({ length: 9 }, (_, at) => disk(`db-${at}`)), disk('x', resolved)]
  expect(told(alerts, { kind: 'digest' }).title).toBe('9 alerts fire, 1 ended: DiskFull (9)')
  expect(told(alerts, { kind: 'digest', language: 'zh' }).title).toBe('9 条告警，1 条已结束：DiskFull (9)')
  const notice = { kind: 'notice', title: 'December', text: 'db: 4\nweb: 2', link: null } as const
  expect(plain([], notice)).toEqual(['December', 'db: 4', 'web: 2'])
  expect(plain([], { kind: 'canary', link: null })[1]).toContain('Nothing to do')
})

test('no address where none may be', () => {
  const { plain: said } = told([disk('db-7')], {}, { links: false })
  expect(said).not.toMatch(/https?:/)
  // Of one alert that is no incident, where it came from helps.
  expect(plain([disk('db-7', { generatorUrl: 'http://prom/g' })], { link: null })).toContain(
    'Link: http://prom/g',
  )
  // A phone does not reach what only this machine does.
  for (const origin of ['http://127.0.0.1:1876', 'http://localhost', 'https://[::]:1876', 'http://0.0.0.0:1'])
    expect(plain([disk('db-7', { generatorUrl: `${origin}/graph` })], { link: null }).join()).not.toContain(
      origin,
    )
  expect(plain([disk('db-7', { generatorUrl: 'http://127.example.org/g' })], { link: null })).toContain(
    'Link: http://127.example.org/g',
  )
  expect(plain([disk('db-7', { generatorUrl: 'javascript:x' })], { link: null }).join()).not.toContain(
    'javascript',
  )
})

test('whatever comes in, it fits, keeps its link and says something', () => {
  const sizes = fc.record(
    { charsMax: fc.integer({ min: 80, max: 3_000 }), bytesMax: fc.integer({ min: 200, max: 4_096 }) },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(
      fc.oneof(hostileMessage, fc.constant(huge)),
      sizes,
      fc.integer({ min: 0, max: 9 }),
      (message, size, alertsMax) => {
        const words = wordsOf(message, { alertsMax, links: true, ...size })
        expect([...words.plain].length).toBeLessThanOrEqual(size.charsMax ?? 1e9)
        expect(Buffer.byteLength(words.plain)).toBeLessThanOrEqual(size.bytesMax ?? 1e9)
        expect(words.plain).toContain(message.link ?? '')
        expect(words.title).not.toMatch(/[\n\r\u202e]/)
        expect(words.plain.isWellFormed()).toBe(true)
      },
    ),
    { numRuns: runs(60) },
  )
})

test('in no room at all the title is what is left', () => {
  const t = (charsMax: number, wanted: string) =>
    expect(told([disk('db-7')], {}, { charsMax }).plain).toBe(wanted)

  t(0, '')
  t(5, 'db-7…')
  t(25, 'db-7: disk / 96 % full')
  t(50, 'db-7: disk / 9…\nLink: https://p.example.org/i/4711')
})

test('shortens between letters, as the service counts', () => {
  const t = (text: string, max: Parameters<typeof shorten>[1], wanted: string) =>
    expect(shorten(text, max)).toBe(wanted)

  t('hello', { chars: 5 }, 'hello')
  t('hello!', { chars: 5 }, 'hell…')
  t('磁盘满了', { bytes: 9 }, '磁盘…')
  t('磁盘满了', { bytes: 12 }, '磁盘满了')
  // A family is one letter: seven code points, eleven units.
  t('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', { utf16: 12 }, '👩‍👩‍👧‍👦…')
  t('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', { utf16: 11 }, '…')
  t('é́é́', { chars: 3 }, 'é́…')
  t('é́é́', { chars: 2 }, '…')
  t('word word', { chars: 6 }, 'word…')
  t('anything', { chars: 0 }, '')
  t('anything', { bytes: 2 }, '')
})

test('what is shortened fits and begins as it was', () => {
  const max = fc.record({ chars: fc.nat(40), bytes: fc.nat(80), utf16: fc.nat(40) }, { requiredKeys: [] })
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), max, (text, size) => {
      const short = shorten(text, size)
      if (short !== text) {
        expect([...short].length).toBeLessThanOrEqual(size.chars ?? 1e9)
        expect(Buffer.byteLength(short)).toBeLessThanOrEqual(size.bytes ?? 1e9)
        expect(short.length).toBeLessThanOrEqual(size.utf16 ?? 1e9)
      }
      if (!text.includes('\u2068')) expect(text.startsWith(short.replace(/…$/, ''))).toBe(true)
    }),
  )
})

test('of what ended the last value that was wrong is not said, and no minute twice', () => {
  const over = { ...resolved, startsAtMs: atMs - 40_000, endsAtMs: atMs - 30_000 }
  const lines = plain([disk('db-7', over)])
  expect(lines[0]).toBe('Works again: db-7: disk / 96 % full')
  expect(lines).toContain('Lasted: 10 s, at 16:59')
  expect(lines.filter(line => line.startsWith('Value'))).toEqual([])
  expect(plain([disk('db-7', over)], { language: 'zh' })).toContain('历时：16:59，共 10 秒')
})

test('a title has the first name of a long host, no full stop, and never the exporter of others', () => {
  const t = (labels: Labels, summary: string, title: string) =>
    expect(plain([alertOf({ labels, annotations: { summary } })])[0]).toBe(title)

  t({ host: `ip-10-200-113-42.${'eu.'.repeat(12)}example.org` }, 'disk full', 'ip-10-200-113-42: disk full')
  t({ host: 'db-7.prod.example.org' }, 'disk full', 'db-7.prod.example.org: disk full')
  t({ host: 'a' }, 'Pod is crash looping.', 'a: Pod is crash looping')
  t({ host: 'a' }, '磁盘已满。', 'a: 磁盘已满')
  t({ host: 'a' }, 'still waiting...', 'a: still waiting...')
  const kube = { job: 'kube-state-metrics', instance: '10.2.3.4:8080', pod: 'shop-x2x9z' }
  t(kube, 'crash loop', 'shop-x2x9z: crash loop')
  expect(plain([alertOf({ labels: kube })])).toContain('Where: pod shop-x2x9z, job kube-state-metrics')
  t({ ...kube, job: 'node' }, 'disk full', '10.2.3.4: disk full')
})

test('who has taken it over is said while it fires: a name, or the end of a number', () => {
  const t = (by: string, given: Partial<Message>, wanted: string) =>
    expect(plain([disk('db-7')], { acknowledged: { by, atMs: atMs - minuteMs }, ...given }), by).toContain(
      wanted,
    )

  t('Anna Li', {}, 'Acknowledged: by Anna Li at 16:59')
  t('Anna Li', { language: 'zh' }, '已认领：Anna Li，16:59')
  t('+8613800138000', {}, 'Acknowledged: by the phone ending in 8000 at 16:59')
  t('13800138000', { language: 'zh' }, '已认领：尾号 8000，16:59')
  t(
    'Anna',
    { acknowledged: { by: 'Anna', atMs: atMs - 86_400_000 } },
    'Acknowledged: by Anna at 20 Nov 17:00',
  )
  // A name is whatever another service says.
  t('Anna\nLink: https://x.example.org', {}, 'Acknowledged: by Anna Link: https://x.example.org at 16:59')

  const over = plain([disk('db-7', resolved)], { acknowledged: { by: 'Anna', atMs } })
  expect(over.join()).not.toContain('Anna')
  // In little room it outlives what was tried, and goes before the value.
  const short = plain([disk('db-7')], { acknowledged: { by: 'Anna', atMs } }, { charsMax: 195 }).join()
  expect(short).toContain('Anna')
  expect(short).not.toContain('Tried')
})
