import { expect, test } from 'vitest'
import { problemsText, readPosted } from '../../../alerter/api/posted-alerts.ts'

const nowMs = Date.UTC(2026, 10, 20, 4)
const min = 60_000
const iso = (ms: number): string => new Date(ms).toISOString()
const read = (...alerts: unknown[]) => readPosted([alerts], { nowMs, resolveTimeoutMs: 5 * min })
const one = async (rest: object) => (await read({ labels: { alertname: 'Hot' }, ...rest })).transitions[0]

test('who names no end is given one, which the next report replaces', async () => {
  expect(await one({})).toMatchObject({
    atMs: nowMs,
    alert: {
      state: 'firing',
      startsAtMs: nowMs,
      endsAtMs: null,
      expiresAtMs: nowMs + 5 * min,
      isEndAssumed: true,
      rule: { id: '' },
    },
  })
  expect((await one({ endsAt: iso(nowMs + min) }))?.alert).toMatchObject({
    ...{ state: 'firing', startsAtMs: nowMs + min, expiresAtMs: nowMs + min, isEndAssumed: false },
  })
})

test('an end that has come is one', async () => {
  const alert = (await one({ startsAt: iso(nowMs - min), endsAt: iso(nowMs) }))?.alert
  expect(alert).toMatchObject({
    ...{
      state: 'resolved',
      startsAtMs: nowMs - min,
      endsAtMs: nowMs,
      expiresAtMs: null,
      isEndAssumed: false,
    },
  })
  // With an end alone it lasted no time.
  expect((await one({ endsAt: iso(nowMs - min) }))?.alert).toMatchObject({
    ...{ state: 'resolved', startsAtMs: nowMs - min, endsAtMs: nowMs - min },
  })
})

test('the id is that of the beginning or the end, however often it is reported', async () => {
  const id = async (rest: object) => (await one({ startsAt: iso(nowMs - min), ...rest }))?.id
  const first = await id({ endsAt: iso(nowMs + min) })
  expect(await id({ endsAt: iso(nowMs + 2 * min), annotations: { a: 'b' } })).toBe(first)
  expect(await id({ startsAt: iso(nowMs) })).not.toBe(first)
  const end = await id({ endsAt: iso(nowMs) })
  expect(end).not.toBe(first)
  expect(await id({ endsAt: iso(nowMs - 1) })).not.toBe(end)
})

test('times are read as Alertmanager reads them', async () => {
  const t = async (startsAt: string) => expect((await one({ startsAt }))?.alert.startsAtMs, startsAt)

  ;(await t('2026-11-20T03:00:00Z')).toBe(nowMs - 60 * min)
  ;(await t('2026-11-20T11:00:00+08:00')).toBe(nowMs - 60 * min)
  ;(await t('2026-11-20T11:00:00.123+0800')).toBe(nowMs - 60 * min + 123)
  ;(await t('2026-11-20T11:00:00.123999+0800')).toBe(nowMs - 60 * min + 123)
  ;(await t('2026-11-20T03:00:00.1239999999999Z')).toBe(nowMs - 60 * min + 123)
  ;(await t('2026-11-20T03:00:00,5Z')).toBe(nowMs - 60 * min + 500)
  ;(await t('2026-11-20T3:00:00Z')).toBe(nowMs - 60 * min)
  ;(await t('2026-11-21T03:00:00+24:00')).toBe(nowMs - 60 * min)
  ;(await t('2026-11-20T02:00:00-00:60')).toBe(nowMs - 60 * min)
  ;(await t('2026-11-20T03:00:00')).toBe(nowMs - 60 * min)
  ;(await t('2026-11-20T03:00Z')).toBe(nowMs - 60 * min)
  ;(await t('2026-11-20 03:00:00')).toBe(nowMs - 60 * min)
  ;(await t('2026-11-20')).toBe(nowMs - 240 * min)
  ;(await t('0001-01-01T00:00:00Z')).toBe(nowMs)
  ;(await t('0001-01-01T02:00:00+02:00')).toBe(nowMs)
})

test('no other text is a time', async () => {
  for (const startsAt of [
    'soon',
    '03:00',
    '2026-13-01',
    '2026-11-20T25:00:00Z',
    '2026-11-20T03:00:00 CET',
    '2026-11-20T24:00:00Z',
    '2026-11-20T03:00:60Z',
    '2026-02-30T00:00:00Z',
    '2026-11-20 03:00:00Z',
    '2026-11-20T03:00:00+0200',
    '2026-11-20T03:00:00.1234+0200',
    '2026-11-20T03:00:00+25:00',
    5,
  ])
    await expect(one({ startsAt }), String(startsAt)).rejects.toMatchObject({ answer: { status: 400 } })
})

test('an address is what Go takes for one', async () => {
  const taken = [
    'http://grafana.example/explore?expr=up == 0',
    'http://h/ü#fr ag',
    'http://h/?a=%zz b',
    '/graph?g0.expr=a b',
    '//h/x',
    '*',
    'mailto:x y',
    'http://u:p@h:80/',
    'http://h<>/x',
    'http://[fe80::1%25en0]:80/',
    'mongodb://a:1,b:2/',
  ]
  for (const generatorURL of taken)
    expect((await one({ generatorURL }))?.alert.generatorUrl).toBe(generatorURL)

  const refused = [
    'graph',
    '#x',
    'a b:c',
    'http://x y',
    'http://[::1',
    'http://[1.2.3.4]/',
    'http://%zz',
    'http://h/%zz',
    'http://h:abc/',
    'http://a:1:2/',
    'http://u p@h/',
    'http://h/\u0001',
    'http://h/?a=\u007f',
  ]
  for (const generatorURL of refused)
    await expect(one({ generatorURL }), generatorURL).rejects.toMatchObject({ answer: { status: 422 } })
})

test('labels without a text are absent, and half a character is none', async () => {
  const { labels, annotations } = (await one({ labels: { b: 'x\ud800', a: '', 'ä.b': 'y' } }))!.alert
  expect({ ...labels }).toEqual({ b: 'x\ufffd', 'ä.b': 'y' })
  expect({ ...annotations }).toEqual({})
})

test('an annotation that its sender left empty is there, in the order of names', async () => {
  const { annotations } = (await one({ annotations: { b: '', a: '', c: 'x' } }))!.alert
  expect(Object.entries(annotations)).toEqual([
    ['a', ''],
    ['b', ''],
    ['c', 'x'],
  ])
})

test('null is no text', async () => {
  const { labels, annotations } = (await one({
    labels: { b: 'x', a: null, c: '\ud800' },
    annotations: { s: null, t: 'y' },
    generatorURL: null,
  }))!.alert
  expect({ ...labels }).toEqual({ b: 'x', c: '\ufffd' })
  expect({ ...annotations }).toEqual({ s: '', t: 'y' })
})

test('nothing begins behind its end, nor behind the one that is assumed', async () => {
  const t = async (startsAt: number, endsAt?: number) =>
    (await read({ labels: { a: 'b' }, startsAt: iso(startsAt), ...(endsAt && { endsAt: iso(endsAt) }) }))
      .problems

  expect(await t(nowMs + 5 * min)).toEqual([])
  expect(await t(nowMs + 5 * min + 1)).toEqual(['start time must be before end time'])
  expect(await t(nowMs + 6 * min, nowMs + 6 * min)).toEqual([])
  expect(await t(nowMs + 6 * min, nowMs + 5 * min)).toEqual(['start time must be before end time'])
})

test('the good ones of a list are taken, the others named, as many as anybody reads', async () => {
  const bad = Array.from({ length: 150 }, () => ({ labels: {} }))
  const { transitions, problems } = await read({ labels: { a: 'b' } }, ...bad, { labels: { c: 'd' } })
  expect(transitions.map(({ alert }) => ({ ...alert.labels }))).toEqual([{ a: 'b' }, { c: 'd' }])
  expect(problems.length).toBe(150)
  expect(problemsText(problems)).toMatch(/^(at least one label pair required; ){100}and 50 more$/)
})

test('a name that means something to JavaScript is a name', async () => {
  const body = JSON.parse('[{"labels":{"__proto__":"x","constructor":"y","alertname":"z"}}]') as unknown[]
  const { transitions } = await read(...body)
  expect(Object.entries(transitions[0]!.alert.labels)).toEqual([
    ['__proto__', 'x'],
    ['alertname', 'z'],
    ['constructor', 'y'],
  ])
})

test('one alert that has no form refuses the list, since nobody knows what was meant', async () => {
  const t = (status: number, alert: unknown) =>
    expect(read({ labels: { a: 'b' } }, alert), JSON.stringify(alert)).rejects.toMatchObject({
      answer: { status },
    })

  await t(400, null)
  await t(400, 'x')
  await t(400, [])
  await t(422, {})
  await t(422, { labels: null })
  await t(400, { labels: [] })
  await t(400, { labels: { a: 1 } })
  await t(400, { labels: { a: 'b' }, annotations: 'x' })
  await t(400, { labels: { a: 'b' }, generatorURL: 5 })
  await t(422, { labels: { a: 'b' }, generatorURL: 'no url' })
})

test('keys are found in whatever case they are written, as Go finds them', async () => {
  const t = async (alert: object) => (await read(alert)).transitions[0]?.alert

  expect(
    await t({
      Labels: { a: 'b', A: 'c' },
      STARTSAT: iso(nowMs - min),
      EndsAt: iso(nowMs + min),
      annotationS: { Note: 'x' },
      GeneratorUrl: 'http://x',
    }),
  ).toMatchObject({
    ...{ labels: { A: 'c', a: 'b' }, annotations: { Note: 'x' } },
    ...{ startsAtMs: nowMs - min, expiresAtMs: nowMs + min, generatorUrl: 'http://x' },
  })
  // The one that is written as it should be comes first, and others of the same name do no harm.
  expect((await t({ labels: { a: 'one' }, Labels: { a: 'two' } }))?.labels).toEqual({ a: 'one' })
  expect((await t({ Labels: { a: 'one' }, LABELS: { a: 'two' } }))?.labels).toEqual({ a: 'two' })
  expect((await t({ labels: { a: 'one' }, more: 1, More: 2 }))?.labels).toEqual({ a: 'one' })
  await expect(read({ Label: { a: 'one' } })).rejects.toThrow('0.labels in body is required')
})
