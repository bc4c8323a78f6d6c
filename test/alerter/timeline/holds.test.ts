// Suppression stops beginnings, never ends; and whoever is not told of something can look up why.
import { expect, test } from 'vitest'
import { alertOf, openWorld, receiverOf, routeOf, type Setup } from './world.ts'

const hook = [receiverOf('hook', true)]
const a = { alertname: 'a' }
const plain: Setup = { route: routeOf({ interval: 10 }), receivers: hook }

test('whoever was told of a beginning is told of the end, whatever holds beginnings by then', () => {
  const t = (
    title: string,
    hold: (w: ReturnType<typeof openWorld>) => unknown,
    setup: Partial<Setup> = {},
  ) => {
    const w = openWorld({ ...plain, ...setup })
    w.at(1).begin(a)
    w.at(5)
    hold(w)
    w.at(20).end(a)
    expect(w.until(60), title).toEqual(['2 hook/0 first: a@1', expect.stringMatching(/^2\d.*: -a@1-20$/)])
    expect(w.timeline.seats(alertOf(a).fingerprint), title).toEqual([])
  }
  const other = { source: { alertname: 'other' }, target: a, equal: [] }
  const elsewhere = routeOf({ interval: 10, routes: [routeOf({ key: '{}/x', labels: a, receiver: 'none' })] })
  const receivers = [...hook, receiverOf('none')]

  t('silence', w => w.silence('s', a, 0, 1_000))
  t('inhibition', w => w.begin({ alertname: 'other' }), {
    inhibitions: [other],
    route: routeOf({
      interval: 10,
      routes: [routeOf({ key: '{}/x', labels: { alertname: 'other' }, receiver: 'none' })],
    }),
    receivers,
  })
  t('mute time', () => {}, {
    route: routeOf({ interval: 10, mutes: ['night'] }),
    intervals: { night: [4, 1_000] },
  })
  t('no active time', () => {}, {
    route: routeOf({ interval: 10, actives: ['day'] }),
    intervals: { day: [0, 4] },
  })
  t('its route leads elsewhere', w => w.reload({ route: elsewhere, receivers }))
  t('its route leads elsewhere after a crash', w => w.kill({ route: elsewhere, receivers }))
})

test('one who does not hear of ends hears of what comes back when nothing else fired, or once there was another message', () => {
  const b = { alertname: 'b' }
  const t = (act: (w: ReturnType<typeof openWorld>) => void, ...wanted: string[]) => {
    const w = openWorld({
      route: routeOf({ groupBy: [], interval: 10, repeat: 100 }),
      receivers: [receiverOf('hook', false)],
    })
    w.at(1).begin(a).begin(b)
    w.at(5).end(a)
    act(w)
    expect(w.until(130)).toEqual(['2 hook/0 first: a@1 b@1', ...wanted])
    expect(w.reasons()).toEqual([])
  }
  t(w => {
    for (const seconds of [15, 35, 55]) {
      w.at(seconds).begin(a)
      w.at(seconds + 10).end(a)
    }
  }, '102 hook/0 repeat: b@1')
  t(
    w => {
      w.at(15).end(b)
      w.at(25).begin(a)
    },
    '26 hook/0 first: a@25',
    '126 hook/0 repeat: a@25',
  )
  t(
    w => {
      w.at(15).begin({ alertname: 'c' })
      w.at(35).begin(a)
    },
    '22 hook/0 more: b@1 c@15',
    '42 hook/0 more: a@35 b@1 c@15',
  )
})

test('whoever hears of no ends has heard of nothing, once nothing fired at a flush', () => {
  const [b, c] = [{ alertname: 'b' }, { alertname: 'c' }]
  const t = (isKilled: boolean) => {
    const w = openWorld({
      route: routeOf({ groupBy: [], interval: 10 }),
      receivers: [receiverOf('hook', false)],
    })
    w.at(1).begin(a).begin(b).begin(c)
    w.at(5).end(a)
    w.at(15).silence('s', b, 15, 5_000)
    w.at(16).end(c)
    w.at(30)
    if (isKilled) w.kill()
    w.begin(a)
    expect(w.until(60)).toEqual(['2 hook/0 first: a@1 b@1 c@1', '32 hook/0 more: a@30'])
  }
  t(false)
  t(true)
})

test('what began and ended while it was held is told to nobody, and the reason stays', () => {
  const w = openWorld({ ...plain, route: routeOf({ groupBy: [], interval: 10 }) })
  w.at(1).begin({ alertname: 'b' })
  w.at(3).silence('s1', a, 0, 1_000).begin(a)
  w.at(13).silence('s2', a, 0, 1_000)
  // Over before the alert is, but after nobody was told of its beginning.
  w.at(33).expire('s1').expire('s2')
  w.at(34).end(a)
  expect(w.until(60)).toEqual(['2 hook/0 first: b@1'])
  expect(w.reasons()).toEqual(['12 silenced s1', '22 silenced s1,s2'])
})

test('reasons are noted when they change, and not of ends that are told', () => {
  const w = openWorld({ ...plain, route: routeOf({ interval: 10, groupBy: [] }) })
  w.at(1).silence('s1', a, 0, 15).silence('s2', a, 15, 1_000).begin(a)
  expect(w.until(50)).toEqual([])
  expect(w.reasons()).toEqual(['2 silenced s1', '22 silenced s2'])
  const told = openWorld(plain)
  told.at(1).begin(a)
  told.at(5).silence('s', a, 0, 1_000).end(a)
  expect(told.until(50)).toHaveLength(2)
  expect(told.reasons()).toEqual([])
})

test('a group in which nobody believes that anything fires speaks for the first time again', () => {
  const w = openWorld({ ...plain, route: routeOf({ interval: 10, groupBy: [] }) })
  w.at(1).silence('s', { alertname: 'b' }, 0, 1_000).begin(a).begin({ alertname: 'b' })
  w.at(5).end(a)
  w.at(15).begin({ alertname: 'c' })
  expect(w.until(30)).toEqual(['2 hook/0 first: a@1', '12 hook/0 resolved: -a@1-5', '22 hook/0 first: c@15'])
})

test('what is held and fires on is told when nothing holds it any more', () => {
  const w = openWorld({
    ...plain,
    route: routeOf({ interval: 10, mutes: ['noon', 'night'] }),
    intervals: { night: [0, 15], noon: [0, 35] },
  })
  w.at(1).begin(a)
  expect(w.until(100)).toEqual(['42 hook/0 first: a@1'])
  expect(w.reasons()).toEqual(['2 muted noon,night', '22 muted noon', '42 free'])
})

test('of two routes to one group, one by day and one by night, the open one speaks', () => {
  const routes = [
    routeOf({ labels: a, interval: 10, repeat: 20, actives: ['day'], continues: true }),
    routeOf({ labels: a, interval: 10, repeat: 50, mutes: ['day', 'weekend'] }),
  ]
  const intervals = { day: [40, 80], weekend: [105, 125] } as const
  const w = openWorld({ ...plain, route: routeOf({ routes }), intervals })
  w.at(1).begin(a)
  expect(w.until(180)).toEqual([
    '2 hook/0 first: a@1',
    '42 hook/0 repeat: a@1',
    '62 hook/0 repeat: a@1',
    '132 hook/0 repeat: a@1',
  ])
  expect(w.reasons()).toEqual(['112 muted weekend', '132 free'])

  const byMute = [
    routeOf({ labels: a, interval: 10, repeat: 20, mutes: ['night'], continues: true }),
    routeOf({ labels: a, interval: 10, repeat: 50, mutes: ['day'] }),
  ]
  const other = openWorld({
    ...plain,
    route: routeOf({ routes: byMute }),
    intervals: { day: [0, 30], night: [30, 200] },
  })
  other.at(1).begin(a)
  expect(other.until(100)).toEqual(['2 hook/0 first: a@1', '22 hook/0 repeat: a@1', '72 hook/0 repeat: a@1'])
})

test('one that ends before its group speaks', () => {
  const w = openWorld({ ...plain, route: routeOf({ groupBy: [], interval: 10 }) })
  // Alone, nobody hears of it.
  w.at(1).begin(a)
  w.at(1.5).end(a)
  expect(w.until(5)).toEqual([])
  expect(w.reasons()).toEqual(['2 brief'])
  // Beside others it is told as begun and ended.
  w.at(10).begin({ alertname: 'b' })
  w.at(12).begin(a)
  w.at(13).end(a)
  expect(w.until(30)).toEqual(['11 hook/0 first: b@10', '21 hook/0 resolved: b@10 -a@12-13!'])
  // So is one of which only the end is ever reported.
  w.at(35).post(a, 32, 33)
  expect(w.until(100).slice(2)).toEqual(['41 hook/0 resolved: b@10 -a@32-33!'])
})

test('silences do not move the ticks of a group', () => {
  const w = openWorld(plain)
  w.at(1).begin(a)
  w.at(5).silence('s', a, 0, 6)
  expect(w.timeline.nextDueMs()).toBe(12_000)
})
