// What is particular to one service, beyond the contract that all keep and the samples in their folders.
import { describe, expect, test } from 'vitest'
import type { Around, HttpChannel, Outgoing } from '../../../alerter/channel.ts'
import { signed } from '../../../alerter/channels/dingtalk/index.ts'
import { signatureOf } from '../../../alerter/channels/feishu/index.ts'
import { channels } from '../../../alerter/channels/index.ts'
import type { Message } from '../../../alerter/message.ts'
import { alertOf, ended, messageOf, messages, startMs } from '../messages.ts'

const around: Around = { nowMs: startMs, random: () => 0.5 }
const channelOf = (name: string): HttpChannel<unknown> => channels[name] as HttpChannel<unknown>

function send(name: string, settings: object, message: Message, more: Partial<Around> = {}): Outgoing {
  const channel = channelOf(name)
  const [outgoing] = channel.requests(message, channel.settings.parse(settings), { ...around, ...more })
  return outgoing!
}
const bodyOf = (...of: Parameters<typeof send>) => JSON.parse(String(send(...of).body))

describe('signatures, as openssl makes them', () => {
  test('of DingTalk: the secret signs the time and itself', () => {
    // printf '%s\n%s' 1795251600120 SEC0123456789abcdef |
    //   openssl dgst -sha256 -hmac SEC0123456789abcdef -binary | base64
    const sign = encodeURIComponent('405LV3/z6eKA/jo9TFQyn9ESsO1yLAtSKjkh03oHz+k=')
    const url = 'https://oapi.dingtalk.com/robot/send?access_token=x'
    expect(signed(url, 'SEC0123456789abcdef', 1_795_251_600_120)).toBe(
      `${url}&timestamp=1795251600120&sign=${sign}`,
    )
    expect(signed(url, undefined, 1)).toBe(url)
    expect(signed('http://a/', 'k', 1)).toContain('http://a/?timestamp=1&sign=')
  })

  test('of Feishu: the time and the secret sign nothing', () => {
    // printf '' | openssl dgst -sha256 -mac HMAC \
    //   -macopt hexkey:$(printf '1795251600\n0123456789abcdef' | xxd -p | tr -d '\n') -binary | base64
    expect(signatureOf('0123456789abcdef', 1_795_251_600_999)).toEqual({
      timestamp: '1795251600',
      sign: 'VxnjE88tDtM9BPZUyZhsfsp8ecmNLARHU0s65AUvO5s=',
    })
    expect(signatureOf(undefined, 1)).toEqual({})
  })
})

describe('webhook', () => {
  test('what a notice brings for programs stands behind the fields of Alertmanager', () => {
    const data = { kind: 'capacity_request', request: { number: 17 } }
    const notice = messageOf({ kind: 'notice', alerts: [], incident: null, title: 'Request 17', data })
    const body = bodyOf('webhook', { url }, notice)
    expect(Object.keys(body).slice(-2)).toEqual(['truncatedAlerts', 'data'])
    expect(body).toMatchObject({ data, version: '4', alerts: [{ labels: { alertname: 'PlimsollNotice' } }] })
    expect(bodyOf('webhook', { url }, messageOf())).not.toHaveProperty('data')
  })

  test('who has taken the incident over stands there too, once somebody has', () => {
    const acknowledged = { by: '+8613800138000', atMs: Date.UTC(2026, 10, 21, 9) }
    const body = bodyOf('webhook', { url }, messageOf({ acknowledged }))
    expect(Object.keys(body).slice(-2)).toEqual(['truncatedAlerts', 'acknowledged'])
    expect(body.acknowledged).toEqual({ by: '+8613800138000', at: '2026-11-21T09:00:00Z' })
    expect(bodyOf('webhook', { url }, messageOf())).not.toHaveProperty('acknowledged')
  })

  const url = 'http://127.0.0.1/'
  const alerts = Array.from({ length: 5 }, () => alertOf())

  test('counts what it leaves out', () => {
    const t = (settings: object, firing: number, wanted: readonly [number, number]) => {
      const truncated = { firing, resolved: 0 }
      const body = bodyOf('webhook', { url, ...settings }, messageOf({ alerts, truncated }))
      expect([body.alerts.length, body.truncatedAlerts]).toEqual(wanted)
    }

    t({}, 0, [5, 0])
    t({ max_alerts: 0 }, 7, [5, 7])
    t({ max_alerts: 3 }, 0, [3, 2])
    t({ max_alerts: 3 }, 7, [3, 9])
    t({ max_alerts: 5 }, 0, [5, 0])
  })

  test('has the fields of Alertmanager in its order, and its times', () => {
    const body = bodyOf('webhook', { url }, ended)
    expect(Object.keys(body)).toEqual([
      'receiver',
      'status',
      'alerts',
      'groupLabels',
      'commonLabels',
      'commonAnnotations',
      'externalURL',
      'version',
      'groupKey',
      'truncatedAlerts',
    ])
    expect(Object.keys(body.alerts[0])).toEqual([
      'status',
      'labels',
      'annotations',
      'startsAt',
      'endsAt',
      'generatorURL',
      'fingerprint',
    ])
    const t = (startsAtMs: number, text: string) =>
      expect(
        bodyOf('webhook', { url }, messageOf({ alerts: [alertOf({ startsAtMs })] })).alerts[0].startsAt,
      ).toBe(text)

    t(Date.UTC(2026, 0, 2, 3, 4, 5), '2026-01-02T03:04:05Z')
    t(Date.UTC(2026, 0, 2, 3, 4, 5, 100), '2026-01-02T03:04:05.1Z')
    t(Date.UTC(2026, 0, 2, 3, 4, 5, 20), '2026-01-02T03:04:05.02Z')
    t(Date.UTC(2026, 0, 2, 3, 4, 5, 7), '2026-01-02T03:04:05.007Z')
  })

  test('an end that lies ahead is no end', () => {
    const [alert] = bodyOf(
      'webhook',
      { url },
      messageOf({ alerts: [alertOf({ endsAtMs: startMs + 60_000 })] }),
    ).alerts
    expect(alert.endsAt).toBe('0001-01-01T00:00:00Z')
  })

  test('a notice is an alert, since readers go through those', () => {
    const { alerts: told, status } = bodyOf('webhook', { url }, messages['notice']!)
    expect(status).toBe('firing')
    expect(told).toMatchObject([
      {
        status: 'firing',
        labels: { alertname: 'PlimsollNotice', receiver: 'ops' },
        annotations: { summary: 'Expansion request for November' },
      },
    ])
  })

  test('its address may be a template, as far as the host is the same', () => {
    const template = 'http://hooks.example.org/{{ .CommonLabels.team }}'
    const urlOf = (rendered?: string) => {
      const texts = rendered === undefined ? {} : { url: rendered }
      return send('webhook', { url: template }, messageOf(), { texts }).url
    }
    const t = (rendered: string | undefined, wanted: string) => expect(() => urlOf(rendered)).toThrow(wanted)

    expect(urlOf('http://hooks.example.org/db?x=1')).toBe('http://hooks.example.org/db?x=1')
    t('http://169.254.169.254/', 'leads elsewhere')
    t('http://hooks.example.org@evil.example.org/', 'leads elsewhere')
    t('https://hooks.example.org/db', 'leads elsewhere')
    t('nowhere', 'leads elsewhere')
    t(' ', 'gave nothing')
    t(undefined, 'gave nothing')
    const { settings, texts } = channelOf('webhook')
    expect(texts?.(settings.parse({ url: template }))).toEqual({ url: template })
    expect(texts?.(settings.parse({ url }))).toEqual({})
    expect(() => settings.parse({ url: 'http://{{ .Host }}/' })).toThrow('an address')
  })

  test('a signature is of its second', () => {
    const sign = (nowMs: number) =>
      send('webhook', { url, secret: 's3cret' }, messageOf(), { nowMs }).headers['x-plimsoll-signature']
    expect(sign(startMs)).toMatch(/^t=1795251600,v1=[\da-f]{64}$/)
    expect(sign(startMs + 1_000)).not.toBe(sign(startMs))
    expect(send('webhook', { url }, messageOf()).headers).not.toHaveProperty('x-plimsoll-signature')
  })
})

describe('slack', () => {
  test('answers in the thread of the first message, where there is an API', () => {
    const channel = channelOf('slack')
    const token = { app_token: 'xoxb-s3cret', channel: 'C1' }
    const verdict = channel.verdict(
      { status: 200, headers: {}, body: '{"ok":true,"channel":"C1","ts":"17.2"}' },
      channel.settings.parse(token),
      around,
    )
    const { receipt: before } = verdict as { receipt: string }
    expect(bodyOf('slack', token, ended, { before }).thread_ts).toBe('17.2')
    expect(bodyOf('slack', token, ended).thread_ts).toBeUndefined()
    expect(
      bodyOf('slack', { api_url: 'https://hooks.slack.com/x' }, ended, { before }).thread_ts,
    ).toBeUndefined()
  })

  test('wants a way in, and a room beside a token', () => {
    const { settings } = channelOf('slack')
    expect(() => settings.parse({ channel: 'C1' })).toThrow('api_url or app_token')
    expect(() => settings.parse({ app_token: 'x' })).toThrow('the channel')
  })
})

describe('telegram', () => {
  const settings = { bot_token: '1:s3cret', chat_id: -100 }

  test('answers the first message, and is quiet about what can wait', () => {
    const first = { message_id: 42, allow_sending_without_reply: true }
    expect(bodyOf('telegram', settings, ended, { before: '42' }).reply_parameters).toEqual(first)
    expect(bodyOf('telegram', settings, ended, { before: 'C1:17.2' }).reply_parameters).toBeUndefined()
    expect(bodyOf('telegram', settings, messageOf()).disable_notification).toBe(false)
    expect(bodyOf('telegram', settings, messageOf({ urgency: 'low' })).disable_notification).toBe(true)
  })

  test('shows a picture with its text below it', async () => {
    const picture = Uint8Array.from([1, 2, 3])
    const { url, headers, body } = send('telegram', settings, messageOf({ picture }))
    expect(url).toBe('https://api.telegram.org/bot1:s3cret/sendPhoto')
    const form = await new Response(Buffer.from(body as Uint8Array), {
      headers: { 'content-type': headers['content-type']! },
    }).formData()
    expect(form.get('chat_id')).toBe('-100')
    expect(form.get('caption')).toContain('<b>db-7: disk /var is 94 % full</b>')
    expect(JSON.parse(String(form.get('reply_markup'))).inline_keyboard[0][0].text).toBe('Open')
    expect(new Uint8Array(await (form.get('photo') as File).arrayBuffer())).toEqual(picture)
  })

  test('a group has stricter limits than a person', () => {
    const { settings: schema, budgets } = channelOf('telegram')
    const perChat = (chat_id: unknown) => budgets(schema.parse({ ...settings, chat_id }))[1]
    expect(perChat(-100)).toMatchObject({ times: 5, perMs: 20_000 })
    expect(perChat('@ops')).toMatchObject({ times: 5, perMs: 20_000 })
    expect(perChat(17)).toMatchObject({ times: 1, perMs: 1_500 })
  })
})

describe('pagerduty', () => {
  const settings = { routing_key: 's3cret-key' }

  test("the key of a group is Alertmanager's, so that we close what it opened", () => {
    // printf '{}/{team="a"}:{alertname="DiskFull"}' | sha256sum
    const key = '1b8922acf126bb78d4887cbc9876efa6083fbc10807c90c575af6ebaa94f4792'
    expect(bodyOf('pagerduty', settings, messageOf())).toMatchObject({
      event_action: 'trigger',
      dedup_key: key,
    })
    expect(bodyOf('pagerduty', settings, ended)).toMatchObject({ event_action: 'resolve', dedup_key: key })
  })

  test('what nobody has to handle opens no incident', () => {
    for (const kind of ['notice', 'canary']) {
      const { url, body } = send('pagerduty', settings, messages[kind]!)
      expect(url, kind).toBe('https://events.pagerduty.com/v2/change/enqueue')
      expect(String(body), kind).not.toContain('event_action')
    }
  })

  test('takes only the severities that there are', () => {
    const t = (given: object, message: Message, wanted: string) =>
      expect(bodyOf('pagerduty', { ...settings, ...given }, message).payload.severity).toBe(wanted)

    t({}, messageOf(), 'critical')
    t({}, messageOf({ urgency: 'normal' }), 'error')
    t({}, messageOf({ urgency: 'low' }), 'info')
    t({ severity: 'warning' }, messageOf(), 'warning')
    t({ severity: 'page' }, messageOf(), 'critical')
    t({ severity: '{{ .X }}' }, messageOf(), 'critical')
  })
})

test('the older API of pagerduty is slow where it says that it is closed', () => {
  const channel = channelOf('pagerduty')
  const t = (status: number, body: string, wanted: object) =>
    expect(
      channel.verdict(
        { status, headers: {}, body },
        channel.settings.parse({ service_key: 's3cret-key' }),
        around,
      ),
    ).toMatchObject(wanted)

  t(200, '{"status":"success","message":"Event processed","incident_key":"k"}', {
    kind: 'delivered',
    receipt: 'k',
  })
  t(403, 'Throttled', { kind: 'later' })
  t(400, '{"status":"invalid event","errors":["Service key is the wrong length"]}', { because: 'settings' })
  expect(bodyOf('pagerduty', { service_key: 's3cret-key' }, messages['canary']!).event_type).toBe('resolve')
})

test('dingtalk says its keyword once', () => {
  const url = 'https://oapi.dingtalk.com/robot/send?access_token=x'
  const title = (keyword: string) => bodyOf('dingtalk', { url, keyword }, messageOf()).markdown.title
  expect(title('disk')).toBe('🔴 db-7: disk /var is 94 % full')
  expect(title('告警')).toBe('🔴 db-7: disk /var is 94 % full (告警)')
})

test('wecom speaks text where numbers are called, and Markdown else', () => {
  const url = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x'
  const t = (at: object, message: Message, msgtype: string) =>
    expect(bodyOf('wecom', { url, at }, message).msgtype).toBe(msgtype)

  t({}, messageOf(), 'markdown')
  t({ users: ['ann'] }, messageOf(), 'markdown')
  t({ mobiles: ['138'] }, messageOf(), 'text')
  t({ all: true }, messageOf(), 'text')
  t({ all: true }, ended, 'markdown')
})

test('discord keeps what stands in the address, and calls roles by theirs', () => {
  const webhook_url = 'https://discord.com/api/webhooks/1/s3cret?thread_id=5'
  const { url } = send('discord', { webhook_url }, messageOf())
  expect(url).toBe('https://discord.com/api/webhooks/1/s3cret?thread_id=5&wait=true')
  expect(() => channelOf('discord').settings.parse({ webhook_url, at: { users: ['ann'] } })).toThrow(
    'role:NUMBER',
  )
})

test('discord calls first, and the own text has what is left of 2 000 characters', () => {
  const webhook_url = 'https://discord.com/api/webhooks/1/s3cret'
  const idOf = (_: unknown, nth: number): string => String(10n ** 18n + BigInt(nth))
  const users = (count: number) => ['role:777777', ...Array.from({ length: count }, idOf)]
  const t = (at: object, own: string, wanted: readonly [number, number]) => {
    const settings = { webhook_url, at, content: '{{ .X }}' }
    const { content, allowed_mentions: allowed } = bodyOf('discord', settings, messageOf(), {
      texts: { content: own },
    })
    expect([content.length, allowed.users.length]).toEqual(wanted)
    expect(content).toMatch(/^@everyone <@&777777> /)
    for (const id of allowed.users) expect(content).toContain(`<@${id}>`)
    return content
  }

  expect(t({ users: users(2), all: true }, 'own', [70, 2])).toMatch(/> own$/)
  expect(t({ users: users(22), all: true }, 'y'.repeat(3_000), [2_000, 22])).toMatch(/> y+…$/)
  t({ users: users(90), all: true }, 'own', [2_000, 86])
  // Nobody is named, and there is nothing to say.
  expect(bodyOf('discord', { webhook_url }, messageOf()).content).toBeUndefined()
})

test('two robots have two budgets, and a name that is no secret', () => {
  const keyOf = (token: string): string | undefined => {
    const { settings, budgets } = channelOf('dingtalk')
    return budgets(settings.parse({ url: `https://oapi.dingtalk.com/robot/send?access_token=${token}` }))[0]
      ?.key
  }
  expect(keyOf('one')).not.toBe(keyOf('two'))
  expect(keyOf('one')).toBe(keyOf('one'))
  expect(keyOf('s3cret')).not.toContain('s3cret')
})

describe('several lines without a label', () => {
  const alerts = ['a', 'b'].map(host => alertOf({ labels: { alertname: 'DiskFull', host } }))
  const message = messageOf({ alerts })

  test('are one detail of PagerDuty', () => {
    const { payload } = bodyOf('pagerduty', { routing_key: 'k3y' }, message)
    expect(payload.custom_details.text).toBe('• a: disk /var is 94 % full\n• b: disk /var is 94 % full')
  })

  test('are quoted by WeCom to their last line, unless the operator wrote them', () => {
    const description = 'first\n# second'
    const told = messageOf({ alerts: [alertOf({ annotations: { summary: 'x', description } }), ...alerts] })
    const contentOf = (settings: object, more: Partial<Around> = {}): string[] =>
      bodyOf('wecom', { url: 'http://127.0.0.1/?key=k', ...settings }, told, more).markdown.content.split(
        '\n',
      )
    const lines = contentOf({}).slice(1, -1)
    expect(lines.filter(line => !line.startsWith('> '))).toEqual([])
    const single = bodyOf(
      'wecom',
      { url: 'http://127.0.0.1/' },
      messageOf({ alerts: told.alerts.slice(0, 1) }),
    )
    expect(single.markdown.content).toContain('\n> What: first\n> ＃ second\n')
    const own = contentOf({ text: '{{ .Status }}' }, { texts: { text: 'one\ntwo' } })
    expect(own.slice(1, 3)).toEqual(['one', 'two'])
  })
})
