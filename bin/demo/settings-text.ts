// The plimsoll.yml of the demonstration, as somebody may copy from it. Called by demo.ts.
import type { DemoPool } from './parts.ts'

export type DemoSettings = Readonly<{
  listen: string
  timezone: string
  language: 'en' | 'zh'
  // On loopback anybody may look and try; elsewhere nothing is open.
  isOpen: boolean
  pools: readonly DemoPool[]
}>

export const settingsText = ({ listen, timezone, language, isOpen, pools }: DemoSettings): string =>
  `# Made by \`plimsoll demo\`: twenty pools and what was measured of them, none of it real.
listen: ${JSON.stringify(listen)}
timezone: ${JSON.stringify(timezone)}
language: ${language}
${isOpen ? 'auth: {anonymous: [read, operate]}\n' : ''}agent: {enabled: false}
packs: [capacity]
capacity:
  pools:
${pools.map(poolText).join('')}`

const poolText = ({ name, settings }: DemoPool): string =>
  `    ${name}:\n${Object.entries(settings)
    .map(([key, value]) => (key === 'resources' ? resourcesText(value) : `      ${key}: ${flow(value)}\n`))
    .join('')}`

const resourcesText = (resources: unknown): string =>
  `      resources:\n${Object.entries(resources as Record<string, Record<string, unknown>>)
    .map(
      ([name, settings]) =>
        `        ${name}:\n${Object.entries(settings)
          .map(([key, value]) => `          ${key}: ${flow(value)}\n`)
          .join('')}`,
    )
    .join('')}`

// JSON is YAML; words that need no quotes go without, and questions in single ones.
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, each]) => `${key}: ${flow(each)}`)
      .join(', ')}}`
  }
  if (typeof value !== 'string') return String(value)
  if (/^[a-zA-Z][\w+-]*(?: [\w+-]+)*$/.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value))
    return value
  return `'${value.replaceAll("'", "''")}'`
}
