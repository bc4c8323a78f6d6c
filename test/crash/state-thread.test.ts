// The process ends with the thread of its state, says what to do, and goes on from what is durable.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { errors } from '#core/errors.ts'
import { type Running, startService } from '../running.ts'

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-state-thread-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const silences = async ({ origin, token }: Running, silence?: object): Promise<unknown> => {
  const answer = await fetch(`${origin}/api/v2/silences`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(silence && { method: 'POST', body: JSON.stringify(silence) }),
  })
  return answer.json()
}

test('the process ends with the thread of its state, and says so', { timeout: 60_000 }, async () => {
  const trigger = join(folder, 'trigger')
  mkdirSync(trigger)
  const first = await startService(folder, '', [], {
    NODE_OPTIONS: `--import=${new URL('./ends-state-thread.js', import.meta.url)}`,
    ENDS_STATE_THREAD_IN: trigger,
  })
  const startsAt = new Date(Date.now()).toISOString()
  const endsAt = new Date(Date.now() + 3_600_000).toISOString()
  const matchers = [{ name: 'host', value: 'db-7', isRegex: false, isEqual: true }]
  await silences(first, { matchers, startsAt, endsAt, createdBy: 'ann', comment: 'while it moves' })

  writeFileSync(join(trigger, 'now'), '')
  expect(await first.ended).toBe(70)
  const lines = first.output().split('\n')
  const said = lines.find(line => line.includes('the process ends')) ?? ''
  expect(JSON.parse(said)).toMatchObject({
    level: 'error',
    room: 'run',
    error: { code: 'state_ended', detail: expect.stringContaining('no memory left, say') },
    todo: errors.state_ended.todo,
  })

  const second = await startService(folder)
  expect(await silences(second)).toMatchObject([{ comment: 'while it moves', matchers }])
  expect(await second.kill('SIGTERM')).toBe(0)
})
