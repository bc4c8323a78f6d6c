import { createServer } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { realClock } from '#core/clock.ts'
import { guardedLookup } from '#core/guard.ts'
import { Wire } from '#core/store/prometheus/wire.ts'

const settings = { url: '', write: '', headers: {} }

async function server() {
  let asked = 0
  const made = createServer((_, response) => {
    asked++
    response.end('fine')
  })
  await new Promise<void>(resolve => made.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void made.close())
  return { port: (made.address() as AddressInfo).port, asked: () => asked }
}

// A name server that says what a test wants.
const saying = (address: string): LookupFunction =>
  guardedLookup('operator', ((_: string, __: object, done: (error: null, all: object[]) => void) =>
    done(null, [{ address, family: 4 }])) as never)

async function asking(url: string, lookup?: LookupFunction) {
  const wire = new Wire(settings, realClock, undefined, lookup)
  onTestFinished(() => wire.close())
  return wire.call({ method: 'GET', url }, 5_000, async () => 'read')
}

test('asks what the operator named, and nothing of the metadata services of clouds', async () => {
  const { port, asked } = await server()
  const t = async (host: string, lookup?: LookupFunction) =>
    expect(asking(`http://${host}:${port}/api`, lookup), host).rejects.toMatchObject({
      code: 'store_refused',
      detail: expect.stringContaining('is a metadata service'),
    })
  await t('169.254.169.254')
  await t('[fd00:ec2::254]')
  await t('metadata.google.internal')
  // By whatever name.
  await t('prometheus.example.org', saying('169.254.169.254'))
  expect(asked()).toBe(0)
  expect(await asking(`http://name.example.org:${port}/api`, saying('127.0.0.1'))).toMatchObject({ ok: true })
  expect(asked()).toBe(1)
})
