import { expect, test } from 'vitest'
import type { Labels } from '#core/model.ts'
import { Timeline } from '../../alerter/timeline.ts'
import { alertOf, openWorld, receiverOf, routeOf, type Setup } from './timeline/world.ts'

const hook = [receiverOf('hook', true)]
const a = { alertname: 'a' }
const plain: Setup = { route: routeOf({ interval: 10 }), receivers: hook }

test('a group waits, then speaks at its ticks, and repeats', () => {
  const w = openWorld({ route: routeOf({ groupBy: [], wait: 5, interval: 10, repeat: 30 }), receivers: hook })
  w.at(1).begin({ alertname: 'a' })
  w.at(3).begin({ alertname: 'b' })
  w.at(7).begin({ alertname: 'c' })
  w.at(12).end({ alertname: 'a' })
  expect(w.until(60)).toEqual([
    '6 hook/0 first: a@1 b@3',
    '16 hook/0 more: b@3 c@7 -a@1-12',
    '46 hook/0 repeat: b@3 c@7',
  ])
  expect(w.timeline.size).toMatchObject({ alerts: 3, groups: 1 })
})

test('`group_wait` is of who makes the group, and over for one that began long ago', () => {
  const t = (wait: number, from: number, ...wanted: string[]) => {
    const w = openWorld({ route: routeOf({ wait }), receivers: hook })
    w.at(100).begin(a, from)
    expect(w.until(200)).toEqual(wanted)
  }
  t(10, 100, '110 hook/0 first: a@100')
  t(10, 90, '110 hook/0 first: a@90')
  t(10, 89, '100 hook/0 first: a@89')
  // In the same call: nobody has moved the clock.
  t(0, 100, '100 hook/0 first: a@100')
  // One that comes later hastens nothing.
  const w = openWorld({ route: routeOf({ groupBy: [], wait: 10 }), receivers: hook })
  w.at(100).begin(a)
  w.at(101).begin({ alertname: 'old' }, 1)
  expect(w.until(200)).toEqual(['110 hook/0 first: a@100 old@1'])
})

test('`group_wait` counts from when an alert was reported, however long a storm takes to be read', () => {
  const t = (reportedS: number, wantedS: number) => {
    const w = openWorld({ route: routeOf({ wait: 10 }), receivers: hook })
    w.at(100).take([alertOf(a, { startsAtMs: 99_000, updatedAtMs: reportedS * 1_000 })])
    expect(w.until(200)).toEqual([`${wantedS} hook/0 first: a@99`])
  }
  t(100, 110)
  t(97, 107)
  t(80, 100)
  // The clock of whoever reported it is ahead.
  t(105, 110)
})

test('urgent ones hasten their group where they wait less than others', () => {
  const page = { alertname: 'a', severity: 'page' }
  const t = (urgentWaitMs: number, ...wanted: string[]) => {
    const w = openWorld({ route: routeOf({ wait: 30, urgentWaitMs }), receivers: hook })
    w.at(1).begin(a)
    w.at(2).begin(page)
    expect(w.until(40)).toEqual(wanted)
    expect(w.tellings[0]).toMatchObject({ urgency: 'page' })
  }
  t(0, '2 hook/0 first: a.page@2 a@1')
  t(30_000, '31 hook/0 first: a.page@2 a@1')
})

test('in a group that has spoken urgent ones wait until it has been quiet for long enough', () => {
  const page = (host: string) => ({ alertname: 'a', host, severity: 'page' })
  const t = (urgentIntervalMs: number, ...wanted: string[]) => {
    const w = openWorld({ route: routeOf({ interval: 10, urgentIntervalMs }), receivers: hook })
    w.at(1).begin(a)
    w.at(3).begin(page('x'))
    w.at(4).begin({ alertname: 'a', host: 'y' })
    expect(w.until(8)).toEqual(wanted.slice(0, -1))
    w.at(9).begin(page('z'))
    expect(w.until(12).slice(wanted.length - 1)).toEqual(wanted.slice(-1))
  }
  t(
    4_000,
    '2 hook/0 first: a@1',
    '6 hook/0 more: a.x.page@3 a.y@4 a@1',
    '10 hook/0 more: a.x.page@3 a.y@4 a.z.page@9 a@1',
  )
  t(10_000, '2 hook/0 first: a@1', '12 hook/0 more: a.x.page@3 a.y@4 a.z.page@9 a@1')
})

test('an alert goes to each route that takes it, once for each receiver and group', () => {
  const child = (words: object) => routeOf({ labels: a, continues: true, ...words })
  const routes = [
    child({ key: '{}/1', receiver: 'mail' }),
    child({ key: '{}/1', receiver: 'hook' }),
    child({ key: '{}/1', receiver: 'hook' }),
    child({ key: '{}/2', receiver: 'hook', groupBy: 'all' }),
  ]
  const w = openWorld({ route: routeOf({ routes }), receivers: [...hook, receiverOf('mail', true)] })
  w.at(1).begin({ alertname: 'a', host: 'h' }).begin({ alertname: 'b' })
  w.until(3)
  expect(w.tellings.map(({ group }) => group.split('\n')).toSorted()).toEqual([
    ['hook', '{}/1:{alertname="a"}'],
    ['hook', '{}/2:{alertname="a", host="h"}'],
    ['hook', '{}:{alertname="b"}'],
    ['mail', '{}/1:{alertname="a"}'],
  ])
})

// The part that Alertmanager does not have.
test('one that ended and came back between two flushes still fires for whoever was told', () => {
  const w = openWorld(plain)
  w.at(1).begin(a)
  w.at(5).end(a)
  w.at(7).begin(a)
  w.at(15).end(a)
  expect(w.until(100)).toEqual(['2 hook/0 first: a@1', '22 hook/0 resolved: -a@7-15'])
})

test('an end that is reported again changes nothing', () => {
  const w = openWorld({ ...plain, route: routeOf({ groupBy: [], interval: 10 }) })
  w.at(1).begin(a).begin({ alertname: 'b' })
  w.at(5).end(a)
  for (let at = 20; at < 900; at += 60) {
    w.at(at).post(a, 1, 5)
    // The other replica of a Prometheus saw it a little later.
    w.post(a, 1, 8)
  }
  expect(w.until(3_000)).toEqual(['2 hook/0 first: a@1 b@1', '12 hook/0 resolved: b@1 -a@1-5'])
  expect(w.timeline.size).toMatchObject({ alerts: 1, groups: 1 })
})

test('an ended alert is forgotten half an hour later, rows and all', () => {
  const w = openWorld(plain)
  w.at(1).begin(a)
  w.at(5).end(a)
  w.until(1_800)
  expect(w.timeline.size).toMatchObject({ alerts: 1, groups: 0 })
  w.until(1_900)
  expect(w.timeline.size).toEqual({ alerts: 0, characters: 0, groups: 0 })
  expect(w.timeline.nextDueMs()).toBe(Number.POSITIVE_INFINITY)
  expect(w.shelf.rows()).toEqual([])
})

test('one that came back is not forgotten', () => {
  const w = openWorld(plain)
  w.at(1).begin(a)
  w.at(5).end(a)
  w.at(100).begin(a)
  w.until(3_000)
  expect(w.timeline.size).toMatchObject({ alerts: 1, groups: 1 })
  // Nor one that is posted again and again.
  const posted = openWorld(plain)
  for (let at = 1; at < 5_000; at += 60) posted.at(at).post(a, 1)
  expect(posted.until(5_000)).toEqual(['2 hook/0 first: a@1'])
})

test('after an outage each group speaks once', () => {
  const w = openWorld({ route: routeOf({ interval: 10, repeat: 25 }), receivers: hook })
  w.at(1).begin(a).begin({ alertname: 'b' })
  w.at(5)
  w.jumpTo(1_000)
  expect(w.until(1_001)).toEqual([
    '2 hook/0 first: a@1',
    '2 hook/0 first: b@1',
    '1000 hook/0 repeat: a@1',
    '1000 hook/0 repeat: b@1',
  ])
  expect(w.timeline.nextDueMs()).toBe(1_010_000)
  // Told, and forgotten a moment later.
  w.end(a).end({ alertname: 'b' }).jumpTo(100_000)
  expect(w.until(100_000).slice(4)).toEqual([
    '100000 hook/0 resolved: -a@1-1001',
    '100000 hook/0 resolved: -b@1-1001',
  ])
  expect(w.shelf.rows()).toEqual([])
})

test('what ends in an outage is told as begun and ended, if its group was to speak before that', () => {
  const outage: Setup = { route: routeOf({ groupBy: [], wait: 30, interval: 300 }), receivers: hook }
  const t = (to: number, ...wanted: string[]) => {
    const w = openWorld(outage)
    w.at(1).post(a, 1, to)
    w.jumpTo(600)
    expect(w.until(2_000)).toEqual(wanted)
    // The same after a crash.
    const killed = openWorld(outage)
    killed.at(1).post(a, 1, to)
    killed.kill({}, 600).jumpTo(600)
    expect(killed.until(2_000)).toEqual(wanted)
  }
  t(32, '600 hook/0 resolved: -a@1-32!')
  t(599, '600 hook/0 resolved: -a@1-599!')
  t(601, '600 hook/0 first: a@1', '900 hook/0 resolved: -a@1-601')
  t(31)
  // Its end is reported afterwards.
  const w = openWorld(outage)
  w.at(1).begin(a)
  w.kill({}, 600).take([alertOf(a, { startsAtMs: 1_000, endsAtMs: 100_000, updatedAtMs: 100_000 })])
  expect(w.until(2_000)).toEqual(['600 hook/0 resolved: -a@1-100!'])
  // A group that has spoken owes its next message.
  const next = openWorld(outage)
  next.at(1).begin({ alertname: 'b' }).at(40).end({ alertname: 'b' }).post(a, 40, 400)
  next.kill({}, 600).jumpTo(600)
  expect(next.until(2_000).slice(1)).toEqual(['600 hook/0 resolved: -a@40-400! -b@1-40'])
})

test('what was reported while nobody listened has waited since then', () => {
  const t = (to: number, ...wanted: string[]) => {
    const w = openWorld({ route: routeOf({ wait: 30, interval: 300 }), receivers: hook })
    const report = (atMs: number, endsAtMs: number | null) =>
      alertOf(a, { startsAtMs: 100_000, endsAtMs, updatedAtMs: atMs })
    w.at(1_000)
    // When it was reported is no matter: that was late as well.
    w.timeline.seat([report(150_000, null)], 1_000_000)
    w.take([report(to * 1_000, to * 1_000)])
    expect(w.until(2_000)).toEqual(wanted)
  }
  t(131, '1000 hook/0 resolved: -a@100-131!')
  t(130)
})

test('timers that are late do not shift what comes after them', () => {
  const w = openWorld({ route: routeOf({ interval: 10, repeat: 20 }), receivers: hook })
  w.at(1).begin(a)
  w.jumpTo(2.9)
  for (const at of [12.1, 22.3, 32.7, 42]) w.jumpTo(at)
  expect(w.until(42)).toEqual(['2.9 hook/0 first: a@1', '22.3 hook/0 repeat: a@1', '42 hook/0 repeat: a@1'])
})

test('a clock that is set back delays nothing by more than an interval', () => {
  const w = openWorld({ route: routeOf({ interval: 10, repeat: 20 }), receivers: hook })
  w.jumpTo(5_000).begin(a)
  w.jumpTo(5_001)
  w.jumpTo(1_000)
  expect(w.timeline.nextDueMs()).toBe(1_010_000)
  w.begin({ alertname: 'b' })
  // Repeats, too, count from now.
  expect(w.until(1_025)).toEqual([
    '5001 hook/0 first: a@5000',
    '1001 hook/0 first: b@1000',
    '1020 hook/0 repeat: a@1000',
    '1021 hook/0 repeat: b@1000',
  ])
  // Found so after a start, it is the same.
  const late = openWorld(plain)
  late.jumpTo(5_000).begin(a)
  late.kill({}, 1_000)
  expect(late.until(1_020)).toEqual(['1001 hook/0 first: a@1000'])
})

test('what was over before the clock was set back is over', () => {
  const inhibitions = [{ source: { alertname: 'big' }, target: { alertname: 'small' }, equal: [] }]
  const w = openWorld({ ...plain, inhibitions })
  w.at(5_000).begin({ alertname: 'big' }).post(a, 5_000, 5_004)
  w.at(5_003).end({ alertname: 'big' })
  w.jumpTo(5_005).jumpTo(1_000)
  expect([...w.timeline.alerts(1_000_000)]).toEqual([])
  w.begin({ alertname: 'small' })
  // They lasted as long as they did.
  expect(w.until(1_020).slice(2)).toEqual([
    '1001 hook/0 first: small@1000',
    '1010 hook/0 resolved: -a@996-1000',
    '1010 hook/0 resolved: -big@997-1000',
  ])
  w.until(4_000)
  expect(w.timeline.size).toMatchObject({ alerts: 1 })
  // It was told already.
  const told = openWorld(plain)
  told.at(5_000).post(a, 5_000, 5_004)
  expect(told.at(5_015).timeline.seats(alertOf(a).fingerprint)).toEqual([])
  told.kill({}, 1_000)
  expect([...told.timeline.alerts(1_000_000)]).toEqual([])
})

test('what is reported after the clock was set back is no old news', () => {
  const w = openWorld({ ...plain, resolveTimeout: 300 })
  w.at(5_000).post(a)
  w.jumpTo(5_001).at(5_002).post(a, 5_002, 5_002)
  w.at(5_020).jumpTo(1_000)
  // Who posts without a beginning begins now.
  w.post(a)
  w.at(1_030).post(a, 1_030, 1_030)
  expect(w.until(1_050)).toEqual([
    '5001 hook/0 first: a@5000',
    '5011 hook/0 resolved: -a@5000-5002',
    '1001 hook/0 first: a@1000',
    '1031 hook/0 resolved: -a@1000-1030',
  ])
  const firing = openWorld({ ...plain, resolveTimeout: 300 })
  firing.at(5_000).post(a).jumpTo(5_001).jumpTo(1_000)
  firing.at(1_015).post(a, 1_015, 1_015)
  expect(firing.until(1_050).slice(1)).toEqual(['1020 hook/0 resolved: -a@1000-1015'])
  // Read behind it, of before; or by a clock that is ahead for ever.
  const late = openWorld(plain)
  late.at(1_000).begin(a).at(1_002)
  late.take([alertOf(a, { startsAtMs: 1_000_000, endsAtMs: 5_000_000, updatedAtMs: 5_000_000 })])
  expect(late.until(1_050).slice(1)).toEqual(['1011 hook/0 resolved: -a@1000-1002'])
})

test('an end that was assumed comes no later for it, and one that was stated stays', () => {
  const t = (to: number | undefined, wanted: string) => {
    const w = openWorld({ ...plain, resolveTimeout: 300 })
    w.at(5_000).post(a, 5_000, to).jumpTo(5_001).jumpTo(1_000)
    expect(w.until(9_000).slice(1)).toEqual([wanted])
  }
  t(undefined, '1300 hook/0 resolved: -a@1000-1300')
  t(5_300, '5300 hook/0 resolved: -a@1000-5300')
})

test('urgent ones hasten a group that spoke before the clock was set back', () => {
  const w = openWorld({ route: routeOf({ interval: 300, urgentIntervalMs: 30 * 1_000 }), receivers: hook })
  w.at(5_000).begin(a).jumpTo(5_001).jumpTo(1_000)
  w.at(1_010).begin({ alertname: 'a', severity: 'page' })
  expect(w.until(1_100).slice(1)).toEqual(['1030 hook/0 more: a.page@1010 a@1000'])
})

test('an old report that comes late changes nothing', () => {
  const w = openWorld(plain)
  w.at(1).begin(a)
  w.at(5).end(a)
  w.at(20).begin(a)
  w.at(25)
  const before = w.outcomes.length
  w.post(a, 1, 5)
  expect(w.outcomes).toHaveLength(before)
  expect(w.until(40)).toEqual(['2 hook/0 first: a@1', '12 hook/0 resolved: -a@1-5', '21 hook/0 first: a@20'])
})

test('what the API and the page of an alert show', () => {
  const inhibitions = [{ source: { alertname: 'big' }, target: a, equal: [] }]
  const w = openWorld({
    route: routeOf({ wait: 5, interval: 10, mutes: ['night'] }),
    receivers: hook,
    inhibitions,
    intervals: { night: [100, 200] },
  })
  w.at(1).begin(a)
  const { fingerprint } = alertOf(a)
  const view = () => w.timeline.alert(fingerprint, w.timeline.nextDueMs() - 1)
  expect(view()).toMatchObject({ state: 'unprocessed', receivers: ['hook'], inhibitedBy: [] })
  expect(w.timeline.seats(fingerprint)).toMatchObject([{ dueMs: 6_000, flushedAtMs: null, told: [] }])
  w.at(7)
  expect(view()).toMatchObject({ state: 'active' })
  expect(w.timeline.seats(fingerprint)).toMatchObject([
    { told: [{ integration: 'hook/0', sinceMs: 1_000, atMs: 6_000, repeatAtMs: 10_006_000 }], held: null },
  ])
  w.at(8).silence('s', a, 0, 1_000).begin({ alertname: 'big' })
  const source = alertOf({ alertname: 'big' }).fingerprint
  expect(view()).toMatchObject({
    state: 'suppressed',
    silencedBy: ['s'],
    inhibitedBy: [source],
    mutedBy: [],
  })
  w.until(110)
  expect(view()).toMatchObject({ mutedBy: ['night'] })
  expect(w.timeline.seats(fingerprint)).toMatchObject([{ held: { kind: 'inhibited', by: [source] } }])
  const groups = [...w.timeline.groups(110_000)]
  expect(groups.map(({ groupKey, alerts }) => [groupKey, [...alerts].length])).toEqual([
    ['{}:{alertname="a"}', 1],
    ['{}:{alertname="big"}', 1],
  ])
  expect([...w.timeline.alerts(110_000)].map(({ state }) => state)).toEqual(['suppressed', 'suppressed'])
  w.at(120).end(a)
  w.until(150)
  w.expire('s').end({ alertname: 'big' })
  expect(w.timeline.alert(fingerprint, 200_000)).toMatchObject({ state: 'active', receivers: [] })
  expect(w.timeline.alert('nobody', 0)).toBeUndefined()
  expect(w.timeline.seats('nobody')).toEqual([])
})

test('what has ended is kept, and costs nothing where only what goes on is shown', () => {
  const w = openWorld(plain)
  w.at(1).begin(a).begin({ alertname: 'b' }).begin({ alertname: 'c' })
  w.at(20).end(a)
  w.at(21).end({ alertname: 'b' })
  w.until(60)
  const looked: Labels[] = []
  const silencedBy = (labels: Labels): string[] => {
    looked.push(labels)
    return []
  }
  w.timeline.reload({ ...w.rules, silencedBy }, 60_000)
  looked.length = 0
  const namesOf = (views: Iterable<{ alert: { labels: Labels } }>) =>
    [...views].map(({ alert }) => alert.labels['alertname'])
  expect(namesOf(w.timeline.alerts(60_000))).toEqual(['c'])
  expect([...w.timeline.groups(60_000)].flatMap(({ alerts }) => namesOf(alerts))).toEqual(['c'])
  expect(looked.map(each => each['alertname'])).toEqual(['c', 'c'])
  expect(w.timeline.size).toMatchObject({ alerts: 3 })
  expect(w.timeline.alert(alertOf(a).fingerprint, 60_000)).toMatchObject({ state: 'active' })
})

test('a storm is decided in pieces, each group as a whole, and only when all of it has a place', () => {
  const { timeline } = openWorld({ route: routeOf({ wait: 0, interval: 10 }), receivers: hook })
  const alerts = Array.from({ length: 5_000 }, (_, at) =>
    alertOf({ alertname: `a${at % 4}`, host: String(at) }),
  )
  timeline.seat(alerts.slice(0, 4_000), 0)
  const seated = timeline.takeOutcome()!
  expect([seated.tellings, seated.alerts, seated.groups].map(each => each.length)).toEqual([0, 4_000, 4])
  timeline.take(alerts.slice(4_000), 0)
  const tellings = [...timeline.takeOutcome()!.tellings]
  expect(tellings.map(({ firing }) => firing.length)).toEqual([1_250, 1_250])
  expect(timeline.nextDueMs()).toBe(0)
  timeline.advanceTo(0)
  tellings.push(...timeline.takeOutcome()!.tellings)
  expect(new Set(tellings.flatMap(({ firing }) => firing)).size).toBe(5_000)
  expect(timeline.nextDueMs()).toBe(10_000)
})

test('what somebody is still to be told of is not forgotten', () => {
  const { rules } = openWorld(plain)
  let isNeeded = true
  const alert = alertOf(a, { endsAtMs: 0 })
  const saved = { alerts: [{ alert, seats: [] }], groups: [], told: [] }
  const timeline = new Timeline({ rules, saved, nowMs: 0, isNeeded: () => isNeeded })
  timeline.advanceTo(3_600_000)
  expect(timeline.known(alert.fingerprint)).toEqual(alert)
  expect(timeline.nextDueMs()).toBe(3_660_000)
  isNeeded = false
  timeline.advanceTo(3_660_000)
  expect(timeline.known(alert.fingerprint)).toBeUndefined()
  expect(timeline.takeOutcome()).toMatchObject({ goneAlerts: [alert.fingerprint] })
})
