import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-start-again-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const plimsoll = join(import.meta.dirname, '../../bin/plimsoll')
const config = join(folder, 'plimsoll.yml')
const data = join(folder, 'data')
writeFileSync(config, `listen: 127.0.0.1:0\ndata: ${data}\nagent: {enabled: false}\n`)

// Until it is ready; then whether a second start runs, and how it ends when it is asked to.
async function start(cache: string) {
  const child = spawn(plimsoll, ['up', '--config', config], {
    env: { ...process.env, NODE_COMPILE_CACHE: cache, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const ended = once(child, 'exit')
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', line => {
      lines.push(line)
      if (line.includes('"ready"')) child.emit('ready')
    })
  }
  await Promise.race([once(child, 'ready'), ended])
  const isSecond = readFileSync(`/proc/${child.pid}/environ`, 'latin1').includes('PLIMSOLL_STARTED_AGAIN')
  child.kill('SIGTERM')
  const [code] = await ended
  return { isSecond, code, ready: lines.filter(each => each.includes('"ready"')).length }
}

test.runIf(process.platform === 'linux')(
  'a start that had to compile gives its place to one that has not, and the next needs none',
  { timeout: 60_000 },
  async () => {
    const cache = join(folder, 'compiled')
    expect(await start(cache)).toEqual({ isSecond: true, code: 0, ready: 1 })
    expect(await start(cache)).toEqual({ isSecond: false, code: 0, ready: 1 })
  },
)

test.runIf(process.platform === 'linux')(
  'where nothing can be kept it goes on as it is',
  { timeout: 60_000 },
  async () => {
    // A file where the folder has to be: it stops root too.
    const cache = join(folder, 'file')
    writeFileSync(cache, '')
    expect(await start(cache)).toEqual({ isSecond: false, code: 0, ready: 1 })
  },
)
