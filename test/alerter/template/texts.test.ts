import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { channels } from '../../../alerter/channels/index.ts'
import { textsFor } from '../../../alerter/template/texts.ts'
import { openTemplates } from '../../../alerter/template.ts'
import { messageOf } from '../messages.ts'

const templates = openTemplates([
  { name: 'a.tmpl', text: '{{ define "who" }}{{ .CommonLabels.host }}{{ end }}' },
])
const message = messageOf({ commonLabels: labelsOf([['host', 'a<b']]) })

function textsOf(kind: keyof typeof channels, settings: object, told = message) {
  const channel = channels[kind] as never as Parameters<typeof textsFor>[1]
  return textsFor(templates, channel, channel.settings.parse(settings), told)
}

test('the templates of the settings become texts under their names', () => {
  const slack = {
    api_url: 'https://hooks.slack.com/x',
    title: '{{ template "who" . }}',
    fields: [{ title: 'plain', value: '{{ .Status }}' }],
  }
  expect(textsOf('slack', slack)).toEqual({
    texts: { title: 'a<b', 'fields.0.value': 'firing' },
    failures: [],
    isLost: false,
  })
})

test('what a service reads as HTML is escaped for it', () => {
  const telegram = { bot_token: 't', chat_id: 1, message: '<b>{{ template "who" . }}</b>' }
  const t = (mode: string, wanted: string) =>
    expect(textsOf('telegram', { ...telegram, parse_mode: mode }).texts).toEqual({ message: wanted })

  t('HTML', '<b>a&lt;b</b>')
  t('MarkdownV2', '<b>a<b</b>')
  t('', '<b>a<b</b>')
  expect(textsOf('telegram', telegram).texts).toEqual({ message: '<b>a&lt;b</b>' })

  const mail = {
    to: 'a@b.c',
    from: 'd@e.f',
    smarthost: 'm:25',
    html: '<p>{{ template "who" . }}',
    text: '{{ template "who" . }}',
  }
  expect(textsOf('mail', { ...mail, headers: { Subject: '{{ template "who" . }}' } }).texts).toMatchObject({
    html: '<p>a&lt;b',
    text: 'a<b',
    'header Subject': 'a<b',
  })
})

test('one that fails is left out and named, the others are told', () => {
  const slack = {
    api_url: 'https://hooks.slack.com/x',
    title: '{{ .Nope }}',
    text: '{{ .Status }}',
    footer: '{{',
  }
  const { texts, failures } = textsOf('slack', slack)
  expect(texts).toEqual({ text: 'firing' })
  expect(failures).toEqual([
    expect.stringContaining('slack.title: template: :1:3: executing "" at <.Nope>'),
    expect.stringContaining('slack.footer: 1:1: this {{ is never closed'),
  ])
})

test('a message without alerts has words of its own', () => {
  const slack = { api_url: 'https://hooks.slack.com/x', title: '{{ .Status }}' }
  expect(textsOf('slack', slack, messageOf({ kind: 'notice', alerts: [] }))).toEqual({
    texts: {},
    failures: [],
    isLost: false,
  })
})
