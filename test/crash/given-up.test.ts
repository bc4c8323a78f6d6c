// A process that is asked to stop while it waits for its servers: it gives up and ends in peace.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

function startOn(port: number) {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-given-up-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const config = join(folder, 'plimsoll.yml')
  writeFileSync(
    config,
    `listen: 127.0.0.1:0
data: ${join(folder, 'data')}
engines:
  bus: {kafka: {brokers: ["127.0.0.1:1"]}}
  store: {influxdb: {url: "http://127.0.0.1:1", token: none}}
  state: {postgres: "postgres://nobody:none@127.0.0.1:${port}/none"}
`,
  )
  const child = spawn(join(import.meta.dirname, '../../bin/plimsoll'), ['up', '--config', config])
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (output += text))
  const endsInPeace = async (): Promise<void> => {
    child.kill('SIGTERM')
    expect(await ended, output).toEqual([0, null])
    expect(output).toContain('asked to stop before it had started, so it gives up')
    expect(output).not.toContain('keeps the process')
  }
  return { output: () => output, endsInPeace }
}

test('asked to stop while a server is away, it ends as asked and leaves nothing that keeps it', async () => {
  // Nobody listens there.
  const { output, endsInPeace } = startOn(1)
  await expect.poll(output).toContain('waiting for a server')
  await endsInPeace()
})

test('asked to stop while a server says nothing, it does not wait for it', async () => {
  const server = createServer(() => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { endsInPeace } = startOn(port)
  const [socket] = await once(server, 'connection')
  onTestFinished(() => socket.destroy())
  await endsInPeace()
})
