import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openConfig } from '#core/config/open.ts'
import type { Config } from '#core/config.ts'
import { folderWith, put } from './files.ts'

function live(text: string) {
  const cwd = folderWith({ 'plimsoll.yml': text })
  const inputs = z.strictObject({
    cpu: z.union([z.boolean(), z.strictObject({ percpu: z.boolean() })]).optional(),
  })
  const opened = openConfig({ cwd, env: {}, rooms: { inputs } })
  if (!opened.ok) throw new Error('the first configuration is good')
  return { ...opened.live, write: (next: string) => put(join(cwd, 'plimsoll.yml'), next) }
}

test('a bad file at the start opens nothing', () => {
  const opened = openConfig({ cwd: folderWith({ 'plimsoll.yml': 'lisen: 1' }), env: {} })
  expect(opened).toMatchObject({ ok: false, problems: [{ line: 1, path: 'lisen' }] })
})

test('a reload takes a good file and tells what changed', async () => {
  const config = live('log: {level: info}\nagent: {tags: {a: "1"}}')
  const heard: [number, readonly string[]][] = []
  config.onChange((now: Config, changed) => void heard.push([now.agent.intervalMs, changed]))
  config.write('log: {level: info}\nagent: {interval: 5s, tags: {a: "2"}}\ninputs: {cpu: {percpu: false}}')
  const changed = ['agent.interval', 'agent.tags', 'inputs.cpu']
  expect(await config.reload()).toEqual({ ok: true, changed, needRestart: [] })
  expect(config.current().agent.tags).toEqual({ a: '2' })
  expect(heard).toEqual([[5_000, changed]])
})

test('a bad file is refused and the one in use stays', async () => {
  const config = live('listen: :1')
  let heard = 0
  config.onChange(() => void heard++)
  config.write('listen: :2\nlog: {level: loud}')
  expect(await config.reload()).toMatchObject({ ok: false, problems: [{ path: 'log.level', line: 2 }] })
  expect(config.current().listen.port).toBe(1)
  expect(heard).toBe(0)
})

test('what needs a restart is said until it has happened', async () => {
  const config = live('listen: :1')
  config.write('listen: :2')
  expect(await config.reload()).toEqual({ ok: true, changed: ['listen'], needRestart: ['listen'] })
  config.write('listen: :2\nagent: {interval: 5s}')
  expect(await config.reload()).toEqual({ ok: true, changed: ['agent.interval'], needRestart: ['listen'] })
  config.write('listen: :1\nagent: {interval: 5s}')
  expect(await config.reload()).toEqual({ ok: true, changed: ['listen'], needRestart: [] })
})

test('a reload of a long file lets others work in between', async () => {
  const config = live('')
  const tags = Array.from({ length: 4_000 }, (_, at) => `    tag_${at}: "${at}"`)
  config.write(['agent:', '  tags:', ...tags].join('\n'))
  let turns = 0
  let isOn = true
  const turn = (): void => {
    turns++
    if (isOn) setImmediate(turn)
  }
  setImmediate(turn)
  expect(await config.reload()).toMatchObject({ ok: true, changed: ['agent.tags'] })
  isOn = false
  expect(Object.keys(config.current().agent.tags)).toHaveLength(4_000)
  expect(turns).toBeGreaterThan(4)
})

test('a default that is written out is no change', async () => {
  const config = live('')
  let heard = 0
  const stop = config.onChange(() => void heard++)
  config.write('listen: 127.0.0.1:1876\nagent: {enabled: true, interval: 10s}\nlimits: {tags: 64}')
  expect(await config.reload()).toEqual({ ok: true, changed: [], needRestart: [] })
  expect(heard).toBe(0)
  stop()
  config.write('limits: {tags: 65}')
  expect(await config.reload()).toMatchObject({ changed: ['limits.tags'] })
  expect(heard).toBe(0)
})
