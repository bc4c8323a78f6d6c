// What is kept of those who have a message, while others of the same way wait for it.
import { expect, test } from 'vitest'
import { settledOf, withSettled } from '../../../alerter/delivery/settled.ts'

const [taken, later] = [
  { kind: 'accepted', receipt: 'r' },
  { kind: 'later', reason: 'busy' },
] as const
const no = { kind: 'refused', because: 'settings', reason: 'no such number' } as const
const telling = { id: 't' }
const sms = { way: 'sms', digest: 'd', who: ['+1', '+2'] }
const mail = { way: 'mail', digest: 'd', who: [] }

test('numbers are known by themselves, others by their place, way and settings', () => {
  const t = (settled: ReturnType<typeof withSettled>, address: typeof sms, places: readonly number[]) =>
    expect([...settledOf([{ telling, settled }], address).keys()]).toEqual(places)
  const [bySms, byMail] = [
    withSettled({ telling }, sms, [later, taken]),
    withSettled({ telling }, mail as typeof sms, [later, taken]),
  ]
  t(bySms, sms, [1])
  t(bySms, { ...sms, digest: 'other', who: ['+2', '+3'] }, [0])
  t(bySms, { ...sms, way: 'voice' }, [1])
  t(bySms, { way: 'voice', digest: 'd', who: [] }, [])
  t(byMail, { ...mail, who: [] }, [1])
  t(byMail, { ...mail, digest: 'other', who: [] }, [])
  t(byMail, sms, [])
})

test('a number that was refused may be taken by another way, and with other settings', () => {
  const settled = withSettled({ telling }, sms, [later, no])
  const t = (address: typeof sms, places: readonly number[]) =>
    expect([...settledOf([{ telling, settled }], address).keys()]).toEqual(places)
  t(sms, [1])
  t({ ...sms, digest: 'other' }, [])
  t({ ...sms, way: 'voice' }, [])
})

test('once all have it nothing is kept, so that a receipt that does not come has all told by the next way', () => {
  const settled = withSettled({ telling }, sms, [later, taken])
  expect(withSettled({ telling, settled }, { ...sms, way: 'voice' }, [taken, taken])).toBe(undefined)
  expect(withSettled({ telling, settled }, { ...sms, way: 'voice' }, [no, no])).toEqual(settled)
})
