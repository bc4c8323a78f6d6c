import { expect, test } from 'vitest'
import { openMemoryBus } from '#core/bus/memory.ts'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import type { AlerterView } from '../../alerter/api/view.ts'
import type { AlertView, SeatView } from '../../alerter/timeline/views.ts'
import { logAlerts, shownAlerts } from '../../bin/firing.ts'
import type { ViewGroups } from '../../rules/view.ts'

const transition = (host: string, state: 'firing' | 'resolved'): AlertTransition => ({
  v: 1,
  id: `r/${host}/${state}/1`,
  atMs: 1,
  alert: {
    fingerprint: host,
    labels: { alertname: 'Hot', host },
    annotations: { summary: `${host} is hot` },
    state,
    stale: false,
    startsAtMs: 1,
    endsAtMs: state === 'resolved' ? 1 : null,
    value: '97',
    rule: { id: 'r', group: 'g', name: 'Hot', expr: 'cpu > 90' },
  },
  reason: null,
})

const logged = async (transitions: readonly AlertTransition[]): Promise<string[]> =>
  (await linesOf(transitions)).map(line => JSON.parse(line).msg)

async function linesOf(transitions: readonly AlertTransition[]): Promise<readonly string[]> {
  const lines: string[] = []
  const bus = openMemoryBus()
  {
    using log = openLog({ write: line => void lines.push(line) })
    await using _ = await logAlerts(bus, log, new SimulatedClock(0))
    await bus.publish('alerts', transitions)
  }
  await bus.close()
  return lines
}

test('each alert has a line of its own', async () => {
  const told = await logged([
    transition('a', 'firing'),
    transition('b', 'firing'),
    transition('a', 'resolved'),
  ])
  expect(told).toEqual(['firing: Hot a', 'firing: Hot b', 'resolved: Hot a'])
})

test('the log speaks English', async () => {
  const each = transition('a', 'firing')
  const annotations = { summary: 'a 过热', summary_en: 'a is hot' }
  const [line] = await linesOf([{ ...each, alert: { ...each.alert, annotations } }])
  expect(JSON.parse(line!).summary).toBe('a is hot')
})

test('of a storm some of each second are named, and the others counted, in however many pieces it comes', async () => {
  const lines: string[] = []
  const clock = new SimulatedClock(0)
  const bus = openMemoryBus()
  const storm = async (from: number, pieces: number): Promise<void> => {
    for (let at = 0; at < pieces; at++)
      await bus.publish(
        'alerts',
        [0, 1, 2].map(nth => transition(String(from + at * 3 + nth), 'firing')),
      )
  }
  {
    using log = openLog({ clock, write: line => void lines.push(JSON.parse(line).msg) })
    await using _ = await logAlerts(bus, log, clock)
    await storm(0, 50)
    expect(lines).toHaveLength(10)
    await clock.runFor(1_000)
    expect(lines.splice(0).at(-1)).toBe('140 more alerts began or ended within a second')
    await clock.runFor(10_000)
    expect(lines).toEqual([])
    await storm(200, 4)
  }
  expect(lines).toHaveLength(11)
  expect(lines.at(-1)).toBe('2 more alerts began or ended within a second')
  await bus.close()
})

test('ends do not hide what begins in the same second', async () => {
  const ends = Array.from({ length: 12 }, (_, nth) => transition(`e${nth}`, 'resolved'))
  const told = await logged([...ends, transition('b', 'firing')])
  expect(told).toHaveLength(12)
  expect(told).toContain('firing: Hot b')
  expect(told.at(-1)).toBe('2 more alerts began or ended within a second')
})

test('of a large alert the log takes the beginning, and tells two of them apart', async () => {
  const large = (host: string): AlertTransition => {
    const each = transition(host, 'firing')
    const labels = { ...each.alert.labels, path: 'x'.repeat(500_000) }
    for (let at = 0; at < 1_000; at++) Object.assign(labels, { [`label_${at}`]: 'y'.repeat(500) })
    return { ...each, alert: { ...each.alert, labels, annotations: { summary: 'z'.repeat(1_000_000) } } }
  }
  const lines = await linesOf([large('a'), large('b')])
  expect(lines).toHaveLength(2)
  for (const line of lines) expect(line.length).toBeLessThan(2_500)
  const [first, second] = lines.map(line => JSON.parse(line))
  expect([first.msg.slice(0, 20), second.msg.slice(0, 20)]).toEqual([
    'firing: Hot a xxxxxx',
    'firing: Hot b xxxxxx',
  ])
  expect(first).toMatchObject({ labels: { alertname: 'Hot', host: 'a' }, labelsLeftOut: expect.any(Number) })
  expect(first.summary).toMatch(/^z{499}…$/)
})

const known = (
  alertname: string,
  more: Partial<AlertView> = {},
  endsAtMs: number | null = null,
): AlertView => ({
  alert: {
    fingerprint: alertname,
    labels: { alertname },
    annotations: { summary: `${alertname} is on` },
    startsAtMs: 5,
    endsAtMs,
    stale: false,
    value: '',
    generatorUrl: '',
    updatedAtMs: 5,
  },
  state: 'active',
  receivers: [],
  inhibitedBy: [],
  silencedBy: [],
  mutedBy: [],
  ...more,
})

const seat = (group: string, isTold: boolean): SeatView => ({
  group,
  receiver: 'ops',
  dueMs: 0,
  flushedAtMs: 0,
  isMoved: false,
  held: null,
  told: isTold ? [{ integration: 'ops/slack/0', sinceMs: 5, atMs: 5, repeatAtMs: null }] : [],
})

const noRules: ViewGroups = async () => []

test('the alerter outranks the rules, and says what is held back and which incident it is', async () => {
  const incident = (number: number, group: string) => ({
    number,
    group,
    groupKey: group,
    receiver: 'ops',
    labels: {},
    openedAtMs: 5,
    closedAtMs: null,
  })
  const view: Pick<AlerterView, 'alerts' | 'seats' | 'incidents'> = {
    alerts: async () => [
      known('Loud'),
      known('Quiet', { silencedBy: ['s'], inhibitedBy: ['i'] }),
      known('Follows', { inhibitedBy: ['Loud'], mutedBy: ['night'] }),
      known('Asleep', { mutedBy: ['night'] }),
      known('Over', {}, 7),
      known('Ends', {}, 70),
    ],
    seats: async name => (name === 'Loud' ? [seat('g', true), seat('h', true), seat('x', false)] : []),
    incidents: async () => [incident(9, 'h'), incident(8, 'g'), incident(99, 'x')],
  }
  const shown = shownAlerts(noRules, view, new SimulatedClock(10))
  const found = await shown.firing?.()
  expect(found?.map(({ fingerprint, held }) => [fingerprint, held])).toEqual([
    ['Loud', undefined],
    ['Quiet', 'silenced'],
    ['Follows', 'inhibited'],
    ['Asleep', 'muted'],
    ['Ends', undefined],
  ])
  expect(found?.[0]).toMatchObject({
    annotations: { summary: 'Loud is on' },
    sinceMs: 5,
    labels: { alertname: 'Loud' },
  })
  expect(await shown.incidents?.(['Loud', 'Asleep'])).toEqual(new Map([['Loud', 9]]))
})

test('without an alerter the rules speak, and without rules nobody', async () => {
  expect(shownAlerts(undefined, undefined, new SimulatedClock(0))).toEqual({})
  const shown = shownAlerts(noRules, undefined, new SimulatedClock(0))
  expect(await shown.firing?.()).toEqual([])
  expect(shown.incidents).toBeUndefined()
})
