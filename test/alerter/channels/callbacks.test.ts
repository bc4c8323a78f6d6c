// Where requests say that the service shall call back: here, where that would be believed.
import { expect, test } from 'vitest'
import type { HttpChannel } from '../../../alerter/channel.ts'
import { channels } from '../../../alerter/channels/index.ts'
import { callers } from '../fake-services/callers.ts'
import { messageOf, startMs } from '../messages.ts'

const callback = 'https://p.example.org/api/plimsoll/v1/callbacks/ops'
const key = 'k3y-of-the-callback-0123456789'

function formOf(name: string, more: object, at: string | undefined): URLSearchParams {
  const channel = channels[name] as HttpChannel<unknown>
  const { callback_key: _, ...settings } = callers[name]!.settings
  const around = { nowMs: startMs, random: () => 0.5, ...(at !== undefined && { callback: at }) }
  const [request] = channel.requests(messageOf(), channel.settings.parse({ ...settings, ...more }), around)
  return new URLSearchParams(String(request!.body))
}

test('Twilio is told where to say what became of a message', () => {
  const t = (more: object, at: string | undefined, wanted: string | null) => {
    for (const name of ['sms-twilio', 'voice-twilio'])
      expect(formOf(name, more, at).get('StatusCallback'), name).toBe(wanted)
  }

  t({}, callback, callback)
  t({}, undefined, null)
  t({ status_callback: 'https://other.example.org/x' }, callback, 'https://other.example.org/x')
  t({ status_callback: false }, callback, null)
  // Its calls could not be known from others.
  t({ api_key_sid: 'SK1' }, callback, null)
  t({ api_key_sid: 'SK1', signing_token: 'T' }, callback, callback)
})

test('a call asks for a key only where somebody hears it', () => {
  const t = (more: object, at: string | undefined, wanted: string | undefined) => {
    const twiml = formOf('voice-twilio', more, at).get('Twiml') ?? ''
    expect(/<Gather [^>]*action="([^"]*)"/.exec(twiml)?.[1]).toBe(wanted)
  }

  t({}, callback, `${callback}?incident=4711`)
  t({}, undefined, undefined)
  t({ api_key_sid: 'SK1' }, callback, undefined)
  t({ answer_url: 'https://o.example.org/k' }, callback, 'https://o.example.org/k?incident=4711')
})

test('Vonage is told so where a key or a signature proves its calls', () => {
  const t = (more: object, at: string | undefined, wanted: string | null) =>
    expect(formOf('sms-vonage', more, at).get('callback')).toBe(wanted)

  t({}, callback, null)
  t({ callback_key: key }, callback, `${callback}/${key}`)
  t({ callback_key: key }, undefined, null)
  t({ signature_secret: 'S' }, callback, callback)
  t({ status_callback: 'https://o.example.org/x', callback_key: key }, callback, 'https://o.example.org/x')
})

test('a key is long, fits into an address, and prints as stars', () => {
  const { settings } = channels['sms-aliyun']!
  const t = (written: string, isGood: boolean) =>
    expect(
      settings.safeParse({ ...callers['sms-aliyun']!.settings, callback_key: written }).success,
      written,
    ).toBe(isGood)

  t(key, true)
  t('short', false)
  t('with/slash-0123456789', false)
  t('', false)
  expect(JSON.stringify(settings.parse(callers['sms-aliyun']!.settings))).not.toContain(key)
})
