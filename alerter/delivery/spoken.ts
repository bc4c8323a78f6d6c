// Words that are no alert, as a message: of another room, of a canary, of the watchdog. Called by compose.ts, and by the
// watchdog for what is in no outbox.
import { noLabels } from '#core/labels.ts'
import { type Message, noneTruncated } from '../message.ts'
import type { Said } from '../outbox-entry.ts'
import { tongueOf } from '../words.ts'

// How this installation speaks. Without an `externalUrl` there are no links.
export type Voice = Readonly<{ externalUrl: string; language: Message['language']; timeZone: string }>

export type SpokenOptions = Pick<Message, 'id' | 'urgency' | 'receiver' | 'groupKey' | 'atMs'>

export const spokenMessage = (said: Said, of: SpokenOptions, voice: Voice): Message => ({
  ...voice,
  ...wordsOf(said, voice),
  ...of,
  kind: said.kind,
  status: 'resolved',
  groupLabels: noLabels,
  commonLabels: noLabels,
  commonAnnotations: noLabels,
  alerts: [],
  truncated: noneTruncated,
  incident: null,
  link: said.path === null || voice.externalUrl === '' ? null : `${voice.externalUrl}${said.path}`,
  picture: said.picture === null ? null : Buffer.from(said.picture, 'base64'),
  ...(said.data === undefined ? {} : { data: said.data }),
})

// Those of a canary are always the same.
function wordsOf({ kind, title, text }: Said, voice: Voice): Pick<Message, 'title' | 'text'> {
  const { canaryTitle, canaryText } = tongueOf(voice)
  return kind === 'canary' ? { title: canaryTitle, text: canaryText } : { title, text }
}
