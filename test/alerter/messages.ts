// Messages to try channels with. Called by the tests of channels.
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { type Message, noneTruncated, type ToldAlert } from '../../alerter/message.ts'

export const startMs = Date.UTC(2026, 10, 21, 9, 0, 0, 120)

const labels = labelsOf([
  ['alertname', 'DiskFull'],
  ['host', 'db-7'],
  ['severity', 'page'],
])

export function alertOf(given: Partial<ToldAlert> & { labels?: Labels } = {}): ToldAlert {
  return {
    fingerprint: fingerprint(given.labels ?? labels),
    status: 'firing',
    labels,
    annotations: labelsOf([['summary', 'disk /var is 94 % full']]),
    startsAtMs: startMs - 300_000,
    endsAtMs: null,
    stale: false,
    value: '94.2',
    threshold: '> 90',
    generatorUrl: 'https://plimsoll.example.org/rules/disk',
    tried: ['rotated the logs: 2 GB freed, not enough'],
    ...given,
  }
}

export function messageOf(given: Partial<Message> = {}): Message {
  return {
    id: 'm-1f2e3d',
    kind: 'alerts',
    status: 'firing',
    urgency: 'page',
    receiver: 'ops',
    groupKey: '{}/{team="a"}:{alertname="DiskFull"}',
    groupLabels: labelsOf([['alertname', 'DiskFull']]),
    commonLabels: labels,
    commonAnnotations: labelsOf([['summary', 'disk /var is 94 % full']]),
    alerts: [alertOf()],
    truncated: noneTruncated,
    incident: 4711,
    link: 'https://plimsoll.example.org/i/4711?k=a_b',
    externalUrl: 'https://plimsoll.example.org',
    language: 'en',
    timeZone: 'Asia/Shanghai',
    atMs: startMs,
    title: '',
    text: '',
    picture: null,
    ...given,
  }
}

export const ended: Message = messageOf({
  status: 'resolved',
  alerts: [alertOf({ status: 'resolved', endsAtMs: startMs - 1_000 })],
})

// Every kind that there is.
export const messages: Readonly<Record<string, Message>> = {
  firing: messageOf(),
  resolved: ended,
  chinese: messageOf({ language: 'zh' }),
  several: messageOf({
    alerts: Array.from({ length: 30 }, (_, nth) => {
      const named = labelsOf([...Object.entries(labels), ['host', `db-${nth}`]])
      return alertOf({ labels: named, ...(nth > 20 && { status: 'resolved', endsAtMs: startMs }) })
    }),
    truncated: { firing: 0, resolved: 12 },
  }),
  digest: messageOf({ kind: 'digest', urgency: 'low', incident: null, link: null }),
  notice: messageOf({
    kind: 'notice',
    alerts: [],
    incident: null,
    link: null,
    title: 'Expansion request for November',
    text: 'Pool web needs 4 machines\nby December 12',
  }),
  alarm: messageOf({
    kind: 'alarm',
    alerts: [],
    incident: null,
    link: null,
    title: 'Plimsoll does not alert just now',
    text: 'No test alert has come out of the rules since 09:00.',
  }),
  canary: messageOf({ kind: 'canary', alerts: [], incident: null, link: null, urgency: 'low' }),
}

// A megabyte of description, and a place with a name of its own size.
export const huge: Message = messageOf({
  alerts: [
    alertOf({
      labels: labelsOf([...Object.entries(labels), ['pod', 'p<'.repeat(5_000)]]),
      annotations: labelsOf([
        ['summary', '磁盘满了 <&"*_[]@🔥 '.repeat(2_000)],
        ['description', '<b>&"*_`[]()@here 磁盘🔥\n'.repeat(30_000)],
      ]),
    }),
    alertOf(),
  ],
})

// Long names, many of them, in an alphabet of three bytes a letter.
export const crowd: Message = messageOf({
  alerts: Array.from({ length: 60 }, (_, nth) =>
    alertOf({
      labels: labelsOf([
        ['alertname', `磁盘空间即将耗尽请尽快处理${nth}`.repeat(3)],
        ['host', `数据库服务器<&"${nth}号机`.repeat(8)],
      ]),
      annotations: labelsOf([['description', '磁盘<&"'.repeat(500)]]),
      tried: Array.from({ length: 5 }, (_, step) => `<&第${step}步`.repeat(80)),
      generatorUrl: `https://plimsoll.example.org/${'r'.repeat(900)}`,
    }),
  ),
})
