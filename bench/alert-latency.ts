// `npm run bench:alerts`: how long from the first byte of a request until an alert has reached somebody, while 50 000
// samples a second flow into the same service? One known series at a time crosses a threshold by a request of its own;
// whoever hears of it is an HTTP server here, as an external Alertmanager would be (`forward:`). So the time has
// evaluating, saving, publishing and one more hop of HTTP in it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openFlow } from './flow.ts'
import { fields } from './load-fields.ts'
import { machine } from './machine.ts'
import { cpuSeconds, freePort, memoryMib, type Running, start } from './process.ts'
import { post } from './promql-servers.ts'
import { quantileText } from './quantiles.ts'

const probes = 300
// Longer than the half tenth of a second that is between two looks at what an Alertmanager has to hear.
const spacingMs = 110
const samplesPerSecond = 50_000
const warmSeconds = 5
const shares = [0.5, 0.9, 0.99, 1]
const root = join(import.meta.dirname, '..')

const heardMs = new Map<string, number>()
const target = createServer((request, answer) => {
  const atMs = performance.now()
  const parts: Buffer[] = []
  request.on('data', part => parts.push(part))
  request.on('end', () => {
    answer.end()
    const alerts = JSON.parse(Buffer.concat(parts).toString()) as { labels: Record<string, string> }[]
    for (const { labels } of alerts) {
      const which = labels['which'] ?? ''
      if (!heardMs.has(which)) heardMs.set(which, atMs)
    }
  })
})
await new Promise<void>(resolve => target.listen(0, '127.0.0.1', resolve))
const targetAt = target.address()
if (typeof targetAt !== 'object' || targetAt === null) throw new Error('the target has no address')
const { port: targetPort } = targetAt

console.log(machine())
for (const rules of [0, 20]) {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  try {
    heardMs.clear()
    await measure(folder, rules)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
target.closeAllConnections()
target.close()

async function measure(folder: string, rules: number): Promise<void> {
  const at = `127.0.0.1:${await freePort()}`
  const origin = `http://${at}`
  const running = await start(service(folder, at, rules))
  const flow = openFlow(origin, samplesPerSecond)
  try {
    await probe(origin, 'all', 1)
    await sleep(warmSeconds * 1_000)
    const title = rules === 0 ? 'no rule looks at the load' : `${rules} rules look at the load`
    await measureProbes(title, origin, running)
  } finally {
    console.log(`  ${await flow.end()}`)
    await running.stop()
  }
}

async function measureProbes(title: string, origin: string, { pid }: Running): Promise<void> {
  const [beganMs, before] = [performance.now(), cpuSeconds(pid)]
  const [answered, heard]: [number[], number[]] = [[], []]
  for (let each = 0; each < probes; each++) {
    const which = String(each)
    const sentMs = performance.now()
    await probe(origin, which, 100)
    answered.push(performance.now() - sentMs)
    await sleep(spacingMs + Math.random() * 20)
    for (let tries = 0; tries < 500 && !heardMs.has(which); tries++) await sleep(10)
    const atMs = heardMs.get(which)
    if (atMs === undefined) throw new Error(`nobody has heard of probe ${which} within five seconds`)
    heard.push(atMs - sentMs)
  }
  const cpu = (cpuSeconds(pid) - before) / ((performance.now() - beganMs) / 1_000)
  console.log(`${title}: ${probes} probes, ms at 50 %, 90 %, 99 %, 100 % (to meet: 5 at 50 %, 30 at 99 %)`)
  console.log(`  until the 204            ${quantileText(answered, shares)}`)
  console.log(`  until another has heard  ${quantileText(heard, shares)}`)
  const [now, most] = [memoryMib(pid, 'VmRSS'), memoryMib(pid, 'VmHWM')]
  console.log(
    `  the service: ${cpu.toFixed(2)} processors, ${now.toFixed(0)} MiB, at most ${most.toFixed(0)} MiB`,
  )
}

// Of all probes at once the values from which they rise, so that each is known.
function probe(origin: string, which: string, value: number): Promise<unknown> {
  const all = which === 'all' ? Array.from({ length: probes }, (_, each) => String(each)) : [which]
  const text = all.map(each => `probe,which=${each} value=${value} ${Date.now()}`).join('\n')
  return post(`${origin}/api/v2/write?precision=ms`, text, { 'content-type': 'text/plain' })
}

function service(folder: string, at: string, rules: number) {
  const config = join(folder, 'plimsoll.yml')
  const lines = [
    `listen: ${at}`,
    `data: ${folder}/data`,
    'agent: {enabled: false}',
    'auth: {anonymous: [read, write]}',
    'packs: []',
    'rules: [rules.yml]',
    `forward: ['http://127.0.0.1:${targetPort}']`,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const exprs = ['probe > 90']
  for (let each = 0; each < rules; each++) {
    const field = `load_${fields[each % fields.length]}`
    exprs.push(each < rules / 2 ? `${field} > 90` : `avg_over_time(${field}[1m]) > 90`)
  }
  const texts = exprs.map((expr, each) => `      - {alert: Bench${each}, expr: '${expr}'}\n`)
  writeFileSync(join(folder, 'rules.yml'), `groups:\n  - name: bench\n    rules:\n${texts.join('')}`)
  const command = join(root, 'bin/plimsoll')
  return { command, args: ['up', '--config', config], readyUrl: `http://${at}/-/ready` }
}
