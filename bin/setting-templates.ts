// Templates in the settings of receivers that no message could be made of: with a mistake in them, or with the name of one
// that nothing defines. Called by routing.ts, for the start, each reload and `plimsoll check`.
import type { Problem } from '#core/config.ts'
import { channels } from '../alerter/channels/index.ts'
import type { Receiver } from '../alerter/route.ts'
import { checkTemplates } from '../alerter/template/check.ts'
import type { TemplateFile } from '../alerter/template.ts'

// Doubts, since such a message has our own words. Without the text of the template: it may be an address or a key.
export function settingDoubts(receivers: Iterable<Receiver>, files: readonly TemplateFile[]): Problem[] {
  const uses = [...receivers].flatMap(textsOf)
  const names = new Set(uses.map(({ name }) => name))
  const { unreadable, gaps } = checkTemplates(files, uses)
  return [
    ...unreadable.map(({ file, line, column }) => [
      file,
      `one that cannot be read at ${line}:${column} of it`,
    ]),
    ...gaps.map(({ file, found }) => [file, found]),
  ]
    .filter(([name = '']) => names.has(name))
    .map(([path = '', found = '']) => ({
      ...{ file: 'alertmanager', line: 0, column: 0, path },
      ...{ wanted: 'a template that works', found },
    }))
}

const textsOf = ({ name, integrations }: Receiver): TemplateFile[] =>
  integrations.flatMap(({ channel, settings, unready }, nth) => {
    const texts = unready === undefined ? channels[channel]?.texts?.(settings) : undefined
    const at = `receiver ${name}, ${channel}${nth === 0 ? '' : ` (way ${nth + 1})`}`
    return Object.entries(texts ?? {}).map(([key, text]) => ({ name: `${at}, ${key}`, text }))
  })
