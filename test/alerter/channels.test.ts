import { expect, test } from 'vitest'
import { channels } from '../../alerter/channels/index.ts'
import { httpChannelContract } from './channels.contract.ts'
import { fakes } from './fake-services/index.ts'

for (const [name, openFake] of Object.entries(fakes)) {
  const channel = channels[name]
  if (channel?.kind === 'http') httpChannelContract({ name, channel, openFake })
}

test('every channel is called what its line says', () => {
  for (const [name, channel] of Object.entries(channels)) expect(channel.name).toBe(name)
  expect(Object.keys(channels)).toEqual(expect.arrayContaining(Object.keys(fakes)))
})
