// What a message looks like as an attachment of Slack, and the settings that change its looks, under Alertmanager's names.
// Called by index.ts.
import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { At } from '../../http-settings.ts'
import { barColours, type Said, type Tone } from '../../said.ts'

const field = z.strictObject({ title: text, value: text, short: z.boolean().optional() })
const action = z.strictObject({
  type: text,
  text,
  url: text.optional(),
  style: text.optional(),
  name: text.optional(),
  value: text.optional(),
})

export const words = {
  title: text.optional().describe('A template that outranks our own title.'),
  title_link: text.optional().describe('Where the title leads; left out: to the incident.'),
  pretext: text.optional().describe('A template of what stands above.'),
  text: text.optional().describe('A template that outranks our own words, in the markup of the service.'),
  message_text: text.optional().describe('A template of what stands outside of the attachment.'),
  fallback: text.optional().describe('What a notification shows; left out: the title.'),
  footer: text.optional().describe('What stands below.'),
  color: text.optional().describe('Outranks the colour of the urgency.'),
  fields: z.array(field).max(50).prefault([]).describe('Further fields, after ours.'),
  short_fields: z.boolean().prefault(false).describe('Whether those stand beside each other.'),
  actions: z.array(action).max(5).prefault([]).describe('Further buttons.'),
  mrkdwn_in: z.array(text).optional().describe('Which templates are in the markup of Slack.'),
}

export const templated = [
  'channel',
  'username',
  'icon_emoji',
  'icon_url',
  'title',
  'title_link',
  'pretext',
  'text',
  'message_text',
  'fallback',
  'footer',
  'color',
  'fields',
  'actions',
] as const

// All that Slack asks for; a mention begins with <.
export const escapeEntities = (found: string): string =>
  found.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

type Told = z.output<z.ZodObject<typeof words>>

export const attachmentOf = ({ title, lines, link, linkLabel }: Said, tone: Tone, told: Told) => ({
  color: told.color ?? barColours[tone],
  fallback: told.fallback ?? title,
  pretext: told.pretext,
  title,
  title_link: told.title_link ?? link,
  text: lines.flatMap(line => (line.label === '' ? [line.text] : [])).join('\n'),
  fields: [
    ...lines.flatMap(({ label, text: value }) =>
      label === '' ? [] : [{ title: label, value, short: value.length <= 30 }],
    ),
    ...told.fields.map(each => ({ ...each, short: each.short ?? told.short_fields })),
  ],
  actions: [...(link === undefined ? [] : [{ type: 'button', text: linkLabel, url: link }]), ...told.actions],
  footer: told.footer,
  // Templates may use Slack's markup; what we write ourselves is plain.
  mrkdwn_in:
    told.text === undefined && told.pretext === undefined ? [] : (told.mrkdwn_in ?? ['pretext', 'text']),
})

// Users by U…, groups of users by S….
export function callText({ users, all }: At, own = ''): string | undefined {
  const called = users.map(id => (id.startsWith('S') ? `<!subteam^${id}>` : `<@${id}>`))
  const said = [...(all ? ['<!channel>'] : []), ...called, own].filter(each => each !== '').join(' ')
  return said === '' ? undefined : said
}
