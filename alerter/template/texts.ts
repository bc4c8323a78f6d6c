// The templates in the settings of a channel, for one message: what delivery hands to the channel as Around.texts. Called
// by delivery for each message that it sends.
import { Failure } from '#core/errors.ts'
import { Secret } from '#core/secret.ts'
import type { Channel } from '../channel.ts'
import type { Message } from '../message.ts'
import type { Templates } from '../template.ts'

// `failures` name a template each, and what is wrong with it; that one is left out, so that our own words are sent.
export type Texts = Readonly<{
  texts: Readonly<Record<string, string>>
  failures: readonly string[]
  // One of these says where it goes: no words of ours can stand in for that.
  isLost: boolean
}>

// `to`, and `attributes.size` of `attributes`. Names of headers are the same in small letters.
export const isPlace = <S>({ places = [] }: Channel<S>, name: string): boolean =>
  places.includes(name.replace(/\..*$/s, '').toLowerCase())

// Messages without alerts have words of their own, which no template knows; but they have to go somewhere.
export function textsFor<S>(templates: Templates, channel: Channel<S>, settings: S, message: Message): Texts {
  if (message.alerts.length === 0) return placesFor(templates, channel, settings, message)
  return filledIn(channel.texts?.(settings) ?? {}, { templates, channel, settings, message })
}

// Those alone that say where it goes, for a message in our own words.
export function placesFor<S>(
  templates: Templates,
  channel: Channel<S>,
  settings: S,
  message: Message,
): Texts {
  const all = Object.entries(channel.texts?.(settings) ?? {})
  const written = all.filter(([name]) => isPlace(channel, name))
  return filledIn(Object.fromEntries(written), { templates, channel, settings, message })
}

type Filling<S> = Readonly<{ templates: Templates; channel: Channel<S>; settings: S; message: Message }>

function filledIn<S>(
  written: Readonly<Record<string, string>>,
  { templates, channel, settings, message }: Filling<S>,
): Texts {
  const texts: Record<string, string> = {}
  const failures: string[] = []
  let isLost = false
  for (const [name, text] of Object.entries(written)) {
    try {
      texts[name] = templates.render(text, message, kindOf(channel.name, name, settings))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      isLost ||= isPlace(channel, name)
      failures.push(`${channel.name}.${name}: ${isSecret(text, settings) ? hidden : error.detail}`)
    }
  }
  return { texts, failures, isLost }
}

// What is wrong with a template quotes it.
const hidden = 'its template fails; it is a secret, so it is not shown where'
const isSecret = (text: string, settings: unknown): boolean =>
  Object.values(settings as object).some(each => each instanceof Secret && each.reveal() === text)

// As Alertmanager does: pages of mails, and what Telegram is told to read as HTML. Everything else is text.
function kindOf(channel: string, name: string, settings: unknown): 'text' | 'html' {
  if (channel === 'mail') return name === 'html' ? 'html' : 'text'
  const { parse_mode: mode } = settings as { parse_mode?: string }
  return channel === 'telegram' && mode === 'HTML' ? 'html' : 'text'
}
