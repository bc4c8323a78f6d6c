// Together with the alerter's own outbox: what is merged, put back and left behind there is told in order.
import { expect, test } from 'vitest'
import type { Verdict } from '../../../alerter/channel.ts'
import type { Fact } from '../../../alerter/fact.ts'
import { tellingEntry } from '../../../alerter/outbox/line.ts'
import { StandingOutbox } from '../../../alerter/outbox.ts'
import type { OutboxEntry } from '../../../alerter/outbox-entry.ts'
import { alertOf, openDock } from './dock.ts'

test('the standing outbox and delivery agree', async () => {
  const dock = openDock()
  const facts: Fact[] = []
  const rows = new Map<string, OutboxEntry>()
  const outbox = new StandingOutbox({
    entries: [],
    known: fingerprint => alertOf(fingerprint),
    write: async ({ puts, gone, facts: found, saved }) => {
      await undefined
      for (const id of gone) rows.delete(id)
      for (const entry of puts) rows.set(entry.id, entry)
      facts.push(...found)
      saved()
    },
  })
  let nth = 0
  const put = (group: string, firing: readonly string[], resolved: readonly string[]): void => {
    nth += 1
    const told = { integration: 'a', atMs: dock.clock.nowMs(), reason: 'first', urgency: 'normal' } as const
    const id = `t${nth}`
    const telling = { id, group: `ops\n{}:{g="${group}"}`, ...told, firing, resolved, begun: [] }
    const { entry, saved } = outbox.put(tellingEntry(telling, 1))
    rows.set(entry.id, entry)
    saved()
  }
  const answers: Verdict[] = [
    { kind: 'delivered' },
    { kind: 'later', reason: 'busy' },
    { kind: 'later', reason: 'busy' },
    { kind: 'delivered' },
  ]
  const { promise, resolve } = Promise.withResolvers<void>()
  dock.answer(async () => {
    const answer = answers[dock.said.length - 1] ?? { kind: 'delivered' }
    if (dock.said.length === 1) await promise
    return answer
  })
  dock.configure(dock.way('a'))
  dock.open({ outbox })
  put('g', ['x'], [])
  await dock.clock.runFor(10)
  put('g', ['x', 'y'], [])
  put('g', ['y'], ['x'])
  await dock.clock.runFor(10)
  expect(dock.said).toHaveLength(1)
  resolve()
  await dock.clock.runFor(500)
  // It is put back, and takes in what comes.
  put('g', ['y', 'z'], [])
  await dock.clock.runFor(60_000)

  const told = facts.filter(({ kind }) => kind === 'told')
  expect(told.map(({ details }) => details)).toMatchObject([
    { firing: ['x'], resolved: [] },
    { firing: ['y', 'z'], resolved: ['x'] },
  ])
  expect(rows.size).toBe(0)
  await dock.close()
})
