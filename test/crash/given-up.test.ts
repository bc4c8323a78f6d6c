// A process that is asked to stop while it waits for its servers: it gives up and ends in peace.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

test('asked to stop before its servers are there, it ends as asked and leaves nothing that keeps it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-given-up-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'plimsoll.yml')
  // Nobody listens at these ports.
  writeFileSync(
    config,
    `listen: 127.0.0.1:0
data: ${join(folder, 'data')}
engines:
  bus: {kafka: {brokers: ["127.0.0.1:1"]}}
  store: {influxdb: {url: "http://127.0.0.1:1", token: none}}
  state: {postgres: "postgres://nobody:none@127.0.0.1:1/none"}
`,
  )
  const child = spawn(join(import.meta.dirname, '../../bin/plimsoll'), ['up', '--config', config])
  const ended = once(child, 'exit')
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (output += text))
  await expect.poll(() => output).toContain('waiting for a server')
  child.kill('SIGTERM')
  expect(await ended, output).toEqual([0, null])
  expect(output).toContain('asked to stop before it had started, so it gives up')
  expect(output).not.toContain('keeps the process')
})
