// A way to tell that cannot be used just now, for want of a secret or by its settings: whatever leaves by it is refused for
// that reason, as if its service had refused the settings, and is tried again. Called wherever the channel of an
// integration is looked up.
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
    send: async () => refused('settings', file === undefined ? reason : `cannot use ${file}: ${reason}`),
    close: async () => {},
  }),
})
