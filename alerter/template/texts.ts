// The templates in the settings of a channel, for one message: what delivery hands to the channel as Around.texts. Called
// by delivery for each message that it sends.
import { Failure } from '#core/errors.ts'
import type { Channel } from '../channel.ts'
import type { Message } from '../message.ts'
import type { Templates } from '../template.ts'

// `failures` name a template each, and what is wrong with it; that one is left out, so that our own words are sent.
export type Texts = Readonly<{
  texts: Readonly<Record<string, string>>
  failures: readonly string[]
}>

// Messages without alerts have words of their own, which no template knows.
export function textsFor<S>(templates: Templates, channel: Channel<S>, settings: S, message: Message): Texts {
  const texts: Record<string, string> = {}
  const failures: string[] = []
  if (message.alerts.length === 0) return { texts, failures }
  for (const [name, text] of Object.entries(channel.texts?.(settings) ?? {})) {
    try {
      texts[name] = templates.render(text, message, kindOf(channel.name, name, settings))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failures.push(`${channel.name}.${name}: ${error.detail}`)
    }
  }
  return { texts, failures }
}

// As Alertmanager does: pages of mails, and what Telegram is told to read as HTML. Everything else is text.
function kindOf(channel: string, name: string, settings: unknown): 'text' | 'html' {
  if (channel === 'mail') return name === 'html' ? 'html' : 'text'
  const { parse_mode: mode } = settings as { parse_mode?: string }
  return channel === 'telegram' && mode === 'HTML' ? 'html' : 'text'
}
