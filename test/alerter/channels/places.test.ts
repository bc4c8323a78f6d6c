// Receivers of Alertmanager's file whose place is a template: whom to tell, not what to say. Rendered as delivery does.
import { describe, expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { readAlertmanager } from '../../../alerter/alertmanager.ts'
import type { Channel, HttpChannel } from '../../../alerter/channel.ts'
import { settingsFrom } from '../../../alerter/channels/from-alertmanager.ts'
import { channels } from '../../../alerter/channels/index.ts'
import { compose } from '../../../alerter/channels/mail/compose.ts'
import { channel as mail } from '../../../alerter/channels/mail/index.ts'
import type { Settings } from '../../../alerter/channels/mail/settings.ts'
import { placesFor, textsFor } from '../../../alerter/template/texts.ts'
import { openTemplates } from '../../../alerter/template.ts'
import { messageOf, startMs } from '../messages.ts'

const templates = openTemplates([
  { name: 'a.tmpl', text: '{{ define "to" }}{{ .CommonLabels.team }}@x.org{{ end }}' },
])
const messageBy = (labels: Readonly<Record<string, string>>) =>
  messageOf({ commonLabels: labelsOf(Object.entries(labels)) })
const db = messageBy({ team: 'db', key: 'k3y-of-db' })

function read(receiver: string) {
  const text = `route: {receiver: it}\nreceivers:\n- name: it\n  ${receiver}\n`
  const { config, problems } = readAlertmanager(text, { file: 'alertmanager.yml' })
  expect(problems).toEqual([])
  const [integration] = config!.receivers.get('it')!.integrations
  const found = settingsFrom(integration!.channel, integration!.settings as object)
  if (!found.ok) throw new Error(found.problems.join('\n'))
  return { name: integration!.channel, settings: found.settings }
}

function opened(receiver: string, message = db) {
  const { name, settings } = read(receiver)
  const channel = channels[name] as Channel
  const { texts, failures, isLost } = textsFor(templates, channel, settings, message)
  const around = { nowMs: startMs, random: () => 0, texts }
  const requests = () => (channel as HttpChannel<unknown>).requests(message, settings, around)
  return { channel: channel as HttpChannel<unknown>, settings, texts, failures, isLost, around, requests }
}

describe('webhook', () => {
  const at = (path: string) => `webhook_configs: [{url: 'http://h.example.org/s3cret/${path}'}]`

  test('goes where its template says, and nowhere where that says nothing', () => {
    const t = (path: string, wanted: string, message = db) =>
      expect(() => {
        throw new Error(opened(at(path), message).requests()[0]!.url)
      }).toThrow(wanted)

    t('{{ .CommonLabels.team }}', 'http://h.example.org/s3cret/db')
    t('{{ .Nope.Nothing }}', 'url is a template, which gave nothing for this message')
    t('{{ template "none" . }}', 'url is a template, which gave nothing for this message')
    // Without alerts too it has to go somewhere.
    const canary = messageOf({ kind: 'canary', alerts: [] })
    t('{{ .CommonLabels.team }}/x', 'http://h.example.org/s3cret//x', canary)
    t('{{ .Status }}', 'http://h.example.org/s3cret/firing', canary)
  })

  test('what is wrong with an address is told without it', () => {
    const { failures, isLost } = opened(at('{{ .Nope.Nothing }}'))
    expect(isLost).toBe(true)
    expect(failures).toEqual([expect.stringMatching(/^webhook\.url: its template fails/)])
    expect(failures.join()).not.toMatch(/s3cret|Nope/)
  })

  test('what a template made of an address is in no reason', () => {
    const { channel, settings, around } = opened(
      at('{{ if eq .Status "firing" }}TOKEN-A/{{ .CommonLabels.key }}{{ end }}'),
    )
    const t = (status: number, body: string) =>
      channel.verdict({ status, headers: {}, body }, settings, around)
    const wanted = { kind: 'refused', because: 'settings', reason: 'answered 404: no route POST /***/***' }
    expect(t(404, 'no route POST /TOKEN-A/k3y-of-db')).toEqual(wanted)
    expect(JSON.stringify(t(500, `${around.texts['url']} fails`))).not.toMatch(/TOKEN-A|k3y-of-db/)
    expect(t(200, 'TOKEN-A')).toEqual({ kind: 'delivered' })
  })
})

test('of a message in our own words, the places alone are those of templates', () => {
  const { name, settings } = read(
    "slack_configs: [{api_url: 'http://h.example.org/x', title: '{{ .Status }}'}]",
  )
  expect(placesFor(templates, channels[name] as Channel, settings, db).texts).toEqual({})
  const mail = read(
    "email_configs: [{to: '{{ .CommonLabels.team }}@x.org', from: a@x.org, smarthost: 'x.org:25', text: '{{ .Status }}'}]",
  )
  expect(placesFor(templates, channels['mail'] as Channel, mail.settings, db).texts).toEqual({
    to: 'db@x.org',
  })
})

describe('pagerduty', () => {
  const by = (key: string) => `pagerduty_configs: [{routing_key: '${key}'}]`

  test('the key is that of its template, or nothing is sent', () => {
    const { requests, texts } = opened(by('{{ .CommonLabels.key }}'))
    expect(texts).toMatchObject({ routing_key: 'k3y-of-db' })
    expect(JSON.parse(String(requests()[0]!.body)).routing_key).toBe('k3y-of-db')
    for (const key of ['{{ .CommonLabels.absent }}', '{{ .Nope.Nothing }}'])
      expect(() => opened(by(key)).requests(), key).toThrow('routing_key is a template, which gave nothing')
  })

  test('the key that a template made is in no reason, and its template in no failure', () => {
    const { channel, settings, around } = opened(by('{{ .CommonLabels.key }}'))
    const answer = { status: 400, headers: {}, body: '{"errors":["routing_key k3y-of-db is unknown"]}' }
    const verdict = channel.verdict(answer, settings, around)
    expect(verdict).toMatchObject({ kind: 'refused', because: 'settings' })
    expect(JSON.stringify(verdict)).not.toContain('k3y-of-db')
    const { failures } = opened(by('{{ if true }}s3cret-key'))
    expect(failures).toEqual([expect.stringMatching(/^pagerduty\.routing_key: /)])
    expect(failures.join()).not.toContain('s3cret-key')
  })

  test('that of the older API too', () => {
    const channel = channels['pagerduty'] as HttpChannel<unknown>
    const settings = channel.settings.parse({ service_key: '{{ .CommonLabels.key }}' })
    const { texts } = textsFor(templates, channel, settings, db)
    const [asked] = channel.requests(db, settings, { nowMs: startMs, random: () => 0, texts })
    expect(JSON.parse(String(asked!.body)).service_key).toBe('k3y-of-db')
  })
})

describe('sns', () => {
  const by = (more: string) =>
    `sns_configs: [{sigv4: {region: eu-west-1, access_key: k, secret_key: s3cret}, ${more}}]`
  const formOf = (more: string, message = db) =>
    Object.fromEntries(new URLSearchParams(String(opened(by(more), message).requests()[0]!.body)))

  test('topics, endpoints, numbers and attributes are what their templates say', () => {
    const topic = formOf(
      `topic_arn: 'arn:aws:sns:eu-west-1:1:{{ .CommonLabels.team }}.fifo', attributes: {team: '{{ .CommonLabels.team }}', gone: '{{ .CommonLabels.gone }}', x: y}`,
    )
    expect(topic).toMatchObject({
      TopicArn: 'arn:aws:sns:eu-west-1:1:db.fifo',
      MessageGroupId: expect.stringMatching(/^[0-9a-f]{64}$/),
      'MessageAttributes.entry.1.Value.StringValue': 'db',
      'MessageAttributes.entry.2.Name': 'x',
    })
    expect(formOf(`target_arn: 'arn:{{ .CommonLabels.team }}'`)).toMatchObject({ TargetArn: 'arn:db' })
    const phoned = messageBy({ phone: '+1 415-555-2671' })
    expect(formOf(`phone_number: '{{ .CommonLabels.phone }}'`, phoned)).toMatchObject({
      PhoneNumber: '+14155552671',
    })
  })

  test('what says nothing is sent nowhere', () => {
    const t = (more: string, wanted: string) => expect(() => formOf(more), more).toThrow(wanted)

    t(`topic_arn: '{{ .CommonLabels.absent }}'`, 'topic_arn is a template, which gave nothing')
    t(`target_arn: '{{ .Nope.Nothing }}'`, 'target_arn is a template, which gave nothing')
    t(`phone_number: '{{ .CommonLabels.team }}'`, 'phone_number is a template, which gave no number')
    t(`topic_arn: 'arn:x', attributes: {a: '{{ .Nope.Nothing }}'}`, 'attributes.a is a template')
    expect(() => read(by('phone_number: nobody'))).toThrow('a number like +8613800000000')
  })
})

describe('email', () => {
  const by = (more: string) => `email_configs: [{smarthost: 'm.example.org:25', ${more}}]`
  const mailOf = (more: string, message = db) => {
    const { settings, around } = opened(by(more), message)
    return compose(message, settings as Settings, around)
  }

  test('who gets it and who sends it are what their templates say, on one line', () => {
    const found = mailOf(
      `to: "{{ template \\"to\\" . }},\\n{{ .CommonLabels.team }}@y.org", from: 'A <{{ .CommonLabels.team }}@z.org>'`,
    )
    expect(found).toMatchObject({
      to: 'db@x.org, db@y.org',
      from: 'A <db@z.org>',
      envelope: { to: 'db@x.org, db@y.org', from: 'A <db@z.org>' },
      messageId: expect.stringMatching(/@z\.org>$/),
    })
  })

  test('nothing is sent to the braces of a template', async () => {
    const t = async (more: string, wanted: string) => {
      const { settings, around } = opened(by(more))
      const line = mail.open(settings as Settings)
      const verdict = await line.send(db, around, new AbortController().signal)
      await line.close()
      expect(verdict, more).toEqual({ kind: 'refused', because: 'message', reason: wanted })
    }

    const to = 'to is a template, which gave nothing for this message'
    await t(`from: a@x.org, to: '{{ .CommonLabels.absent }}'`, to)
    await t(`from: a@x.org, to: '{{ template "none" . }}'`, to)
    await t(`to: a@x.org, from: '{{ .Nope.Nothing }}'`, to.replace('to', 'from'))
  })

  test('headers are shown and nothing else; hidden copies are not shown either', () => {
    const found = mailOf(
      `to: 'a@x.org, hidden@x.org', from: am@x.org, headers: {To: team@x.org, From: 'Hdr <hdr@x.org>', Cc: cc@x.org, Bcc: bcc@x.org, Message-Id: <fix@x>, Subject: '{{ .Nope.Nothing }}'}`,
    )
    expect(found).toMatchObject({
      envelope: { from: 'am@x.org', to: 'a@x.org, hidden@x.org' },
      from: 'Hdr <hdr@x.org>',
      to: 'team@x.org',
      messageId: '<fix@x>',
      headers: { cc: 'cc@x.org' },
      subject: 'db-7: disk /var is 94 % full',
    })
    expect(JSON.stringify(found)).not.toContain('bcc')
  })

  test('an empty html is a mail of text', () => {
    expect(mailOf(`to: a@x.org, from: b@x.org, html: '', text: x`)).not.toHaveProperty('html')
    expect(mailOf(`to: a@x.org, from: b@x.org`).html).toContain('<html')
  })
})
