// How addresses of Prometheus' API fail that no route answers, and forms that come in parts.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { formOf } from '#core/http/body.ts'
import { text, texts } from '#core/http/parameters.ts'
import { refusalJson } from '#core/http/prometheus-refusal.ts'
import { type Route, route } from '#core/http/route.ts'
import { ask, openStand } from './ask.ts'

const routes: Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/query',
    scope: 'open',
    alsoForm: true,
    failure: refusalJson,
    summary: 'says what it was asked',
    query: z.object({ query: text(''), 'match[]': texts('') }),
    handle: ({ query }) => ({ body: query }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/label/:name/values',
    scope: 'open',
    summary: 'nothing',
    handle: () => ({ body: {} }),
  }),
]

test('errors below /api/v1/ have the shape of Prometheus, in browsers too', async () => {
  await using stand = await openStand(routes, { externalUrl: 'https://p.example.org/below' })
  const t = async (path: string, status: number, errorType: string, method = 'GET') => {
    const reply = await ask(stand.http, path, { method, headers: { accept: 'text/html' } })
    expect([reply.status, reply.json], path).toEqual([
      status,
      { status: 'error', errorType, error: expect.any(String) },
    ])
  }
  await t('/below/api/v1/nothing', 404, 'not_found')
  await t('/below/api/v1/query', 405, 'bad_data', 'DELETE')
  await t('/below/api/v1/label/%ff/values', 400, 'bad_data')
  expect((await ask(stand.http, '/below/api/v2/nothing')).json).toHaveProperty('error.code', 'not_found')
  expect((await ask(stand.http, '/below/x/%ff')).json).toHaveProperty('error.code')
})

test('a form in parts is read like any other', async () => {
  await using stand = await openStand(routes)
  const send = (body: string | FormData, type?: string) =>
    fetch(`${stand.http.origin}/api/v1/query?match[]=c`, {
      method: 'POST',
      body,
      ...(type !== undefined && { headers: { 'content-type': type } }),
    })
  const form = new FormData()
  form.append('query', 'up{host="磁盘"}\n + 1')
  form.append('match[]', 'a')
  form.append('match[]', 'b')
  form.append('file', new Blob(['x']), 'x.txt')
  expect(await (await send(form)).json()).toEqual({
    query: 'up{host="磁盘"}\r\n + 1',
    'match[]': ['a', 'b', 'c'],
  })

  const type = 'multipart/form-data; boundary=x'
  const part = '--x\r\ncontent-disposition: form-data; name=query\r\n\r\nup\r\n'
  expect(await (await send(`${part}--x--\r\n`, type)).json()).toMatchObject({ query: 'up' })
  const t = async (body: string, error: string) => {
    const reply = await send(body, type)
    expect([reply.status, await reply.json()]).toMatchObject([400, { errorType: 'bad_data', error }])
  }
  await t(part, 'the form ends before its last boundary')
  await t(`--y\r\n${part.slice(5)}--y--`, 'a form without its boundary')
  await t('--x\r\nno head\r\n--x--', 'a field of the form has no head')
  await t(`${part.repeat(1_001)}--x--`, 'a form has at most 1000 fields')
})

test('the boundary of a form is the one that its content type names', () => {
  const part = '--x\r\ncontent-disposition: form-data; name="query"\r\n\r\nup\r\n'
  const t = (body: string, fields: object, type = 'multipart/form-data; boundary=x') =>
    expect({ ...formOf(Buffer.from(body), type) }, body).toEqual(fields)
  const up = { query: 'up' }
  // What undici sends of a form without fields.
  t('--x--\r\n', {})
  t('--x--', {})
  t('', {})
  t(`\r\n${part}--x--`, up)
  t(`for those who know no forms: --x\r\n${part}--x--\r\nthe end`, up)
  t(`${part.replace('--x', '--x \t')}--x--`, up)
  t(`${part.replace('up', 'up\r\n--xy')}--x--`, { query: 'up\r\n--xy' })
  const quoted = part.replace('--x', '--a b:c')
  t(`${quoted}--a b:c--`, up, 'Multipart/Form-Data; charset=utf-8; Boundary="a b:c"')
  // Another one than a form that is urlencoded has.
  t('--x--=1', { '--x--': '1' }, 'application/x-www-form-urlencoded')

  const bad = (body: string, type = 'multipart/form-data; boundary=x') =>
    expect(() => formOf(Buffer.from(body), type), body).toThrow('a form without its boundary')
  bad(`${part}--x--`, 'multipart/form-data')
  bad(`${part}--x--`, 'multipart/form-data; boundary=""')
  bad(`${part}--x--`.replaceAll('\r\n', '\n'))
  bad('query=up')
  bad('--x')
})
