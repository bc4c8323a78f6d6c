// From the configuration to opened inputs.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { type InputsSetting, inputNames, inputsSchema, openInputs } from '../../collector/inputs/index.ts'
import { openMachine, ownRoots } from '../../collector/machine.ts'

function opened(settings: unknown, platform = 'linux') {
  const lines: string[] = []
  const clock = new SimulatedClock(0)
  const log = openLog({ clock, write: line => lines.push(line) })
  const machine = openMachine(ownRoots, platform)
  const options = { machine, own: openOwnMetrics(), clock, intervalMs: 10_000, log }
  return { lines, inputs: openInputs(inputsSchema.parse(settings) as InputsSetting, options) }
}

test('all are on unless they are switched off; a list opens one several times', () => {
  const t = (settings: unknown, expected: readonly string[]) =>
    expect(
      opened(settings).inputs.map(({ name }) => name),
      JSON.stringify(settings),
    ).toEqual(expected)

  t({}, inputNames)
  t({ cpu: true }, inputNames)
  t(
    { disk: false, self: false },
    inputNames.filter(name => name !== 'disk' && name !== 'self'),
  )
  t(Object.fromEntries(inputNames.map(name => [name, false])), [])
  t({ ...Object.fromEntries(inputNames.map(name => [name, false])), net: [{}, { interfaces: ['lo'] }] }, [
    'net',
    'net',
  ])
  t({ ...Object.fromEntries(inputNames.map(name => [name, false])), net: [] }, [])
})

test('interval, deadline and tags are those of the input, else those of the agent', () => {
  const t = (setting: unknown, expected: object) =>
    expect(opened({ mem: setting }).inputs.find(({ name }) => name === 'mem')).toMatchObject(expected)

  t(true, { intervalMs: 10_000, deadlineMs: 5_000, tags: {} })
  t({ interval: '1s' }, { intervalMs: 1_000, deadlineMs: 500 })
  t({ interval: '5m' }, { intervalMs: 300_000, deadlineMs: 5_000 })
  t({ interval: '5m', deadline: '1m' }, { intervalMs: 300_000, deadlineMs: 60_000 })
  t({ tags: { rack: 'r1' } }, { tags: { rack: 'r1' } })
})

test('an input that this machine cannot have is left out, and that is said', () => {
  const { inputs, lines } = opened({ disk: false }, 'darwin')
  expect(inputs.map(({ name }) => name)).toEqual(['canary', 'cpu', 'mem', 'self', 'system'])
  expect(lines.map(line => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'input diskio cannot be read on darwin',
    'input net cannot be read on darwin',
    'input processes cannot be read on darwin',
    'input swap cannot be read on darwin',
  ])
})
