// A way whose secret cannot be read says so for each message, and the message waits for it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDock } from './delivery/dock.ts'

let dock: ReturnType<typeof openDock>
beforeEach(() => {
  dock = openDock()
})
afterEach(async () => {
  await dock.close()
})

test('a message waits for the file of its way, with the reason on record', async () => {
  const way = dock.way('ops')
  const unready = { file: '/run/hook', reason: 'no such file' }
  dock.configure({ ...way, settings: unready, unready })
  dock.open()
  dock.tell('g', 'ops')
  await dock.clock.runFor(600_000)
  expect(dock.said).toEqual([])
  expect(dock.kinds()).toEqual(['failed ops'])
  expect(dock.shelf.facts()[0]?.details).toMatchObject({
    why: 'cannot use /run/hook: no such file',
    isFinal: false,
  })
  expect(await dock.own.text()).toMatch(/messages_total\{[^}]*channel="fake"[^}]*outcome="failed"/)

  dock.configure(way)
  await dock.clock.runFor(60_000)
  expect(dock.said).toHaveLength(1)
  expect(dock.kinds()).toEqual(['failed ops', 'told ops'])
})
