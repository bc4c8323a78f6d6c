// The README's first minute, as a program: starts the service by its launcher on a free port and an empty folder,
// writes a line by HTTP, reads it back, asks it to stop. Run by .ci/run, which wants the counts in a file.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const launcher = join(import.meta.dirname, '..', 'bin', 'plimsoll')
const readyWithinMs = 15_000
const stopWithinMs = 15_000

const data = mkdtempSync(join(tmpdir(), 'plimsoll-smoke-'))
const port = await freePort()
const origin = `http://127.0.0.1:${port}`
const env = { ...process.env, PLIMSOLL_LISTEN: `127.0.0.1:${port}`, PLIMSOLL_DATA: data }

let passed = 0
let failed = 0
let output = ''

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

// Each check stands on the one before it, so the first that fails is the last that runs.
async function check(title: string, work: () => Promise<void>): Promise<void> {
  if (failed > 0) return
  const startedMs = performance.now()
  try {
    await work()
    passed += 1
    console.log(`ok      ${title} (${Math.round(performance.now() - startedMs)} ms)`)
  } catch (cause) {
    failed += 1
    console.log(`failed  ${title}: ${(cause as Error).message}`)
  }
}

function want(found: unknown, wanted: unknown, what: string): void {
  if (found !== wanted) throw new Error(`${what}: wanted ${wanted}, found ${found}`)
}

const ended = (child: ChildProcess): Promise<number | string> =>
  new Promise(resolve => child.once('exit', (code, signal) => resolve(code ?? signal ?? '')))

const service = spawn(launcher, ['up'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
const end = ended(service)
const listen = (text: unknown): void => {
  output = (output + text).slice(-10_000)
}
service.stdout.on('data', listen)
service.stderr.on('data', listen)

async function isReady(): Promise<boolean> {
  try {
    return (await fetch(`${origin}/-/ready`)).ok
  } catch {
    return false
  }
}

const authorization = (): Record<string, string> => ({
  authorization: `Token ${readFileSync(join(data, 'token'), 'utf8').trim()}`,
})

try {
  await check('starts and is ready', async () => {
    const untilMs = performance.now() + readyWithinMs
    while (!(await isReady())) {
      if (service.exitCode !== null) throw new Error(`it ended with ${service.exitCode}`)
      if (performance.now() > untilMs) throw new Error(`not ready after ${readyWithinMs} ms`)
      await sleep(20)
    }
  })

  await check('refuses a stranger', async () => {
    const reply = await fetch(`${origin}/api/v2/write`, { method: 'POST', body: 'deck_load value=1' })
    want(reply.status, 401, 'status of a write without a token')
  })

  await check('takes a line by HTTP', async () => {
    const body = 'deck_load,deck=main value=42'
    const reply = await fetch(`${origin}/api/v2/write`, { method: 'POST', body, headers: authorization() })
    want(reply.status, 204, 'status of the write')
  })

  await check('answers for it', async () => {
    const url = `${origin}/api/v1/query?query=${encodeURIComponent('deck_load{deck="main"}')}`
    const reply = await fetch(url, { headers: authorization() })
    want(reply.status, 200, 'status of the query')
    const { data } = (await reply.json()) as { data: { result: { value: [number, string] }[] } }
    want(data.result[0]?.value[1], '42', 'the value read back')
  })

  await check('answers the command line', async () => {
    const said = execFileSync(launcher, ['query', 'deck_load'], { env, encoding: 'utf8' })
    want(/\b42\b/.test(said), true, `\`plimsoll query deck_load\` shows 42 (it said: ${said.trim()})`)
  })

  await check('stops when asked, with exit code 0, and its log says why and how long that took', async () => {
    service.kill('SIGTERM')
    want(await Promise.race([end, sleep(stopWithinMs, 'still running', { ref: false })]), 0, 'exit')
    const isSaid = /"signal":"SIGTERM","msg":"asked to stop"[\s\S]*"tookMs":\d+,"msg":"stopped"/.test(output)
    want(isSaid, true, 'a line for the signal and one for the end')
  })
} finally {
  if (service.exitCode === null) service.kill('SIGKILL')
  rmSync(data, { recursive: true, force: true })
}

if (failed > 0) console.log(`\nThe service said:\n${output}`)
const counts = process.argv[2]
if (counts !== undefined) writeFileSync(counts, `${passed} ${failed}\n`)
process.exitCode = failed === 0 ? 0 : 1
