// Another configuration: alerts go where it sends them, and what was told stays told.
import { expect, test } from 'vitest'
import { alertOf, openWorld, receiverOf, routeOf, type Setup } from './world.ts'

const hook = [receiverOf('hook', true)]
const a = { alertname: 'a' }
const plain: Setup = { route: routeOf({ interval: 10 }), receivers: hook }

test('an integration that its receiver has lost hears of ends and of nothing else', () => {
  const w = openWorld({ ...plain, route: routeOf({ groupBy: [], interval: 10 }) })
  const [, other] = receiverOf('hook', true, true).integrations
  w.at(1).begin(a)
  w.at(5).reload({
    receivers: [
      { name: 'hook', integrations: [other!] },
      { ...hook[0]!, name: 'former' },
    ],
  })
  w.at(7).begin({ alertname: 'b' })
  w.at(16).end(a)
  w.at(17).begin({ alertname: 'c' })
  w.at(18).end({ alertname: 'c' })
  expect(w.until(60)).toEqual([
    '2 hook/0 first: a@1',
    '5 hook/1 first: a@1',
    '15 hook/1 more: a@1 b@7',
    '25 hook/1 resolved: b@7 -a@1-16 -c@17-18!',
    '25 hook/0 resolved: -a@1-16',
  ])
})

test('an integration that is gone is told nothing, and that is on record', () => {
  const w = openWorld(plain)
  w.at(1).begin(a)
  w.at(5).reload({ receivers: [receiverOf('hook'), receiverOf('other', true)] })
  w.at(20).end(a)
  expect(w.until(60)).toEqual(['2 hook/0 first: a@1'])
  expect(w.reasons()).toEqual(['5 nobody hook', '25 gone hook/0'])
  // Back in time, it has missed nothing and hears nothing twice.
  const back = openWorld(plain)
  back.at(1).begin(a)
  back.at(5).reload({ receivers: [receiverOf('hook')] })
  back.at(20).reload({ receivers: hook })
  back.at(25).end(a)
  expect(back.until(60)).toEqual(['2 hook/0 first: a@1', '30 hook/0 resolved: -a@1-25'])
})

test('a reload moves what was not told, and leaves timers where they are sooner', () => {
  const w = openWorld({
    route: routeOf({ wait: 10, interval: 60 }),
    receivers: [...hook, receiverOf('mail', true)],
  })
  w.at(1).begin(a)
  w.at(2).reload({ route: routeOf({ wait: 10, interval: 70 }) })
  expect(w.timeline.nextDueMs()).toBe(11_000)
  expect(w.shelf.rows().join()).toContain('"intervalMs":70000')
  w.at(5).reload({ route: routeOf({ receiver: 'mail', wait: 3, interval: 60 }) })
  expect(w.until(9)).toEqual(['5 mail/0 first: a@1'])
  w.at(20).begin({ alertname: 'b' })
  w.at(22).reload()
  expect(w.until(30)).toEqual(['5 mail/0 first: a@1', '23 mail/0 first: b@20'])
  // Over, told to nobody, and its group is gone.
  w.at(40).begin({ alertname: 'c' })
  w.at(41).end({ alertname: 'c' }).reload({ route: routeOf() })
  w.until(50)
  expect(w.reasons()).toContain('41 brief')
  // Held until its end, it keeps that reason.
  w.at(60).silence('s', {}, 0, 1_000).begin({ alertname: 'd' })
  w.at(70)
    .end({ alertname: 'd' })
    .reload({ route: routeOf({ key: '{x}' }) })
  const ofD = w.held.filter(({ fingerprint }) => fingerprint === alertOf({ alertname: 'd' }).fingerprint)
  expect(ofD.map(({ reason }) => reason?.kind)).toEqual(['silenced'])
})

test('what ended in an outage is told where another configuration sends it', () => {
  const receivers = [...hook, receiverOf('mail', true)]
  const route = routeOf({ receiver: 'mail', wait: 10, interval: 60 })
  const t = (to: number, ...wanted: string[]) => {
    const w = openWorld({ route: routeOf({ wait: 10, interval: 60 }), receivers })
    w.at(1).post(a, 1, to)
    w.kill({ route }, 600).jumpTo(600)
    expect(w.until(700)).toEqual(wanted)
    expect(w.reasons()).toEqual(wanted.length === 0 ? ['600 brief'] : [])
    // Its end comes behind the start.
    const late = openWorld({ route: routeOf({ wait: 10, interval: 60 }), receivers })
    late.at(1).begin(a)
    late
      .kill({ route }, 600)
      .take([alertOf(a, { startsAtMs: 1_000, endsAtMs: to * 1_000, updatedAtMs: to * 1_000 })])
    expect(late.until(700)).toEqual(wanted)
  }
  t(300, '600 mail/0 resolved: -a@1-300!')
  t(5)
})

test('a group that nothing leads to any more tells ends only, after a crash as well', () => {
  const both = [...hook, receiverOf('mail', true)]
  const w = openWorld({ route: routeOf({ interval: 10, repeat: 20 }), receivers: both })
  w.at(1).begin(a)
  w.at(5).reload({ route: routeOf({ receiver: 'mail', interval: 7 }) })
  const [old] = w.timeline.seats(alertOf(a).fingerprint)
  expect(old).toMatchObject({ isMoved: true, told: [{ repeatAtMs: null }], held: { kind: 'moved' } })
  expect(w.timeline.alert(alertOf(a).fingerprint, 5_000)).toMatchObject({ receivers: ['mail'] })
  expect([...w.timeline.groups(5_000)].map(({ alerts }) => [...alerts].length)).toEqual([0, 1])
  w.at(50).kill()
  w.at(51).end(a)
  expect(w.until(100)).toEqual([
    '2 hook/0 first: a@1',
    '5 mail/0 first: a@1',
    '54 mail/0 resolved: -a@1-51',
    '55 hook/0 resolved: -a@1-51',
  ])
})
