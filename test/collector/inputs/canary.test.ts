import { expect, test } from 'vitest'
import { canarySeries } from '#core/canary.ts'
import { inputKinds } from '../../../collector/inputs/index.ts'
import { openMachine } from '../../../collector/machine.ts'
import { openReader } from '../gathering.ts'

test('is 1 and 0 in turns, so that an alert comes of it and goes each time', async () => {
  const reader = openReader(inputKinds.canary, openMachine())
  const found = [await reader.read(), await reader.read(), await reader.read()]
  expect(found.map(each => each.map(({ name, value }) => `${name} ${value}`))).toEqual([
    [`${canarySeries.name} 1`],
    [`${canarySeries.name} 0`],
    [`${canarySeries.name} 1`],
  ])
})
