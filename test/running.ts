// The service as a process that a test starts, writes to, and kills. Called by the crash tests and the live ones.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export type Running = Readonly<{
  origin: string
  pid: number
  token: string
  // The status, or 0 when the connection broke before there was one.
  write(body: string): Promise<number>
  // The exit code, or the signal that ended it.
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string>
  ended: Promise<number | string>
  output(): string
}>

const readyWithinMs = 60_000
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export async function startService(
  folder: string,
  settings = '',
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const port = await freePort()
  const config = join(folder, 'plimsoll.yml')
  const data = join(folder, 'data')
  mkdirSync(folder, { recursive: true })
  writeFileSync(config, `listen: 127.0.0.1:${port}\ndata: ${data}\nagent: {enabled: false}\n${settings}`)
  const child = spawn(join(import.meta.dirname, '../bin/plimsoll'), ['up', '--config', config, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (output += text))
  const ended = endOf(child)
  const origin = `http://127.0.0.1:${port}`
  await ready(origin, child, () => output).catch(error => {
    child.kill('SIGKILL')
    throw error
  })
  const token = readFileSync(join(data, 'token'), 'utf8').trim()
  return {
    origin,
    pid: child.pid ?? 0,
    token,
    write: body => post(`${origin}/api/v2/write?precision=ms`, token, body),
    kill(signal) {
      child.kill(signal)
      return ended
    },
    ended,
    output: () => output,
  }
}

const endOf = (child: ChildProcess): Promise<number | string> =>
  new Promise(resolve => child.once('exit', (code, signal) => resolve(code ?? signal ?? '')))

async function ready(origin: string, child: ChildProcess, output: () => string): Promise<void> {
  const untilMs = performance.now() + readyWithinMs
  while (performance.now() < untilMs) {
    const isReady = await fetch(`${origin}/-/ready`).then(
      answer => answer.ok,
      () => false,
    )
    if (isReady) return
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${output()}`)
    await sleep(5)
  }
  throw new Error(`not ready after ${readyWithinMs} ms:\n${output()}`)
}

function post(url: string, token: string, body: string): Promise<number> {
  return new Promise(resolve => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { authorization: `Token ${token}` } },
      answer => {
        answer.resume()
        answer.once('end', () => resolve(answer.statusCode ?? 0))
        answer.once('error', () => resolve(0))
      },
    )
    sent.once('error', () => resolve(0))
    sent.end(body)
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
