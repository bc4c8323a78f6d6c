import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { route } from '#core/http/route.ts'
import { byWord, openStand } from './ask.ts'

test('whoever answers is told how long the body took to come', async () => {
  const clock = new SimulatedClock(1_000)
  const takes = route({
    method: 'POST',
    path: '/x',
    scope: 'write',
    summary: 'x',
    body: 'bytes',
    handle: ({ readMs }) => ({ body: { readMs } }),
  })
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const authorise: typeof byWord = async asking => {
    begin()
    return byWord(asking)
  }
  await using stand = await openStand([takes], { clock, authorise })
  const socket = connect(stand.http.port, '127.0.0.1')
  const head = ['POST /x HTTP/1.1', 'host: 127.0.0.1', 'authorization: Bearer write', 'connection: close']
  socket.write(`${head.join('\r\n')}\r\ncontent-length: 4\r\n\r\n12`)
  await begun
  await clock.runFor(400)
  socket.write('34')
  expect(await textOf(socket)).toContain('{"readMs":400}')
})
