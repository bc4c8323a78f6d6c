// Who can reach an address, and by which origin a caller on this machine does.
import { expect, test } from 'vitest'
import { houseOf, originOf } from '#core/http/listen.ts'
import { byWord } from './ask.ts'

test('an address of the machine alone is known as such', () => {
  const t = (host: string, loopback: boolean) =>
    expect(houseOf({ listen: { host, port: 1 }, authorise: byWord }).loopback, host).toBe(loopback)
  t('127.0.0.1', true)
  t('127.8.8.8', true)
  t('::1', true)
  t('localhost', true)
  t('0.0.0.0', false)
  t('::', false)
  t('192.168.1.127', false)
  t('monitor.lan', false)
})

test('the outer name is that of external_url, port included where it is not the usual one', () => {
  const t = (externalUrl: string | undefined, host: string | undefined) => {
    const listen = { host: '127.0.0.1', port: 1 }
    const house = houseOf({ listen, authorise: byWord, ...(externalUrl && { externalUrl }) })
    expect(house.externalHost, externalUrl).toBe(host)
  }
  t(undefined, undefined)
  t('https://Plimsoll.example.org/', 'plimsoll.example.org')
  t('https://plimsoll.example.org:443', 'plimsoll.example.org')
  t('http://plimsoll.example.org:1876/base', 'plimsoll.example.org:1876')
})

test('an origin can be asked from this machine', () => {
  const t = (host: string, origin: string) => expect(originOf(host, 1876)).toBe(origin)
  t('127.0.0.1', 'http://127.0.0.1:1876')
  t('0.0.0.0', 'http://127.0.0.1:1876')
  t('::', 'http://127.0.0.1:1876')
  t('::1', 'http://[::1]:1876')
  t('localhost', 'http://localhost:1876')
})
