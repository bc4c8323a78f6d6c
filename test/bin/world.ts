// A world for commands: a folder, a clock, a captured terminal and, where it is wanted, a service that answers
// what the test says.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Exit, Io } from '../../bin/command.ts'
import { run } from '../../bin/run.ts'
import { type Files, folderWith } from '../core/config/files.ts'

// Friday noon in Shanghai.
export const nowMs = Date.UTC(2026, 10, 20, 4)

export type World = Readonly<{
  cwd: string
  // Words as a shell would split them.
  run(...argv: string[]): Promise<Ran>
}>
export type Ran = Readonly<{ exit: Exit; out: string; err: string }>

export function world(files: Files = {}, change: Partial<Io> = {}): World {
  const cwd = folderWith(files)
  return {
    cwd,
    async run(...argv) {
      let [out, err] = ['', '']
      const io: Io = {
        out: text => {
          out += text
        },
        err: text => {
          err += text
        },
        env: {},
        cwd,
        isTerminal: false,
        columns: 80,
        hasColor: false,
        timeZone: 'Asia/Shanghai',
        clock: new SimulatedClock(nowMs),
        ...change,
      }
      const exit = await run(argv, io)
      return { exit, out, err }
    },
  }
}

export type Asked = Readonly<{
  method: string
  url: string
  authorization: string | undefined
  body: unknown
}>
export type Answers = (asked: Asked) => Readonly<{ status?: number; body?: unknown }>

export type Stub = Readonly<{ url: string; address: string; asked: Asked[] }>

export async function serviceThat(answers: Answers): Promise<Stub> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const one = {
      method,
      url: decodeURIComponent(url),
      authorization: headers.authorization,
      body: await bodyOf(request),
    }
    asked.push(one)
    const { status = 200, body } = answers(one)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: `http://${address}`, address, asked }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += chunk
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return text
  return text === '' ? undefined : JSON.parse(text)
}

// An address at which nobody listens: it was somebody's a moment ago.
export async function deafAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return `127.0.0.1:${port}`
}
