// What rules write: one series of two rules, what goes on while a rule fails, and results that would be one series.
import { expect, test } from 'vitest'
import { isStale } from '#core/stale.ts'
import { driven, type Sample } from './driven.ts'

type World = ReturnType<typeof driven>
const rules = (...lines: string[]): string =>
  `groups:\n- name: g\n  rules:\n${lines.map(line => `  - ${line}\n`).join('')}`

// `x=1 y=stale`, as it is given out by then.
function written({ recorder, table }: World, nowMs: number): string {
  const { series = [], values = [] } = recorder.take(nowMs)?.rows() ?? {}
  const texts = [...series].map((number, at) => {
    const { name, labels } = table.get(number)
    const { alertstate } = labels
    const value = isStale(values as Float64Array, at) ? 'stale' : values[at]
    return `${name}${alertstate === undefined ? '' : `/${alertstate}`}=${value}`
  })
  return texts.sort().join(' ')
}
const of = (name: string, value: number | 'stale'): Sample => [name, {}, value]

test('of two rules that write one series the first is heard, and the other goes on when it ends', async () => {
  const w = driven(rules('{record: x, expr: a > 0}', '{record: x, expr: b > 0}', '{alert: Low, expr: x < 5}'))
  w.sample(0, [of('b', 2)])
  expect(written(w, 1_000)).toContain('x=2')
  w.sample(2_000, [of('a', 7)])
  expect(written(w, 3_000)).toContain('x=7')
  w.sample(4_000, [of('b', 3)])
  expect(written(w, 5_000)).toBe('')
  w.sample(6_000, [of('a', 0)])
  expect(written(w, 7_000)).toContain('x=3')
  w.sample(8_000, [of('a', 9)])
  w.sample(8_100, [of('b', 0)])
  expect(written(w, 9_000)).toContain('x=9')
  w.sample(10_000, [of('a', 0)])
  expect(written(w, 11_000)).toBe('x=stale')
  expect(w.said()).toEqual(['0 firing Low', '2000 resolved Low', '6000 firing Low', '8000 resolved Low'])
  // 3 beside 7.
  expect(await w.own.text()).toMatch(/^plimsoll_rules_contested_total 1$/m)
})

test('ALERTS of two rules with one name and one set of labels are there while either fires', () => {
  const w = driven(
    rules(
      '{alert: Bad, expr: a > 0}',
      '{alert: Bad, expr: b > 0}',
      '{alert: Known, expr: "ALERTS{alertname=\\"Bad\\"}"}',
    ),
  )
  w.sample(0, [of('a', 1), of('b', 1)])
  w.sample(1_000, [of('a', 0)])
  w.runUntil(5_000)
  expect(written(w, 5_000)).toContain('ALERTS/firing=1')
  w.sample(6_000, [of('b', 0)])
  expect(w.said().filter(each => each.includes('Known'))).toEqual([
    '0 firing Known alertstate=firing',
    '6000 resolved Known alertstate=firing (stale)',
  ])
})

test('after a reload the series of one rule may be those of another', () => {
  const first = driven(rules('{record: x, expr: a}', '{record: y, expr: b}'))
  first.sample(0, [of('a', 1), of('b', 2)])
  const { recorder } = first
  recorder.beginAnew()
  // What was the second is the only one.
  const x = recorder.numberOf({ name: 'x', labels: first.table.get(0).labels })!
  const y = recorder.numberOf({ name: 'y', labels: first.table.get(0).labels })!
  recorder.putAgain(y, 2, 1_000, 0)
  recorder.endUnclaimed(1_000)
  expect([recorder.has(x), recorder.has(y)]).toEqual([false, true])
  recorder.putAgain(y, 3, 2_000, 0)
  expect(written(first, 3_000)).toBe('x=stale y=3')
})

const flat = '{record: flat, expr: "cpu > 5", labels: {host: all}}'
const cpu = (host: string, value: number): Sample => ['cpu', { host }, value]

test('results that would be one series are an error of the rule, and it writes nothing', () => {
  const w = driven(rules(flat, '{alert: Flat, expr: flat}'))
  const view = () => w.live.seats[0]!.view()
  w.sample(0, [cpu('a', 9)])
  expect(written(w, 1_000)).toContain('flat=9')
  w.sample(2_000, [cpu('b', 7)])
  expect(view()).toMatchObject({ health: 'err' })
  expect(view().error).toContain('two results would be one series: {host="all"}')
  expect(written(w, 3_000)).toBe('')
  w.sample(4_000, [cpu('a', 1)])
  expect([view().health, written(w, 5_000)]).toEqual(['ok', 'flat=7'])
})

test('of the same batch the second may take over from the first', () => {
  const w = driven(rules(flat))
  w.sample(0, [cpu('a', 9), cpu('b', 1)])
  w.sample(1_000, [cpu('b', 7), cpu('a', 1)])
  expect([w.live.seats[0]!.view().health, written(w, 2_000)]).toEqual(['ok', 'flat=7'])
})

test('what a rule wrote before it failed ends when the lookback does, and is there again with the rule', () => {
  const w = driven(rules(flat, '{alert: Flat, expr: flat}'))
  const keep = (fromMs: number, untilMs: number): void => {
    for (let atMs = fromMs; atMs <= untilMs; atMs += 10_000) {
      w.sample(atMs, [cpu('a', 9), cpu('b', 7)])
      written(w, atMs + 1_000)
    }
  }
  w.sample(0, [cpu('a', 9)])
  written(w, 1_000)
  keep(10_000, 400_000)
  expect(w.said()).toEqual(['0 firing Flat host=all', '300000 resolved Flat host=all (stale)'])
  w.sample(410_000, [cpu('b', 1)])
  expect(w.said().slice(2)).toEqual(['410000 firing Flat host=all'])
  expect(written(w, 411_000)).toContain('flat=9')
})

// A value that stands, each three seconds, and what is given out each second: the times of the samples of `name`.
function standing(w: World, name: string, untilMs: number): number[] {
  const times: number[] = []
  for (let nowMs = 0; nowMs < untilMs; nowMs += 1_000) {
    if (nowMs % 3_000 === 0) w.sample(nowMs, [of('q', 7)])
    w.runUntil(nowMs)
    if (
      written(w, nowMs)
        .split(' ')
        .some(each => each.startsWith(`${name}=`))
    )
      times.push(nowMs / 1_000)
  }
  return times
}

test('what a rule records is there for every window, and is given out no more often because of it', () => {
  const t = (expr: string): void => {
    const w = driven(rules('{record: r1, expr: sum(q)}', `{alert: Win, expr: '${expr}'}`))
    expect(standing(w, 'r1', 400_000).length, expr).toBeLessThan(9)
    expect(
      w.said().map(each => each.split(' ')[1]),
      expr,
    ).toEqual(['firing'])
  }
  t('max_over_time(r1[20s]) >= 0')
  t('max_over_time(r1[3s]) >= 0')
  t('rate(r1[1m]) == 0')
  t('sum(count_over_time({__name__=~"r.*"}[20s])) > 0')
  t('max_over_time(r1[20s] offset 40s) >= 0')
  t('min_over_time(max_over_time(r1[20s])[40s:1s]) >= 0')
  // It is not older than it was.
  t('timestamp(r1) > 0')
})

test('what is recorded at fixed times is there at these, and at no others', () => {
  const w = driven(
    `groups:\n- name: s\n  interval: 30s\n  rules:\n  - {record: r1, expr: sum(q)}\n${rules("{alert: Win, expr: 'max_over_time(r1[10s]) >= 0'}").replace('groups:\n', '')}`,
  )
  standing(w, 'r1', 120_000)
  expect(w.said().map(each => each.split(' ')[1])).toEqual(
    Array.from(w.said(), (_, at) => (at % 2 === 0 ? 'firing' : 'resolved')),
  )
  expect(w.said().length).toBeGreaterThan(5)
})

test('other windows are followed from a reload on, and what has ended is there no more', () => {
  const w = driven(rules('{record: r1, expr: sum(q)}', '{alert: Win, expr: "max_over_time(r1[2m]) >= 0"}'))
  const slot = () => w.head.slotOf(w.recorder.numberOf({ name: 'r1', labels: w.table.get(0).labels })!)
  const count = (): number => w.head.strips.ends[slot()]! - w.head.strips.begins[slot()]!
  standing(w, 'r1', 10_000)
  expect(count()).toBe(1)
  w.recorder.follow(driven(rules('{alert: Win, expr: "max_over_time(r1[6s]) >= 0"}')).program.windows)
  for (let nowMs = 10_000; nowMs <= 20_000; nowMs += 1_000) written(w, nowMs)
  expect(count()).toBeGreaterThan(4)
  w.sample(21_000, [of('q', 'stale')])
  const ended = count()
  for (let nowMs = 21_000; nowMs <= 30_000; nowMs += 1_000) written(w, nowMs)
  expect(count()).toBe(ended)
})

const minutely = 'groups:\n- name: s\n  interval: 60s\n  rules:\n  - {record: x, expr: a}\n'
const behind = (...lines: string[]): string => rules(...lines).replace('groups:\n', '')
const counting = '{alert: Too, expr: "count_over_time(x[10s]) > 200"}'

// What the head has of a series.
function timesOf({ head, recorder, table }: World, name: string): number[] {
  const slot = head.slotOf(recorder.numberOf({ name, labels: table.get(0).labels })!)
  const { begins, ends, tMs } = head.strips
  return slot < 0 ? [] : [...tMs.slice(begins[slot]!, ends[slot]!)]
}

// Each second; the times of the samples that are given out of `x`.
function goOn(w: World, untilMs: number, each: readonly Sample[]): number[] {
  const out: number[] = []
  for (let nowMs = w.live.nowMs + 1_000; nowMs <= untilMs; nowMs += 1_000) {
    if (nowMs % 10_000 === 0 && each.length > 0) w.sample(nowMs, each)
    w.runUntil(nowMs)
    const { series = [], tMs = [] } = w.recorder.take(nowMs)?.rows() ?? {}
    for (const [at, number] of [...series].entries()) {
      if (w.table.get(number).name === 'x') out.push(tMs[at]!)
    }
  }
  return out
}

test('a group of one minute writes once a minute, with the time at which it was evaluated', () => {
  const w = driven(minutely + behind('{alert: Too, expr: "count_over_time(x[10m]) > 200"}'))
  const firstMs = w.live.timed[0]!.nextMs
  const given = goOn(w, 300_000, [of('a', 1)])
  const times = [0, 1, 2, 3, 4].map(each => firstMs + each * 60_000).filter(each => each < 300_000)
  expect(given).toEqual(times)
  expect(timesOf(w, 'x')).toEqual(times)
})

test('after a reload too it is there at the times of its group, and at no others', () => {
  const w = driven(minutely + behind(counting))
  const firstMs = w.live.timed[0]!.nextMs
  goOn(w, firstMs + 5_000, [of('a', 1)])
  const before = timesOf(w, 'x')
  w.recorder.beginAnew()
  w.recorder.follow(w.program.windows)
  goOn(w, firstMs + 50_000, [of('a', 1)])
  expect(timesOf(w, 'x')).toEqual(before)
  // It is the group's from its next time on, and that changes nothing.
  goOn(w, firstMs + 110_000, [of('a', 1)])
  expect(timesOf(w, 'x')).toEqual([...before, firstMs + 60_000])
})

test('who takes a series over from a group with an interval is there for every window', () => {
  const w = driven(minutely + behind('{record: x, expr: b}', counting))
  w.sample(0, [of('b', 1), of('a', 1)])
  const firstMs = w.live.timed[0]!.nextMs
  goOn(w, firstMs + 1_000, [of('a', 1)])
  const after = (fromMs: number): number => timesOf(w, 'x').filter(each => each > fromMs).length
  w.sample(firstMs + 2_000, [of('a', 'stale')])
  goOn(w, firstMs + 59_000, [])
  expect(after(firstMs + 2_000)).toBe(0)
  // The group ends it at its next time.
  goOn(w, firstMs + 61_000, [])
  goOn(w, firstMs + 81_000, [])
  expect(after(firstMs + 61_000)).toBeGreaterThan(3)
})

test('so is one that stands before it, with the same value', () => {
  const text = `${rules('{record: x, expr: b}', counting)}${minutely.replace('groups:\n', '')}`
  const w = driven(text)
  const firstMs = w.live.timed[0]!.nextMs
  goOn(w, firstMs + 1_000, [of('a', 1)])
  w.sample(firstMs + 12_000, [of('b', 1)])
  goOn(w, firstMs + 32_000, [])
  expect(timesOf(w, 'x').filter(each => each > firstMs + 12_000).length).toBeGreaterThan(3)
})
