// Against the examples of the RFCs, and against a browser with keys of its own.
import { createECDH, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainMax, sealed, sealedMax } from '../../../alerter/web-push/sealed.ts'
import { openBrowser, openedWith } from './browser.ts'

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url')

// RFC 8291, section 5 and appendix A.
const example = {
  plain: 'When I grow up, I want to be a watermelon',
  receiver: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  point: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  sender: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
  salt: 'DGv6ra1nlYgDCS1FRnbzlw',
  body: 'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
}

test('makes of the example of RFC 8291 what stands there', () => {
  const key = createECDH('prime256v1')
  key.setPrivateKey(bytesOf(example.sender))
  const reader = { p256dh: bytesOf(example.point), auth: bytesOf(example.auth) }
  const made = sealed(Buffer.from(example.plain), reader, { salt: bytesOf(example.salt), key })
  expect(made.toString('base64url')).toBe(example.body)
})

test('the browser of these tests reads the examples of RFC 8188 and RFC 8291', () => {
  const browser = openBrowser('https://push.example.net/1', {
    privateKey: bytesOf(example.receiver),
    auth: bytesOf(example.auth),
  })
  expect(browser.subscription().keys.p256dh).toBe(example.point)
  expect(browser.read(bytesOf(example.body))).toBe(example.plain)

  // Sections 3.1 and 3.2: one record, and two with padding.
  const t = (key: string, body: string) =>
    expect(openedWith(bytesOf(key), bytesOf(body))).toBe('I am the walrus')
  t('yqdlZ-tYemfogSmv7Ws5PQ', 'I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg')
  t(
    'BO3ZVPxUlnLORbVGMpbT1Q',
    'uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA',
  )
})

test('any text arrives at whom it is for, and at nobody else', () => {
  const [one, other] = ['1', '2'].map(name => openBrowser(`https://push.example.net/${name}`))
  const { p256dh, auth } = one!.subscription().keys
  const reader = { p256dh: bytesOf(p256dh), auth: bytesOf(auth) }
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), drawn => {
      const text = `磁盘 🔥 ${drawn}`
      const made = sealed(Buffer.from(text), reader)
      expect(one!.read(made)).toBe(text)
      expect(() => other!.read(made)).toThrow()
    }),
    { numRuns: 25 },
  )
})

test('is never the same twice, and at most as long as services take', () => {
  const { p256dh, auth } = openBrowser('https://push.example.net/1').subscription().keys
  const reader = { p256dh: bytesOf(p256dh), auth: bytesOf(auth) }
  expect(sealed(Buffer.from('a'), reader)).not.toEqual(sealed(Buffer.from('a'), reader))
  expect(plainMax).toBe(3_993)
  expect(sealed(randomBytes(plainMax), reader)).toHaveLength(sealedMax)
  expect(() => sealed(randomBytes(plainMax + 1), reader)).toThrow('wanted at most 3993 bytes, found 3994')
})
