// Which documents are made from tables of the code, and how. `npm run docs` writes them; test/docs.test.ts fails
// while one says something else than its table.
import { writeFileSync } from 'node:fs'
import { configurationText, editorSchemaText } from '#core/config/reference.ts'
import { errors } from '#core/errors.ts'
import { type MetricName, metricEntry, metrics } from '#core/metrics.ts'
import { commands } from '../bin/commands.ts'
import { roomSchemas } from '../bin/room-schemas.ts'
import { capacityText } from './capacity-text.ts'
import { channelsText } from './channels-text.ts'

// A bar would end a cell of a table.
const cell = (text: string): string => text.replaceAll('|', '\\|')

const errorsText = (): string =>
  [
    '# Errors',
    'What a person may be told, by its code: in the answer to a request, in the log, by a command.',
    ...Object.entries(errors).map(([code, { status, means, todo }]) =>
      [`## ${code}`, `HTTP ${status}. ${means}`, `**To do.** ${todo}`].join('\n\n'),
    ),
  ].join('\n\n')

function metricRow(name: MetricName): string {
  const { kind, unit, meaning, labels = [] } = metricEntry(name)
  const names = labels.map(label => `\`${label}\``).join(', ')
  return `| \`${name}\` | ${kind} | ${cell(unit)} | ${cell(meaning)} | ${names} |`
}

function metricsText(): string {
  const names = (Object.keys(metrics) as MetricName[]).sort()
  const isOwn = (name: string): boolean => /^(?:plimsoll|process|nodejs)_/.test(name)
  const isOfHosts = (name: string): boolean => name.startsWith('agent_')
  const table = (rows: readonly string[]): string =>
    ['| name | kind | unit | meaning | labels |', '|---|---|---|---|---|', ...rows].join('\n')
  return [
    '# Metrics',
    "Every number that Plimsoll writes. The agent's carry the label `host`, and names as in Telegraf.",
    '## What the agent measures',
    table(names.filter(name => !isOwn(name) && !isOfHosts(name)).map(metricRow)),
    '## What the service says of hosts',
    'In its own store only.',
    table(names.filter(isOfHosts).map(metricRow)),
    '## What the service says of itself',
    'At `/metrics`, and in its own store.',
    table(names.filter(isOwn).map(metricRow)),
  ].join('\n\n')
}

function commandsText(): string {
  const parts = commands.map(({ name, args, says, about, examples = [], flags }) => {
    const options = Object.entries(flags).map(
      ([flag, { takes, says }]) => `- \`--${flag}${takes === undefined ? '' : ` ${takes}`}\`: ${says}`,
    )
    const shown = examples.length === 0 ? [] : [`\`\`\`sh\n${examples.join('\n')}\n\`\`\``]
    const text = [
      `## plimsoll ${[name, ...args].join(' ')}`,
      `${says.charAt(0).toUpperCase()}${says.slice(1)}.`,
      about ?? '',
      options.join('\n'),
      ...shown,
    ]
    return text.filter(part => part !== '').join('\n\n')
  })
  const intro =
    'Tables for people, `--json` for programs. Exit code 0: fine, 1: found problems, 2: wrong usage.'
  return ['# Commands', intro, ...parts].join('\n\n')
}

export const documents: Readonly<Record<string, () => string>> = {
  'docs/capacity.md': capacityText,
  'docs/channels.md': channelsText,
  'docs/commands.md': () => `${commandsText()}\n`,
  'docs/configuration.md': () => configurationText(roomSchemas),
  'docs/errors.md': () => `${errorsText()}\n`,
  'docs/metrics.md': () => `${metricsText()}\n`,
  'docs/plimsoll.schema.json': () => editorSchemaText(roomSchemas),
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(documents)) writeFileSync(file, text())
}
