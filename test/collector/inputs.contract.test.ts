// What every input in the registry must keep: being in it is enough to be tested.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { metrics } from '#core/metrics.ts'
import { inputMetrics } from '#core/metrics-inputs.ts'
import { inputKinds, inputNames, inputsSchema } from '../../collector/inputs/index.ts'
import { openMachine } from '../../collector/machine.ts'
import { openCaptured } from './captured.ts'
import { type Found, linesOf, openReader } from './gathering.ts'
import { withTables } from './readme.ts'

const folderOf = (name: string): string => `collector/inputs/${name}`
const casesOf = (name: string): string[] => {
  const folder = join(folderOf(name), 'samples')
  return existsSync(folder) ? readdirSync(folder).map(each => join(folder, each)) : []
}
const readingsOf = (folder: string): string[] => readdirSync(folder).filter(each => /^\d$/.test(each))

function expectInVocabulary(found: readonly Found[]): void {
  for (const { name, labels, value } of found) {
    const base = name.replace(/_(?:bucket|sum|count)$/, '')
    const entry = metrics[name as keyof typeof metrics] ?? metrics[base as keyof typeof metrics]
    expect(entry, name).toBeDefined()
    const known: readonly string[] = 'labels' in entry ? [...entry.labels, 'le'] : ['le']
    for (const label of Object.keys(labels)) expect(known, `${name}{${label}}`).toContain(label)
    expect(Number.isFinite(value), `${name} ${value}`).toBe(true)
  }
}

describe.each(inputNames)('input %s', name => {
  const kind = inputKinds[name]

  test('reads this very machine, in words of the vocabulary', async () => {
    const machine = openMachine()
    if (kind.platforms?.includes(machine.platform) === false) return
    const reader = openReader(kind, machine)
    const first = await reader.read()
    const second = await reader.read()
    expectInVocabulary([...first, ...second])

    const before = new Map(linesOf(first).map(line => line.split(/ (?=\S+$)/) as [string, string]))
    for (const line of linesOf(second)) {
      const [series = '', value = ''] = line.split(/ (?=\S+$)/)
      const entry = metrics[series.replace(/\{.*/s, '') as keyof typeof metrics]
      if (entry?.kind !== 'counter' || !before.has(series)) continue
      expect(Number(value), series).toBeGreaterThanOrEqual(Number(before.get(series)))
    }
  })

  test('finds in captured files exactly what is written beside them', async () => {
    for (const folder of casesOf(name)) {
      const { machine, turnTo } = openCaptured(folder)
      const reader = openReader(kind, machine)
      let found: Found[] = []
      for (const reading of readingsOf(folder)) {
        turnTo(reading)
        found = await reader.read()
      }
      expectInVocabulary(found)
      await expect(`${linesOf(found).join('\n')}\n`).toMatchFileSnapshot(
        join(process.cwd(), folder, 'expected.txt'),
      )
    }
  })

  test('survives files that are garbled or end early', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('', ...casesOf(name)), garbling, async (folder, garble) => {
        if (folder === '') return
        const { machine, turnTo } = openCaptured(folder, garble)
        const reader = openReader(kind, machine)
        for (const reading of readingsOf(folder)) {
          turnTo(reading)
          const found = await reader.read().catch(error => {
            expect(error).toBeInstanceOf(Failure)
            return [] as Found[]
          })
          for (const each of found) expect(metrics).toHaveProperty(each.name)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('refuses an option that it does not know, and one of the wrong type', () => {
    const t = (setting: unknown, said: string) => {
      const answer = inputsSchema.safeParse({ [name]: setting })
      expect(answer.success, JSON.stringify(setting)).toBe(false)
      expect(JSON.stringify(answer.error?.issues)).toContain(said)
    }
    t({ colour: 'red' }, 'colour')
    t([{ colour: 'red' }], 'colour')
    t({ interval: 'often' }, 'interval')
    t({ interval: '0s' }, 'interval')
    t('yes', name)

    expect(inputsSchema.safeParse({ [name]: { interval: '5s', tags: { rack: 'r1' } } }).success).toBe(true)
    expect(inputsSchema.safeParse({ [name]: false }).success).toBe(true)
  })

  test('has a README that tells its options and metrics as the tables do', async () => {
    const file = join(process.cwd(), folderOf(name), 'README.md')
    expect(existsSync(file), file).toBe(true)
    const own = Object.entries(inputMetrics).filter(([metric]) => metric.startsWith(`${name}_`))
    // `vitest -u` writes the tables anew.
    await expect(withTables(readFileSync(file, 'utf8'), kind, own)).toMatchFileSnapshot(file)
  })
})

test('no metric of the vocabulary is left without an input', () => {
  const strays = Object.keys(inputMetrics).filter(
    metric => !inputNames.some(name => metric.startsWith(`${name}_`)),
  )
  expect(strays).toEqual([])
})

// Cuts a text off, turns a piece of it into something else, doubles or empties it.
const garbling = fc
  .record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 0, max: 40 }),
    piece: fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom(
        '',
        '-',
        '-1',
        '9'.repeat(400),
        '0x1f',
        '1e999',
        'NaN',
        '\0',
        '\n',
        ' ',
        '../..',
        '__proto__',
      ),
    ),
    kind: fc.constantFrom('cut', 'replace', 'double', 'empty'),
  })
  .map(({ at, length, piece, kind }) => (text: string) => {
    const from = Math.floor(at * text.length)
    if (kind === 'empty') return ''
    if (kind === 'cut') return text.slice(0, from)
    if (kind === 'double') return text + text
    return text.slice(0, from) + piece + text.slice(from + length)
  })
