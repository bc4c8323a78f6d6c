import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '#core/config.ts'
import { bannerText } from '../../bin/banner.ts'
import type { Io } from '../../bin/command.ts'
import { everyRole } from '../../bin/roles.ts'
import { folderWith } from '../core/config/files.ts'

function readLine(files: Record<string, string>, path?: string, overrides = {}): string | undefined {
  const cwd = folderWith(files)
  const read = readConfig({ cwd, env: {}, overrides, ...(path && { path: join(cwd, path) }) })
  if (!read.ok) throw new Error(read.problems.join())
  const { host, port } = read.config.listen
  const origin = `http://${host}:${port}`
  const io = { cwd, env: {}, hasColor: false } as unknown as Io
  const started = { config: read.config, roles: everyRole, origin, welcome: '/w', tookMs: 1, version: '1' }
  return /^ +Read +(.*)$/m.exec(bannerText(started, io))?.[1]
}

test('what is shown to try reaches the service, however it was started', () => {
  const plain = './bin/plimsoll query room_temperature'
  const other = `${plain} --url http://127.0.0.1:1877 --token "$(cat data/token)"`
  expect(readLine({})).toBe(plain)
  expect(readLine({ 'plimsoll.yml': 'listen: 127.0.0.1:1877' })).toBe(plain)
  expect(readLine({}, undefined, { listen: '127.0.0.1:1877' })).toBe(other)
  expect(readLine({ 'mine.yml': 'listen: 127.0.0.1:1877' }, 'mine.yml')).toBe(other)
  expect(readLine({}, undefined, { data: '/tmp/elsewhere' })).toContain(
    '--url http://127.0.0.1:1876 --token "$(cat ',
  )
})
