import { expect, test } from 'vitest'
import { multipart } from '../../alerter/multipart.ts'

test('a form reads back as it was, bytes included', async () => {
  const picture = Uint8Array.from([0x89, 0x50, 0, 255, 13, 10, 45, 45])
  const { type, body } = multipart([
    { name: 'caption', body: 'a & b\r\n--c 磁盘' },
    { name: 'photo', file: 'last-hour.png', type: 'image/png', body: picture },
  ])
  // Node's own reader of forms.
  const form = await new Response(Buffer.from(body), { headers: { 'content-type': type } }).formData()
  expect(form.get('caption')).toBe('a & b\r\n--c 磁盘')
  const file = form.get('photo') as File
  expect([file.name, file.type]).toEqual(['last-hour.png', 'image/png'])
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(picture)
})

test('the same form has the same bytes, and another another boundary', () => {
  const [first, second, other] = ['a', 'a', 'b'].map(body => multipart([{ name: 'x', body }]))
  expect(second).toEqual(first)
  expect(other?.type).not.toBe(first?.type)
})
