// Several devices, one verdict.
import { expect, test } from 'vitest'
import { type DeviceVerdict, verdictOf } from '../../../alerter/web-push/verdicts.ts'

const accepted: DeviceVerdict = { kind: 'accepted' }
const gone: DeviceVerdict = { kind: 'gone', reason: 'answered 410' }
const busy = (afterMs?: number): DeviceVerdict => ({
  kind: 'later',
  reason: 'answered 503',
  ...(afterMs !== undefined && { afterMs }),
})
const wrong: DeviceVerdict = { kind: 'refused', because: 'settings', reason: 'answered 403' }
const tooLong: DeviceVerdict = { kind: 'refused', because: 'message', reason: 'answered 413' }

const said = (...verdicts: readonly DeviceVerdict[]) =>
  verdicts.map((verdict, nth) => ({ device: `anna: ${nth}`, verdict }))

test('one device is enough, and what the others said goes along', () => {
  expect(verdictOf(said(accepted), [])).toEqual({ kind: 'accepted', lost: [] })
  expect(verdictOf(said(gone, busy(1), accepted, wrong), ['bo'])).toEqual({
    kind: 'accepted',
    lost: [
      'anna: 0: answered 410',
      'anna: 1: answered 503',
      'anna: 3: answered 403',
      'bo has no device: it is added at /push',
    ],
  })
})

test('where none has it, the first that may be asked again says when', () => {
  const t = (verdicts: readonly DeviceVerdict[], wanted: object) =>
    expect(verdictOf(said(...verdicts), [])).toMatchObject(wanted)

  t([busy(9_000), gone, busy(4_000)], { kind: 'later', afterMs: 4_000 })
  expect(verdictOf(said(busy(9_000), busy()), [])).not.toHaveProperty('afterMs')
  t([busy(), tooLong, wrong], { kind: 'later' })
  // Said again in fewer words.
  t([tooLong, wrong], { kind: 'refused', because: 'message' })
  t([gone, wrong], { kind: 'refused', because: 'settings' })
})

test('nobody has a device: no message will do until somebody adds one', () => {
  expect(verdictOf([], ['anna', 'bo'])).toEqual({
    kind: 'refused',
    because: 'settings',
    reason: 'anna has no device: it is added at /push; bo has no device: it is added at /push',
  })
  expect(verdictOf([], [])).toMatchObject({ reason: 'nobody has a device: it is added at /push' })
})

test('reasons are few and short', () => {
  const many = Array.from({ length: 500 }, (_, nth) => `user-${nth}`)
  const told = verdictOf(said(accepted), many)
  expect(told).toMatchObject({ kind: 'accepted', lost: { length: 11, 10: 'and 490 more' } })
  const untold = verdictOf([], many) as { reason: string }
  expect(untold.reason.length).toBeLessThanOrEqual(300)
})
