import { expect, test } from 'vitest'
import { openMemoryBus } from '#core/bus/memory.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { logAlerts } from '../../bin/firing.ts'

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

async function logged(transitions: readonly AlertTransition[]): Promise<string[]> {
  const lines: string[] = []
  const bus = openMemoryBus()
  {
    using log = openLog({ write: line => void lines.push(line) })
    await using _ = await logAlerts(bus, log)
    await bus.publish('alerts', transitions)
  }
  await bus.close()
  return lines.map(line => JSON.parse(line).msg)
}

test('each alert has a line of its own', async () => {
  const told = await logged([
    transition('a', 'firing'),
    transition('b', 'firing'),
    transition('a', 'resolved'),
  ])
  expect(told).toEqual(['firing: Hot a', 'firing: Hot b', 'resolved: Hot a'])
})

test('of a storm some are named, and the others counted', async () => {
  const told = await logged(Array.from({ length: 12 }, (_, at) => transition(String(at), 'firing')))
  expect(told).toHaveLength(11)
  expect(told.at(-1)).toBe('more alerts began or ended')
})
