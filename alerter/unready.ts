// A way to tell whose secret cannot be read just now: whatever leaves by it is refused for that reason, as if its service
// had refused the settings, and is tried again. Called wherever the channel of an integration is looked up.
import type { Channel } from './channel.ts'
import { refused } from './http-channel.ts'
import type { Integration, Unready } from './route.ts'

export const channelOf = (
  { channel, unready }: Integration,
  table: Readonly<Record<string, Channel>>,
): Channel | undefined => {
  const found = table[channel]
  return found && (unready === undefined ? found : unreadyChannel(found, unready))
}

// Under the same name, so that it counts as the same.
const unreadyChannel = ({ name, settings }: Channel, { file, reason }: Unready): Channel => ({
  name,
  kind: 'own',
  settings,
  budgets: () => [],
  open: () => ({
    send: async () => refused('settings', `cannot read ${file}: ${reason}`),
    close: async () => {},
  }),
})
