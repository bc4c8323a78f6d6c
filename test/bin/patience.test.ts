// Waiting for servers that are away as the service starts.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { patiently } from '../../bin/engines/patience.ts'

const away = new Failure('state_unavailable', 'nobody answers')

test('what is away is asked for again for a minute, whatever the clock is set to meanwhile', async () => {
  const clock = new SimulatedClock(0)
  let asked = 0
  const opened = patiently(
    async () => {
      // As at the boot of a machine that has slept for a year.
      if (++asked === 3) Object.defineProperty(clock, 'nowMs', { value: () => 31_536_000_000 })
      if (asked < 10) throw away
      return 'open'
    },
    { clock },
  )
  await clock.runFor(60_000)
  expect(await opened).toBe('open')

  const given = patiently(() => Promise.reject(away), { clock })
  given.catch(() => {})
  await clock.runFor(61_000)
  await expect(given).rejects.toBe(away)
})

test('what refuses us is told at once', async () => {
  const refused = new Failure('state_refused', 'no such user')
  await expect(patiently(() => Promise.reject(refused), { clock: new SimulatedClock(0) })).rejects.toBe(
    refused,
  )
})
