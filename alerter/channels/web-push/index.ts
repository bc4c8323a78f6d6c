// Web push: notifications of browsers on phones and desktops, for people who have added a device at /push. By the push
// services of the makers of browsers, which carry what they cannot read.
import { z } from 'zod'
import { text } from '#core/config/values.ts'
import { Failure } from '#core/errors.ts'
import type { OwnChannel } from '../../channel.ts'
import { later, refused } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { filled, templatesOf } from '../../templated.ts'
import type { Whom } from '../../web-push/devices.ts'
import { notificationOf } from '../../web-push/notification.ts'
import type { Push } from '../../web-push/push.ts'
import { verdictOf } from '../../web-push/verdicts.ts'

const keys = z.strictObject({
  users: z.array(text).min(1).max(1_000).optional().describe('People by the names with which they log in.'),
  everyone: z.boolean().prefault(false).describe('All who may log in and have added a device.'),
  contact: z
    .email({ error: 'a mail address' })
    .optional()
    .describe('Whom push services may write to; left out: they are told external_url, where that is https.'),
  title: text.optional().describe('A template that outranks our own title.'),
  text: text.optional().describe('A template that outranks our own words.'),
  http_config: http,
})
const settings = keys
  .refine(found => (found.users === undefined) === found.everyone, { error: 'one of users and everyone' })
  .refine(found => Object.keys(found.http_config.headers).length === 0, {
    path: ['http_config'],
    error: 'no login and no headers, since push services take a proof of our own',
  })

export type WebPushSettings = z.output<typeof settings>

export const whomOf = ({ users, everyone }: WebPushSettings): Whom =>
  everyone ? 'everyone' : { users: [...new Set(users)] }

// `push` is there where the state is: in the process that tells. Others only read the settings.
export const webPush = (push?: Push): OwnChannel<WebPushSettings> => ({
  name: 'web-push',
  kind: 'own',
  about: {
    is: 'Notifications of browsers on phones and desktops, for people who have added a device at `/push`.',
    success: 'the push service has it for one device at least: accepted',
    size: '3 993 bytes; a lock screen shows the first lines',
    proof: 'a key pair of this installation (VAPID)',
    pictures: false,
    follows: 'takes the place of the last one',
    example: { users: ['anna'] },
  },
  settings,
  // A lock screen on which more come is not read any more.
  budgets: found => [{ key: `web-push:${keyOf(found)}`, times: 20, perMs: 60_000, reserve: 5 }],
  texts: found => templatesOf(found, ['title', 'text']),
  open: found => ({
    async send(message, around, signal) {
      if (push === undefined) return refused('settings', 'this process has no devices')
      const whom = whomOf(found)
      const { title, text: own } = filled(found, ['title', 'text'], around)
      const { http_config, contact } = found
      const how = { transport: http_config.transport, contact, signal }
      try {
        const devices = await push.devices.list(whom)
        const said = await push.send(devices, notificationOf(message, { title, text: own }), how)
        const known = new Set(devices.map(({ user }) => user))
        return verdictOf(said, whom === 'everyone' ? [] : whom.users.filter(each => !known.has(each)))
      } catch (error) {
        // The state is away.
        if (error instanceof Failure) return later(error.message)
        throw error
      }
    },
    close: async () => {},
  }),
})

const keyOf = ({ users }: WebPushSettings): string => users?.toSorted().join(' ') ?? ''

export const channel = webPush()
