// `channels:` of plimsoll.yml, read as the whole file is: what it makes, and what is refused where.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { checkTree } from '#core/config/check.ts'
import { openFindings } from '#core/config/problem.ts'
import { readForeignYaml } from '#core/config/read.ts'
import { channelsSchema, routeWithoutTree } from '../../alerter/channel-config.ts'
import { failoverOf } from '../../alerter/failover.ts'
import type { Receiver } from '../../alerter/route.ts'

function read(written: string): Readonly<{ receivers?: ReadonlyMap<string, Receiver>; problems: string[] }> {
  const findings = openFindings()
  const { tree } = readForeignYaml(written, { file: 'plimsoll.yml', findings, wanted: 'channels' })
  const receivers = tree && checkTree(tree, channelsSchema, findings)
  const problems = findings.problems.map(
    ({ line, path, wanted, found, hint }) =>
      `${line} ${path}: wanted ${wanted}, found ${found}${hint === undefined ? '' : ` (${hint})`}`,
  )
  return { ...(receivers === undefined ? {} : { receivers }), problems }
}

const robot =
  'ops-robot: {dingtalk: {url: "https://oapi.dingtalk.com/robot/send?access_token=t0ken-of-the-robot"}}'
const hook = 'hook: {webhook: {url: "http://127.0.0.1:1/x"}}'
const spool = 'sms: {sms-spool: {to: ["+8613800000000"], folder: /var/spool/sms/outgoing}}'

test('a name has one channel, whose settings are read', () => {
  const { receivers, problems } = read(
    `${robot}\n${hook}\nquiet: {webhook: {url: "http://a/b"}, ends: false}`,
  )
  expect(problems).toEqual([])
  expect(receivers?.get('ops-robot')).toMatchObject({
    name: 'ops-robot',
    integrations: [{ id: 'ops-robot/dingtalk/0', channel: 'dingtalk', tellsEnds: true }],
  })
  expect(JSON.stringify(receivers?.get('ops-robot'))).not.toContain('t0ken')
  expect(receivers?.get('quiet')?.integrations[0]?.tellsEnds).toBe(false)
})

test('a failover is one integration that names its ways in order', () => {
  const { receivers, problems } = read(
    `${robot}\n${hook}\n${spool}\nsome: {failover: [hook, sms]}\nops: {failover: [ops-robot, some, hook], within: 30s, receipt_within: 2m}`,
  )
  expect(problems).toEqual([])
  const [ops] = receivers?.get('ops')?.integrations ?? []
  expect(ops).toMatchObject({ id: 'ops/failover/0', channel: 'failover', tellsEnds: true })
  expect(failoverOf(ops!)).toMatchObject({ withinMs: 30_000, receiptMs: 120_000 })
  expect(failoverOf(ops!)?.order.map(({ id }) => id)).toEqual([
    'ops-robot/dingtalk/0',
    'hook/webhook/0',
    'sms/sms-spool/0',
  ])
  expect(failoverOf(receivers!.get('some')!.integrations[0]!)).toMatchObject({
    withinMs: 60_000,
    receiptMs: null,
  })
})

test('all means each once, failovers among them', () => {
  const { receivers, problems } = read(
    `${robot}\n${hook}\ntwo: {all: [hook, ops-robot]}\nsafe: {failover: [ops-robot, hook]}\neverybody: {all: [two, hook, safe]}`,
  )
  expect(problems).toEqual([])
  expect(receivers?.get('everybody')?.integrations.map(({ id }) => id)).toEqual([
    'hook/webhook/0',
    'ops-robot/dingtalk/0',
    'safe/failover/0',
  ])
})

test('what is wrong is named with its place', () => {
  const t = (written: string, ...wanted: string[]) => {
    const { problems } = read(written)
    expect(problems.length, `${written}\n${problems.join('\n')}`).toBe(wanted.length)
    for (const [nth, each] of wanted.entries()) expect(problems[nth], written).toContain(each)
  }

  t('a: {dingtok: {}}', '(did you mean dingtalk?)')
  t('a: {webhook: {url: "http://a/b", urll: x}}', '(did you mean url?)')
  t('a: {}', '1 a: wanted one channel, `failover` or `all`')
  t(`a: {webhook: {url: "http://a/b"}, failover: [a]}`, 'wanted one channel')
  t(
    `${hook}\na: {failover: [hok]}`,
    '2 a.failover[0]: wanted the name of a channel, found "hok" (did you mean hook?)',
  )
  t(`a: {all: [a]}`, '1 a.all: wanted names that do not lead back to it')
  t(`a: {failover: [b]}\nb: {failover: [a]}`, '1 a.failover: wanted names', '2 b.failover: wanted names')
  t(`${hook}\nb: {all: [hook]}\na: {failover: [b]}`, '3 a.failover[0]: wanted a channel or another failover')
  t(`${hook}\na: {all: [hook], within: 3s}`, '2 a.within: wanted it beside `failover` only')
  t(`${hook}\na: {failover: [hook], within: soon}`, 'a.within: wanted a duration')
  t('a/b: {webhook: {url: "http://a/b"}}', 'wanted a name without /')
  t('a: {all: []}', 'at least one name')
})

test('without a tree all go to `default`, or to the only one that no other names', () => {
  const t = (written: string, wanted: string | undefined) =>
    expect(routeWithoutTree(read(written).receivers ?? new Map())?.receiver, written).toBe(wanted)

  t(hook, 'hook')
  t(`${hook}\n${robot}`, undefined)
  t(`${hook}\n${robot}\ndefault: {all: [hook]}`, 'default')
  t(`${hook}\n${robot}\nops: {failover: [hook, ops-robot]}`, 'ops')
  t(`${hook}\n${robot}\nops: {all: [hook, ops-robot]}`, 'ops')
  t('{}', undefined)
  expect(routeWithoutTree(read(hook).receivers!)).toMatchObject({
    urgentWaitMs: 0,
    urgentIntervalMs: 30_000,
    routes: [],
  })
})

test('editors get a schema in which every key is described', () => {
  const schema = z.toJSONSchema(channelsSchema, { io: 'input' }) as {
    additionalProperties: { properties: Record<string, { description?: string }> }
  }
  const { properties } = schema.additionalProperties
  expect(Object.keys(properties)).toContain('failover')
  expect(Object.entries(properties).filter(([, { description }]) => description === undefined)).toEqual([])
})

test('nobody is called for an end unless that is asked for; a failover tells it where one of its ways does', () => {
  const call = (name: string, more = '') =>
    `${name}: {voice-twilio: {account_sid: AC00000000, auth_token: x, from: "+15550100", to: ["+14155552671"]}${more}}`
  const { receivers, problems } = read(
    `${call('call')}\n${call('loud', ', ends: true')}\n${spool}\nops: {failover: [sms, call]}\ncalls: {failover: [call]}\nquiet: {failover: [sms, call], ends: false}`,
  )
  expect(problems).toEqual([])
  const t = (name: string, wanted: boolean) =>
    expect(receivers?.get(name)?.integrations[0]?.tellsEnds, name).toBe(wanted)

  t('call', false)
  t('loud', true)
  t('sms', true)
  t('ops', true)
  t('calls', false)
  t('quiet', false)
})
