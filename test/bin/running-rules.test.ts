// The rules of a process as bin/ runs them: read from files, and read again when somebody asks.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openMemoryBus } from '#core/bus/memory.ts'
import { SimulatedClock } from '#core/clock.ts'
import { type Config, readConfig } from '#core/config.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { roomSchemas } from '../../bin/room-schemas.ts'
import { startRules } from '../../bin/rules.ts'
import { MemoryStore } from '../rules/engine/memory-store.ts'

const group = (rule: string): string => `groups:\n- {name: g, rules: [${rule}]}\n`

test('a file that cannot be read is refused at a reload, and the rules stay what they were', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-rules-'))
  const file = join(folder, 'rules.yml')
  const configOf = (): Config => {
    writeFileSync(
      join(folder, 'plimsoll.yml'),
      `data: ${folder}\nagent: {enabled: false}\npacks: []\nrules: [${file}]\n`,
    )
    const read = readConfig({ cwd: folder, env: {}, overrides: {}, rooms: roomSchemas })
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    return read.config
  }
  const clock = new SimulatedClock(1_000_000)
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  const bus = openMemoryBus()
  const store = new MemoryStore()
  const log = openLog({ clock, write: () => {} })
  const options = { bus, store, state, table: new SeriesTable(), clock, log, own: openOwnMetrics() }

  writeFileSync(file, group('{alert: Hot, expr: heat >> 90}'))
  await expect(startRules({ config: configOf(), ...options })).rejects.toMatchObject({ code: 'bad_config' })
  writeFileSync(file, group('{alert: Hot, expr: heat > 90}'))
  const rules = await startRules({ config: configOf(), ...options })
  const shown = async (): Promise<string[]> =>
    (await rules.view()).flatMap(each => each.rules.map(({ rule }) => rule.text))
  expect(await shown()).toEqual(['heat > 90'])
  for (const bad of [group('{alert: Hot, expr: heat >> 90}'), group('{alert: Hot}'), 'groups: 5', '{']) {
    writeFileSync(file, bad)
    await expect(rules.reload(configOf()), bad).rejects.toMatchObject({ code: 'bad_config' })
    await expect(rules.reload(configOf()), bad).rejects.toThrow('rules.yml')
    expect(await shown(), bad).toEqual(['heat > 90'])
  }
  writeFileSync(file, group('{alert: Hot, expr: heat > 80}'))
  await rules.reload(configOf())
  expect(await shown()).toEqual(['heat > 80'])
  await rules[Symbol.asyncDispose]()
  await state.close()
  rmSync(folder, { recursive: true })
})
