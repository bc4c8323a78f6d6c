import type { lookup } from 'node:dns'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guardedLookup, refusalOf } from '#core/guard.ts'

// As URL writes what somebody has typed.
const hostOf = (typed: string): string => new URL(`http://${typed}/`).hostname

describe('metadata services', () => {
  test('are refused to all, however they are written', () => {
    const t = (typed: string) => {
      expect(refusalOf(hostOf(typed), 'operator'), typed).toContain('is a metadata service')
      expect(refusalOf(hostOf(typed), 'outsider'), typed).toContain('is a metadata service')
    }

    t('169.254.169.254')
    t('169.254.170.2')
    t('169.254.170.23')
    t('100.100.100.200')
    t('169.254.0.23')
    t('168.63.129.16')
    t('192.0.0.192')
    t('[fd00:ec2::254]')
    t('[fd00:ec2::23]')
    t('[fd20:ce::254]')
    t('metadata.google.internal')
    t('METADATA.google.Internal.')
    t('metadata.tencentyun.com')
    // Numbers in other bases, and fewer of them.
    t('2852039166')
    t('0xA9FEA9FE')
    t('0251.0376.0251.0376')
    t('169.254.43518')
    t('１６９.254.169.254')
    // IPv4 inside of IPv6.
    t('[::ffff:169.254.169.254]')
    t('[::ffff:a9fe:a9fe]')
    t('[::169.254.169.254]')
    t('[64:ff9b::a9fe:a9fe]')
    t('[2002:a9fe:a9fe::1]')
    t('[::ffff:0:a9fe:a9fe]')
  })
})

test('a short name may be a host of the operator’s own: where it leads is looked at when it is asked', () => {
  for (const name of ['metadata', 'prometheus.metadata', 'instance-data']) {
    expect(refusalOf(name, 'operator'), name).toBeUndefined()
    expect(refusalOf(name, 'outsider'), name).toContain('is a metadata service')
  }
})

test('the operator may go anywhere else, others to public addresses only', () => {
  const t = (typed: string) => {
    expect(refusalOf(hostOf(typed), 'operator'), typed).toBeUndefined()
    expect(refusalOf(hostOf(typed), 'outsider'), typed).toContain('is not on the public Internet')
  }

  t('127.0.0.1')
  t('127.1')
  t('0')
  t('10.1.2.3')
  t('172.31.255.255')
  t('192.168.0.1')
  t('100.64.0.1')
  t('169.254.1.1')
  t('224.0.0.1')
  t('255.255.255.255')
  t('localhost')
  t('api.localhost')
  t('printer.local')
  t('db.internal')
  t('[::1]')
  t('[::]')
  t('[fe80::1]')
  t('[fc00::1]')
  t('[ff02::1]')
  t('[::ffff:10.0.0.1]')
  t('[64:ff9b::7f00:1]')
  t('[2002:7f00:1::]')
})

test('who asks after somebody else is answered for himself', () => {
  const asked = [
    ['10.1.2.3', 'operator'],
    ['10.1.2.3', 'outsider'],
    ['10.1.2.3', 'operator'],
    ['8.8.8.8', 'outsider'],
    ['169.254.169.254', 'operator'],
  ] as const
  expect(asked.map(([host, trust]) => refusalOf(host, trust) !== undefined)).toEqual([
    ...[false, true, false],
    ...[false, true],
  ])
})

test('public addresses are for everybody', () => {
  const t = (typed: string) => expect(refusalOf(hostOf(typed), 'outsider'), typed).toBeUndefined()

  t('1.1.1.1')
  t('172.32.0.1')
  t('100.128.0.1')
  t('[2606:4700::1111]')
  t('[2002:101:101::1]')
  t('hooks.slack.com')
  t('metadata.example.org')
  t('localhost.example.org')
})

test('an address means the same in every form that it has', () => {
  fc.assert(
    fc.property(fc.ipV4(), address => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
      const whole = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d
      const isRefused = (typed: string) => refusalOf(hostOf(typed), 'outsider') !== undefined
      const wanted = isRefused(address)
      expect(isRefused(String(whole))).toBe(wanted)
      expect(isRefused(`0x${whole.toString(16)}`)).toBe(wanted)
      expect(isRefused(`[::ffff:${address}]`)).toBe(wanted)
      // Of 0.0.0.x, what is left is loopback or nothing.
      if (whole > 65_535) expect(isRefused(`[64:ff9b::${address}]`)).toBe(wanted)
    }),
  )
})

describe('names', () => {
  type Addresses = readonly Readonly<{ address: string; family: number }>[]
  const resolved = (...addresses: readonly string[]): typeof lookup =>
    ((_: string, __: object, done: (error: null, all: Addresses) => void) =>
      done(
        null,
        addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as unknown as typeof lookup
  const ask = (trust: 'operator' | 'outsider', all: boolean, ...addresses: readonly string[]) =>
    new Promise<unknown>(resolve =>
      guardedLookup(trust, resolved(...addresses))('name.example.org', { all }, (error, found) =>
        resolve(error === null ? found : error.message),
      ),
    )

  test('are looked at in the look-up that connects', async () => {
    expect(await ask('outsider', false, '1.1.1.1')).toBe('1.1.1.1')
    expect(await ask('outsider', true, '1.1.1.1')).toEqual([{ address: '1.1.1.1', family: 4 }])
    expect(await ask('operator', false, '10.0.0.1')).toBe('10.0.0.1')
    expect(await ask('outsider', false, 'fe80::1%eth0')).toBe('fe80::1 is not on the public Internet')
    expect(await ask('outsider', false, '10.0.0.1')).toBe('10.0.0.1 is not on the public Internet')
    expect(await ask('operator', true, '169.254.169.254')).toBe('169.254.169.254 is a metadata service')
  })

  test('with one bad address among good ones are refused', async () => {
    expect(await ask('outsider', true, '1.1.1.1', '::1')).toBe('::1 is not on the public Internet')
    expect(await ask('operator', true, '10.0.0.1', 'fd00:ec2::254')).toBe(
      'fd00:ec2::254 is a metadata service',
    )
  })

  test('that nobody knows are a failure like any other', async () => {
    const unknown = ((_: string, __: object, done: (error: Error) => void) =>
      done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))) as unknown as typeof lookup
    const error = await new Promise(resolve => guardedLookup('operator', unknown)('x', {}, resolve))
    expect(error).toMatchObject({ code: 'ENOTFOUND' })
  })
})
