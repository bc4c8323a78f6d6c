// Who can reach an address, and by which origin a caller on this machine does.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { houseOf, listenOn, originOf } from '#core/http/listen.ts'
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

test('callers who cannot be let in for a moment do not end the server', async () => {
  const server = createServer(socket => socket.end())
  onTestFinished(() => void server.close())
  await listenOn(server, { host: '127.0.0.1', port: 0 })
  for (let times = 0; times < 2; times++) server.emit('error', new Error('accept ENOBUFS'))
  const { port } = server.address() as AddressInfo
  await once(connect(port, '127.0.0.1'), 'connect')
})

test('an address that is taken is refused by name, and leaves no listener behind', async () => {
  const [taken, server] = [createServer(), createServer()]
  onTestFinished(() => void taken.close())
  await listenOn(taken, { host: '127.0.0.1', port: 0 })
  const { port } = taken.address() as AddressInfo
  await expect(listenOn(server, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'port_in_use' })
  expect(server.listenerCount('error')).toBe(0)
})
