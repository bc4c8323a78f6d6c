// The alerter killed at every named point of a storm: what was acknowledged is told, and what is told twice was on its
// way. Both are counted.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { KillPoint, Report } from './alerter-process.ts'

const points: readonly KillPoint[] = ['before_save', 'after_save', 'before_send', 'after_send', 'after_done']
const kills = 20
const alerts = 10_000
const atOnce = 500
// As many as delivery has under way to one place.
const inFlightMax = 32
const quietMs = 5_000
const patienceMs = 60_000

// By message, and by alert with its status: how often each was heard.
async function openHearer() {
  const messages = new Map<string, number>()
  const heard = new Map<string, number>()
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request.setEncoding('utf8')) text += part
    count(messages, String(request.headers['x-plimsoll-message']))
    const { alerts } = JSON.parse(text) as { alerts: { status: string; labels: { n: string } }[] }
    for (const { status, labels } of alerts) count(heard, `${labels.n} ${status}`)
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { messages, heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

const count = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1)
const repeatsIn = (counts: Map<string, number>): number =>
  [...counts.values()].reduce((sum, each) => sum + each - 1, 0)

type Asked = Readonly<{ folder: string; url: string; point?: KillPoint; nth?: number }>

function startAlerter({ folder, url, point = 'after_done', nth = 0 }: Asked): ChildProcess {
  const child = fork(join(import.meta.dirname, 'alerter-process.ts'), [folder, url, point, String(nth)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

// False when it goes on because everything is told before it reaches its point.
async function hasEnded(child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true
  const signal = AbortSignal.timeout(quietMs)
  return once(child, 'exit', { signal }).then(
    () => true,
    () => false,
  )
}

// False when the process ends before it answers.
async function answers(child: ChildProcess, report?: Report): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return false
  const answered = new AbortController()
  const said = Promise.race([
    once(child, 'message', answered).then(() => true),
    once(child, 'exit', answered).then(() => false),
  ])
  // Sending to one that has just ended fails, and its end is heard.
  if (report !== undefined) child.send(report, () => {})
  const isAlive = await said
  answered.abort()
  return isAlive
}

test(`killed ${kills} times at named points in a storm of ${alerts} alerts and their ends`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-crash-points-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { messages, heard, url } = await openHearer()
  const reports: Report[] = (['firing', 'resolved'] as const).flatMap(state =>
    Array.from({ length: alerts / atOnce }, (_, at) => ({ from: at * atOnce, to: (at + 1) * atOnce, state })),
  )
  let killed = 0
  let child: ChildProcess | undefined
  const next = async (): Promise<ChildProcess> => {
    if (child !== undefined) killed += 1
    const point = points[killed % points.length]!
    // A page of the book holds many, and so is reached less often.
    const nth = 1 + Math.floor(Math.random() * (point.endsWith('save') ? 3 : atOnce / 2))
    child = startAlerter({ folder, url, ...(killed < kills && { point, nth }) })
    return (await answers(child)) ? child : next()
  }
  let running = await next()
  for (const [at, report] of reports.entries()) {
    while (!(await answers(running, report))) running = await next()
    // So many kills are to lie in so many reports: until it is time for the next, this one has its time to tell.
    const due = Math.ceil(((at + 1) * kills) / reports.length)
    while (killed < due) {
      if (!(await hasEnded(running))) break
      running = await next()
    }
  }
  const lost = (state: Report['state']): number =>
    Array.from({ length: alerts }, (_, n) => heard.has(`${n} ${state}`)).filter(isHeard => !isHeard).length
  const untilMs = Date.now() + patienceMs
  while (lost('resolved') > 0 && Date.now() < untilMs) await sleep(50)
  const again = repeatsIn(messages)
  console.log(
    `killed ${killed} times at ${points.join(', ')}: ${alerts} alerts acknowledged with their ends, ${lost('resolved')} lost; ` +
      `${lost('firing')} told as begun and ended at once; ${again} of ${messages.size} messages sent again`,
  )
  expect(killed).toBe(kills)
  expect(lost('resolved')).toBe(0)
  expect(again).toBeLessThanOrEqual(kills * inFlightMax)
  expect(repeatsIn(heard)).toBe(again)
})
