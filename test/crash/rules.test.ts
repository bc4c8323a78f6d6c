// Rules in a process that ends in the middle of evaluating, saving and telling: every crossing of a threshold that was
// acknowledged must be told, and every end; both are counted.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteState } from '#core/state/sqlite.ts'
import { type Running, startService } from '../running.ts'
import { type Heard, openHeard } from './heard.ts'

const rounds = Number(process.env['PLIMSOLL_CRASH_ROUNDS'] ?? 15)
const seriesCount = 60
// So long may the news of what was acknowledged take, restarts included.
const patienceMs = 15_000
const rules = `groups:
- name: crash
  rules:
  - {alert: Hot, expr: heat > 90}
`

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-crash-rules-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

// One series that goes above the threshold and below it again, each as soon as the last was told.
class Wave {
  readonly name: string
  readonly #heard: Heard
  isHigh = false
  crossings = 0
  ends = 0
  repeats = 0
  lost = 0

  constructor(name: string, heard: Heard) {
    this.name = name
    this.#heard = heard
  }

  async run(service: () => Running | undefined, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#send(service, this.isHigh ? 5 : 95)
      await sleep(Math.random() * 100)
    }
  }

  // The same sample until it is acknowledged, then waits until it is told.
  async #send(service: () => Running | undefined, value: number): Promise<void> {
    const { name } = this
    const sinceMs = Date.now()
    while ((await service()?.write(`heat,series=${name} value=${value} ${sinceMs}\n`)) !== 204) {
      this.repeats++
      await sleep(20)
    }
    this.isHigh = value > 90
    if (this.isHigh) this.crossings++
    else this.ends++
    const { firesSince, endedSince } = this.#heard
    const isTold = (): boolean => (this.isHigh ? firesSince : endedSince)(name, sinceMs)
    const untilMs = Date.now() + patienceMs
    while (!isTold() && Date.now() < untilMs) await sleep(10)
    if (!isTold()) this.lost++
  }
}

test(`kill -9 while alerts begin and end, ${rounds} times at random moments: every one is told`, async () => {
  await using heard = await openHeard()
  writeFileSync(join(folder, 'rules.yml'), rules)
  const settings = `packs: []\nrules: [${join(folder, 'rules.yml')}]\nforward: ["${heard.url}"]\n`
  const waves = [...Array(seriesCount).keys()].map(at => new Wave(`s${at}`, heard))
  const sum = (count: (wave: Wave) => number): number => waves.reduce((total, wave) => total + count(wave), 0)
  const stop = new AbortController()
  let service: Running | undefined
  const running = waves.map(wave => wave.run(() => service, stop.signal))
  for (let round = 0; round < rounds; round++) {
    service = await startService(folder, settings)
    await sleep(100 + Math.random() * 1_400)
    expect(await service.kill('SIGKILL')).toBe('SIGKILL')
  }
  service = await startService(folder, settings)
  stop.abort()
  await Promise.all(running)
  const [crossings, ends, lost] = [
    sum(wave => wave.crossings),
    sum(wave => wave.ends),
    sum(wave => wave.lost),
  ]
  console.log(
    `killed ${rounds} times: ${crossings} crossings and ${ends} ends acknowledged, ${lost} lost; ` +
      `${sum(wave => wave.repeats)} repeats by senders; ${heard.beginnings() - crossings} beginnings told under ` +
      `a second time, ${heard.alerts()} alerts told in all`,
  )
  expect(lost).toBe(0)
  expect(Math.min(...waves.map(wave => wave.crossings))).toBeGreaterThan(0)
  expect(sum(wave => wave.repeats)).toBeGreaterThan(0)
  const wanted = waves.filter(wave => wave.isHigh).map(wave => wave.name)
  expect((await firing(service)).toSorted()).toEqual(wanted.toSorted())
  expect(await service.kill('SIGTERM'), service.output()).toBe(0)
  expect(await untold(join(folder, 'data/state.sqlite'))).toEqual([])
})

async function untold(file: string): Promise<string[]> {
  const state = await openSqliteState({ file })
  const rows = await state.db.selectFrom('alert_outbox').select('id').execute()
  await state.close()
  return rows.map(({ id }) => id)
}

async function firing({ origin, token }: Running): Promise<string[]> {
  const answer = await fetch(`${origin}/api/v1/alerts`, { headers: { authorization: `Bearer ${token}` } })
  const { data } = (await answer.json()) as {
    data: { alerts: { state: string; labels: { series: string } }[] }
  }
  return data.alerts.flatMap(({ state, labels }) => (state === 'firing' ? labels.series : []))
}
