// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how variables are written
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { schemaKeys } from '#core/config/reference.ts'
import type { Around } from '../../alerter/channel.ts'
import { channelsSchema } from '../../alerter/channel-config.ts'
import { channels } from '../../alerter/channels/index.ts'
import { http } from '../../alerter/http-settings.ts'
import { variableNames } from '../../alerter/sms/variables.ts'
import { approvals } from '../../docs/approval-text.ts'
import { channelsText } from '../../docs/channels-text.ts'
import { fakes } from '../alerter/fake-services/index.ts'
import { messageOf } from '../alerter/messages.ts'

// What the environment would give.
const expanded = (text: string): string =>
  text.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) =>
    /URL|HOOK/.test(name) ? `https://example.org/${name}` : name,
  )

const blocksOf = (text: string): string[] =>
  [...text.matchAll(/```yaml\n(.*?)\n```/gs)]
    .map(([, block = '']) => expanded(block))
    .filter(block => /^channels:/m.test(block))

const problemsOf = (block: string): unknown =>
  channelsSchema.safeParse((parse(block) as { channels: unknown }).channels).error?.issues ?? []

test('every example can be copied', () => {
  const blocks = blocksOf(channelsText())
  expect(blocks.length).toBe(Object.keys(channels).length + 1)
  for (const block of blocks) expect(problemsOf(block), block).toEqual([])
  for (const page of ['README.md', 'README.zh-CN.md', ...globSync('alerter/channels/*/README.md')]) {
    const own = blocksOf(readFileSync(page, 'utf8'))
    expect(own.length, page).toBeGreaterThan(0)
    for (const block of own) expect(problemsOf(block), page).toEqual([])
  }
  // And would be noticed.
  expect(problemsOf('channels: {ops: {dingtalk: {hook: x}}}')).not.toEqual([])
})

test('every setting says what it is for', () => {
  const bare = [...Object.values(channels).map(({ settings }) => settings), http]
    .flatMap(settings => schemaKeys(settings))
    .filter(({ description }) => !/^[A-Z].*\.$/.test(description))
  expect(bare).toEqual([])
})

test('pictures go along where it is said, and nowhere else', () => {
  const around: Around = { nowMs: 0, random: () => 0.5 }
  const picture = Uint8Array.from([0x89, 0x50, 0x4e, 0x47])
  for (const [name, openFake] of Object.entries(fakes)) {
    const channel = channels[name]
    if (channel?.kind !== 'http') continue
    const settings = channel.settings.parse(openFake().settings('http://127.0.0.1:1', 'k3y'))
    const sent = [null, picture].map(each =>
      JSON.stringify(channel.requests(messageOf({ picture: each }), settings, around)),
    )
    // Or behind it: slack-picture.test.ts.
    expect(sent[0] !== sent[1] || channel.trail !== undefined, name).toBe(channel.about?.pictures)
  }
})

test('the table has a row for each, with its budget', () => {
  const text = channelsText()
  for (const name of Object.keys(channels)) expect(text).toContain(`\n| [\`${name}\`](#${name}) | `)
  expect(text).toContain('5 at once, 15 a minute (1 kept for what pages)')
  expect(text).toContain('50 at once, 50 a day (10 kept for what pages)')
  expect(text).toContain('yes; not in `email_configs`')
})

test('templates for approval have the variables that are sent, and none beside another', () => {
  for (const { text, title } of approvals) {
    const names = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name)
    expect(names, title).toEqual([...variableNames])
    expect(text, title).not.toMatch(/\}\s*\$\{/)
    // Nothing that a provider takes for an address or a second signature.
    expect(text.replaceAll(/\$\{\w+\}/g, ''), title).not.toMatch(/https?:|【|\d{4,}/)
  }
  const aliyun = channels['sms-aliyun']!.settings.parse(fakes['sms-aliyun']!().settings('http://x', 'k'))
  expect(Object.keys((aliyun as { variables: object }).variables)).toEqual([...variableNames])
  expect(channelsText()).toContain('where=db-7, what=根分区已用 96 %, since=03:12, number=4711.')
})
