import { expect, test } from 'vitest'
import { channels } from '../../alerter/channels/index.ts'
import { entered } from '../../docs/callbacks-text.ts'

test('every service that calls back is told of, and no other', () => {
  const hear = Object.entries(channels).filter(([, { hears }]) => hears !== undefined)
  expect(Object.keys(entered).sort()).toEqual(hear.map(([name]) => name).sort())
})
