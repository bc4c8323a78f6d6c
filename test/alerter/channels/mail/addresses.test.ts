// Labels may fill in who gets a mail, but not choose others: what is refused, and what is a list of addresses.
import { describe, expect, test } from 'vitest'
import type { Channel } from '../../../../alerter/channel.ts'
import { addressesIn } from '../../../../alerter/channels/mail/addresses.ts'
import { compose, headerText } from '../../../../alerter/channels/mail/compose.ts'
import { channel } from '../../../../alerter/channels/mail/index.ts'
import { settings } from '../../../../alerter/channels/mail/settings.ts'
import { placesFor, textsFor } from '../../../../alerter/template/texts.ts'
import { openTemplates } from '../../../../alerter/template.ts'
import { messageOf, startMs } from '../../messages.ts'

const plain = { to: 'ops@example.org', from: 'am@example.org', smarthost: 'mail.example.org:587' }
const composed = (more: object, texts: Readonly<Record<string, string>>) =>
  compose(messageOf(), settings.parse({ ...plain, ...more }), { nowMs: startMs, random: () => 0, texts })

const none = 'is a template, which gave no list of addresses for this message'
const several = 'is a template of one address, which gave several for this message'

describe('who gets it', () => {
  test('one address where the template has no comma of its own', () => {
    const t = (to: string, wanted: string) =>
      expect(() => composed({ to: '{{ .x }}' }, { to }), to).toThrow(`to ${wanted}`)

    t('ops@example.org\r\nBcc: x@evil.org', none)
    t('grp: a@evil.org, b@evil.org;', none)
    t('a@evil.org; b@evil.org', none)
    t('"a@evil.org x"@example.org', none)
    t('v@evil.org <ops@example.org>', none)
    t('<a@evil.org> <ops@example.org>', none)
    t('somebody', none)
    t(',', none)
    t('a@evil.org, b@example.org', several)
    t('"x" <v@evil.org>, "" <ops@example.org>', several)
    expect(composed({ to: '{{ .x }}' }, { to: ' a@example.org\n' }).to).toBe('a@example.org')
    for (const to of ['"A, B: {{ .x }}" <a@example.org>', '{{ join "," .x }}', '{{/* a, }} {{ "}}," }}'])
      expect(() => composed({ to }, { to: 'a@example.org, b@example.org' }), to).toThrow(several)
  })

  test('a list where it has one', () => {
    const to = '{{ .x }}@example.org, {{ .y }} <b@example.org>,'
    const said = 'a@example.org, Team (EU) <b@example.org>,'
    expect(composed({ to }, { to: said }).to).toBe('a@example.org, Team (EU) <b@example.org>')
    expect(() => composed({ to }, { to: 'g: a@example.org, b@example.org;' })).toThrow(none)
  })

  test('a list where the text is elsewhere, of a template that has a name', () => {
    const said = { to: 'a@example.org, b@example.org' }
    for (const to of ['{{ template "to" . }}', '{{- template "to" . -}}'])
      expect(composed({ to }, said).to, to).toBe('a@example.org, b@example.org')
    expect(() => composed({ from: '{{ template "from" . }}' }, { from: said.to })).toThrow(several)
  })

  test('who sends it is one, whatever its template looks like', () => {
    const from = '{{ .x }}, {{ .y }}'
    expect(() => composed({ from }, { from: 'a@example.org, b@example.org' })).toThrow(several)
    expect(() => composed({ from }, { from: 'x: a@example.org' })).toThrow(none)
    expect(composed({ from }, { from: '"A, B" <a@example.org>' }).from).toBe('"A, B" <a@example.org>')
  })

  test('what nobody made is sent as it is written', () => {
    expect(composed({ to: 'Ops: a@example.org;' }, {}).to).toBe('Ops: a@example.org;')
  })

  test('a long label is read quickly', () => {
    for (const each of ['"\\', '(', '()', 'a ', ' ,', '"', '<a@b', 'a@'])
      expect(addressesIn(`${each.repeat(50_000)}\u0001`)).toBeUndefined()
  })
})

describe('headers that say who gets it', () => {
  const headers = { To: '{{ .to }}', cc: '{{ .cc }}', BCC: '{{ .x }}, {{ .y }}', From: '{{ .from }}' }

  test('hold addresses and nothing else', () => {
    const t = (name: string, said: string, wanted: string) =>
      expect(() => composed({ headers }, { [headerText(name)]: said }), said).toThrow(
        `${headerText(name)} ${wanted}`,
      )

    t('To', 'a@example.org\r\nBcc: x@evil.org', none)
    t('To', 'a b <x@evil.org>, y@evil.org', several)
    t('cc', 'a@example.org, x@evil.org', several)
    t('BCC', 'g: x@evil.org;', none)
    t('From', 'a@example.org, x@evil.org', several)
    const mail = composed({ headers }, { 'header To': '', 'header cc': ' ', 'header BCC': 'a@x.org,b@x.org' })
    expect(mail).toMatchObject({ to: 'ops@example.org', headers: { cc: '', bcc: 'a@x.org, b@x.org' } })
    // Written by whoever runs this.
    expect(composed({ headers: { To: 'Ops: a@x.org;' } }, {}).to).toBe('Ops: a@x.org;')
  })

  test('are only shown where `to` says it', () => {
    const said = { 'header To': 'whoever: is, told' }
    expect(composed({ headers, recipients: 'to' }, said)).toMatchObject({
      to: 'whoever: is, told',
      envelope: { to: 'ops@example.org' },
    })
  })

  test('are filled in for a message in our own words too', () => {
    const templates = openTemplates([])
    const given = settings.parse({
      ...plain,
      headers: {
        TO: '{{ .Status }}@example.org',
        Cc: 'c-{{ .Status }}@example.org',
        bcc: 'b-{{ .Status }}@example.org',
        Subject: '{{ .Status }}',
      },
      text: '{{ .Status }}',
    })
    const wanted = {
      'header TO': 'firing@example.org',
      'header Cc': 'c-firing@example.org',
      'header bcc': 'b-firing@example.org',
    }
    const mail = channel as Channel as Channel<unknown>
    const canary = messageOf({ kind: 'canary', alerts: [] })
    for (const found of [
      placesFor(templates, mail, given, messageOf()),
      textsFor(templates, mail, given, canary),
    ])
      expect(found).toEqual({ texts: { to: undefined, ...wanted }, failures: [], isLost: false })
  })
})
