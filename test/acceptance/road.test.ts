import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readConfig } from '#core/config.ts'
import { openEngines } from '../../bin/engines.ts'
import { world } from './world.ts'

test('what is sent is stored, answered, and still there after a restart', async () => {
  await using w = await world()

  expect(
    (await w.write('room_temperature,room=kitchen value=21.5\nroom_temperature,room=hall value=19')).status,
  ).toBe(204)
  expect(await w.values('room_temperature')).toEqual(['21.5', '19'])

  await w.restart()

  expect(await w.values('room_temperature{room="hall"}')).toEqual(['19'])
})

test('good lines of a batch are kept, bad ones are counted and named', async () => {
  await using w = await world()
  const bad = 'up value=1\nup,host= value=2\nup,host=a value=3\n'

  const answer = await w.write(bad)
  expect([answer.status, answer.headers.get('x-plimsoll-rejected')]).toEqual([204, '1'])
  expect(await w.values('up')).toEqual(['1', '3'])

  const strict = await w.write(bad, '?strict=1')
  expect(strict.status).toBe(400)
  expect(await strict.json()).toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('line 2, column'),
  })
  const metrics = await (await w.ask('/metrics')).text()
  expect(metrics).toMatch(/plimsoll_gateway_rejected_total\{[^}]*\} 2/)
})

test('packed bodies, all precisions, and the hint for the wrong one', async () => {
  await using w = await world()
  const seconds = Math.floor(Date.now() / 1_000)
  const t = async (precision: string, time: string) => {
    const answer = await w.write(gzipSync(`p,of=${precision} value=1 ${time}`), `?precision=${precision}`, {
      'content-encoding': 'gzip',
    })
    expect(answer.status, precision).toBe(204)
  }
  await t('ns', `${seconds}000000000`)
  await t('us', `${seconds}000000`)
  await t('ms', `${seconds}000`)
  await t('s', `${seconds}`)
  expect(await w.values('p')).toEqual(['1', '1', '1', '1'])

  const wrong = await w.write(`p value=1 ${seconds}`, '?precision=ms')
  expect(wrong.status).toBe(400)
  expect(await wrong.text()).toMatch(/precision=s\b/)
})

test('no address but the open ones answers without a login', async () => {
  await using w = await world()
  const { paths } = (await (await w.ask('/api/plimsoll/v1/openapi.json')).json()) as {
    paths: Record<string, Record<string, object>>
  }
  const open: string[] = []
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const url = w.service.origin + path.replace(/\{\w+\}/g, 'x')
      const { status } = await fetch(url, { method: method.toUpperCase(), redirect: 'manual' })
      if (!('security' in operation)) open.push(`${method} ${path}`)
      else expect(status, `${method} ${path}`).toBe(401)
    }
  }

  // Who opens another one to everyone does it here too.
  expect(open.sort()).toEqual([
    'get /-/healthy',
    'get /-/ready',
    'get /api/plimsoll/v1/callbacks/{channel}',
    'get /api/plimsoll/v1/callbacks/{channel}/{key}',
    'get /api/plimsoll/v1/me',
    'get /health',
    'get /login',
    'get /ping',
    'get /push-icon-512.png',
    'get /push-icon.png',
    'get /push.webmanifest',
    'get /welcome',
    'post /api/plimsoll/v1/callbacks/{channel}',
    'post /api/plimsoll/v1/callbacks/{channel}/{key}',
    'post /api/plimsoll/v1/me/password',
    'post /login',
    'post /logout',
    'post /welcome',
  ])
})

test('the first link makes the administrator, once', async () => {
  await using w = await world()
  const link = w.service.origin + w.service.welcome?.reveal()
  const code = new URL(link).searchParams.get('code') ?? ''
  const form = { code, name: 'keeper', password: 'a long enough one', again: 'a long enough one' }
  const send = () =>
    fetch(link, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'manual',
      headers: { origin: w.service.origin },
    })
  const page = await (await fetch(link)).text()
  for (const name of Object.keys(form)) expect(page).toContain(`name="${name}"`)

  const made = await send()
  expect([made.status, made.headers.get('location')]).toEqual([303, '/'])
  const cookie = made.headers.get('set-cookie')?.split(';')[0] ?? ''
  const me = await fetch(`${w.service.origin}/api/plimsoll/v1/me`, { headers: { cookie } })
  expect(await me.json()).toMatchObject({ name: 'keeper' })
  expect((await send()).status).toBeGreaterThanOrEqual(400)
})

test('a second service is refused the folder, and told who holds it', async () => {
  await using w = await world()

  const read = readConfig({ env: {}, overrides: { data: w.data } })
  if (!read.ok) throw new Error('the default configuration is bad')
  await expect(openEngines(read.config)).rejects.toThrow(`held by process ${process.pid}`)
})

test('a backup of the running service can be opened as a data folder', async () => {
  await using w = await world()
  await w.write('up value=7')
  const folder = `${w.data}-copy`
  const answer = await w.ask('/api/plimsoll/v1/backup', {
    method: 'POST',
    body: JSON.stringify({ folder }),
    headers: { 'content-type': 'application/json' },
  })
  const { files } = (await answer.json()) as { files: { name: string }[] }

  expect(answer.status).toBe(200)
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'state.sqlite',
      'store/series.log',
      expect.stringMatching(/^store\/segments\/.*\.seg$/),
    ]),
  )
})
