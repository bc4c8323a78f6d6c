// Text that tries to be more than text: markup of every service, names that call people, links that run programs.
// Called by the tests of channels.
import fc from 'fast-check'
import { labelsOf } from '#core/labels.ts'
import type { Message } from '../../alerter/message.ts'
import { alertOf, messageOf, startMs } from './messages.ts'

const fragments = [
  '</b>',
  '<b>',
  '<!channel>',
  '<!subteam^S1>',
  '<@U024>',
  '<@123456>',
  '<@&777777>',
  '<at id=all></at>',
  '<at user_id="all">x</at>',
  '<a href="http://e.org">x</a>',
  '<font color="red">',
  '<https://e.org|x>',
  '@all',
  '@everyone',
  '@channel',
  '@here',
  '@ann_ops',
  'ops@example.org',
  '[x](javascript:alert(1))',
  '![i](http://e.org/i.png)',
  'https://e.org/a_b[x](javascript:z)',
  '[https://e.org](javascript:z)',
  '\\[x](javascript:z)',
  '**b**',
  '_i_',
  '`c`',
  '~~s~~',
  '||s||',
  '\n# h',
  '\n> q',
  '\n- l',
  '\n1. l',
  '\n---',
  '\n```\n',
  '&lt;b&gt;',
  '&amp;',
  '\\',
  '\\\\',
  '|',
  '*',
  '(',
  ')',
  ']',
  '"',
  "'",
  '{{',
  '\u0000',
  '\u202e',
  '\ud83d',
  '🔥',
  '磁盘',
  'node_load1',
  ' ',
]

export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...fragments) }, fc.string({ maxLength: 8 })), {
    minLength: 1,
    maxLength: 8,
  })
  .map(parts => parts.join(''))

export const hostileMessage: fc.Arbitrary<Message> = fc
  .record({
    name: hostileText,
    host: hostileText,
    other: hostileText,
    summary: fc.oneof(hostileText, fc.constant('')),
    description: hostileText,
    tried: hostileText,
    value: fc.oneof(fc.constant('1.5'), hostileText),
    many: fc.boolean(),
    status: fc.constantFrom('firing', 'resolved'),
    kind: fc.constantFrom('alerts', 'digest', 'notice'),
    language: fc.constantFrom('en', 'zh'),
    by: fc.option(hostileText, { nil: undefined }),
  })
  .map(({ name, host, other, summary, description, tried, value, many, status, kind, language, by }) => {
    const labels = labelsOf([
      ['alertname', name],
      ['host', host],
      [other, other],
    ])
    const annotations = labelsOf([
      ['summary', summary],
      ['description', description],
    ])
    const alert = alertOf({ status, labels, annotations, value, tried: [tried] })
    const second = { ...alert, labels: labelsOf([...Object.entries(labels), ['host', other]]) }
    return messageOf({
      kind,
      status,
      language,
      alerts: kind === 'notice' ? [] : many ? [alert, second] : [alert],
      title: name,
      text: description,
      ...(by !== undefined && { acknowledged: { by, atMs: startMs } }),
    })
  })
