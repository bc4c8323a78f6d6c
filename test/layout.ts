// What the layout of the repository forbids: each rule looks at one file and says what is wrong on which line.
// test/layout.test.ts holds every file against every rule.
import { basename, dirname, join } from 'node:path'

export type File = Readonly<{ path: string; text: string }>

// One line for a person: `core/a.ts:3 imports …`.
export type Rule = (file: File) => string[]

const everyone = [
  'core',
  'promql',
  'collector',
  'rules',
  'alerter',
  'capacity',
  'query',
  'dashboards',
  'console',
]

// Room: the rooms beside itself that it may import.
const rooms: Readonly<Record<string, readonly string[]>> = {
  core: [],
  promql: ['core'],
  collector: ['core', 'promql'],
  rules: ['core', 'promql'],
  alerter: ['core', 'promql'],
  capacity: ['core', 'promql'],
  query: ['core', 'promql'],
  dashboards: ['core'],
  // Speaks HTTP only.
  console: [],
  bin: everyone,
  bench: [...everyone, 'bin', 'test'],
  docs: [...everyone, 'bin'],
  test: [...everyone, 'bin', 'bench', 'docs', '.ci'],
  '.ci': [],
}

// Where each outside package comes in. What stands here can be replaced by changing one file or folder.
export const doors: Readonly<Record<string, readonly string[]>> = {
  '@bsull/augurs': ['capacity/forecast/mstl.ts'],
  '@influxdata/influxdb-client': ['core/store/influxdb/'],
  '@prometheus-io/lezer-promql': [],
  fastify: ['core/http/'],
  kafkajs: ['core/bus/kafka/'],
  kysely: ['core/state.ts', 'core/state/'],
  nodemailer: ['alerter/channels/mail/'],
  'node-cron': ['capacity/schedule.ts'],
  'node:sqlite': ['core/state/', 'core/data-folder.ts'],
  pg: ['core/state/'],
  pino: ['core/log.ts'],
  re2js: ['core/pattern.ts'],
  'simple-statistics': ['capacity/forecast/linear.ts'],
  snappyjs: [],
  yaml: ['core/config/'],
  // Schemas are everywhere a border is.
  zod: ['core/', 'collector/', 'rules/', 'alerter/', 'capacity/', 'query/', 'bin/'],
}

const room = (path: string): string => path.split('/')[0] ?? ''
const isTest = (path: string): boolean => ['test', 'bench'].includes(room(path))
const isCode = ({ path }: File): boolean => path.endsWith('.ts') && !path.endsWith('.d.ts')
// A file at the top, such as vitest.config.ts.
const isLoose = (path: string): boolean => !path.includes('/')

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length

type Import = Readonly<{ target: string; line: number }>

const statement =
  /^(?:import|export)\s(?:[^;'"]*?\bfrom\s)?['"]([^'"]+)['"]|(?<!\/\/.*)\bimport\(\s*['"]([^'"]+)['"]/gm

export function importsOf({ text }: File): Import[] {
  return [...text.matchAll(statement)].map(found => ({
    target: found[1] ?? found[2] ?? '',
    line: lineOf(text, found.index),
  }))
}

const complain = (file: File, what: (target: string) => string | undefined): string[] =>
  importsOf(file).flatMap(({ target, line }) => {
    const wrong = what(target)
    return wrong === undefined ? [] : [`${file.path}:${line} imports ${target}: ${wrong}`]
  })

// `#core/…` from outside core, the path inside the repository; else undefined.
function insideOf(path: string, target: string): string | undefined {
  if (target.startsWith('.')) return join(dirname(path), target)
  if (target.startsWith('#')) return join(target.slice(1))
  return undefined
}

export const roomsKeepApart: Rule = file => {
  if (!isCode(file) || isLoose(file.path)) return []
  const own = room(file.path)
  const may = rooms[own]
  if (may === undefined) return [`${file.path}:1 stands in ${own}/, which is no room of test/layout.ts`]
  return complain(file, target => {
    const inside = insideOf(file.path, target)
    if (inside === undefined || isLoose(inside)) return undefined
    const other = room(inside)
    return other === own || may.includes(other) ? undefined : `${own} does not know ${other}`
  })
}

export const twoImportStyles: Rule = file => {
  if (!isCode(file)) return []
  return complain(file, target => {
    const inside = insideOf(file.path, target)
    if (inside === undefined) return undefined
    const [own, other] = [room(file.path), room(inside)]
    if (target.includes('/../') && target.startsWith('#')) return 'leads out of the room that it names'
    if (target.startsWith('#')) return own === other ? 'inside a room imports are relative' : undefined
    if (own !== other && ['core', 'promql'].includes(other)) return `write #${inside}`
    return /\.(ts|js|json|cjs)$/.test(target) ? undefined : 'names no file'
  })
}

const packageOf = (target: string): string => {
  const parts = target.split('/')
  return target.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}

export const oneDoorEach: Rule = file => {
  if (!isCode(file) || isLoose(file.path) || isTest(file.path)) return []
  return complain(file, target => {
    if (insideOf(file.path, target) !== undefined) return undefined
    const name = packageOf(target)
    const door = doors[name]
    if (door === undefined) {
      return name.startsWith('node:') ? undefined : 'no door in test/layout.ts for this package'
    }
    return door.some(each => file.path.startsWith(each))
      ? undefined
      : `it comes in by ${door.join(', ')} only`
  })
}

// Lines of code, without what stands in comments.
const codeLines = ({ text }: File): string[] =>
  text.split('\n').map(line => line.replace(/(^|\s)\/\/.*$|^\s*\/?\*.*$/, ''))

const forbid = (file: File, pattern: RegExp, why: string): string[] =>
  codeLines(file).flatMap((line, at) => {
    const found = pattern.exec(line)
    return found === null ? [] : [`${file.path}:${at + 1} ${found[0]} … ${why}`]
  })

const clock =
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|(?<!\.)\bset(?:Timeout|Interval)\b|\bprocess\.(?:hrtime|uptime)\b/

export const oneClock: Rule = file =>
  !isCode(file) || isTest(file.path) || file.path === 'core/clock.ts'
    ? []
    : forbid(file, clock, 'only core/clock.ts reads the time')

export const oneEnvironment: Rule = file => {
  const may = /^(?:bin\/|test\/|bench\/|core\/config(?:\.ts|[-/]))/.test(file.path) || isLoose(file.path)
  return !isCode(file) || may
    ? []
    : forbid(file, /\bprocess\.env\b/, 'only core/config and bin read the environment')
}

const vague = [
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'types',
  'constants',
  'manager',
  'service',
  'base',
]
const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)*$/

// Inputs and channels carry the names that others gave them: kernel_log.
export const tellingNames: Rule = ({ path, text: _ }) => {
  if (!/\.(ts|cjs)$/.test(path)) return []
  const stem = basename(path).replace(/(\.test)?\.(d\.ts|ts|cjs)$/, '')
  const folders = dirname(path)
    .split('/')
    .filter(each => !each.startsWith('.'))
  const isOdd = !kebab.test(stem) && !/\/inputs\/[a-z0-9_]+\.test\.ts$/.test(path)
  return [
    ...(vague.includes(stem) ? [`${path}:1 is called ${stem}, which says nothing`] : []),
    ...(isOdd ? [`${path}:1 is not in kebab-case`] : []),
    ...folders
      .filter(each => !/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/.test(each))
      .map(each => `${path}:1 stands in ${each}/`),
  ]
}

export function headerOf({ text }: File): string[] {
  const lines = text.replace(/^#!.*\n/, '').split('\n')
  const end = lines.findIndex(line => !line.startsWith('//'))
  return end === -1 ? lines : lines.slice(0, end)
}

export const header: Rule = file => {
  if (!isCode(file) || isLoose(file.path) || isTest(file.path)) return []
  const lines = headerOf(file)
  // Who calls a plugin's door is no question.
  const isDoor = lines.length === 1 && /\/(?:inputs|channels)\/.*\/index\.ts$/.test(file.path)
  const saysBoth = lines.length >= 2 || /\b(?:called|used|read|run|made)\b.*\bby\b/i.test(lines.join(' '))
  return saysBoth || isDoor ? [] : [`${file.path}:1 does not begin with what it decides and who calls it`]
}

const maxLines = 250

// Parsers, inner loops and tables may be longer, when their first lines say that they are one.
export const shortFiles: Rule = file => {
  if (!isCode(file) || room(file.path) === 'test') return []
  const lines = file.text.split('\n').length - 1
  const says = /\b(?:parser|inner loops?|table|bench\/)/i.test(headerOf(file).join(' '))
  return lines <= maxLines || says ? [] : [`${file.path}:${maxLines} goes on to line ${lines}`]
}

export const namedExports: Rule = file =>
  isCode(file) && !isLoose(file.path) ? forbid(file, /^export (?:\*|default\b)/, 'exports have names') : []

// Built from parts, so that this file does not hold what it looks for.
const host = new RegExp(
  [`https?://[^/\\s'"]*\\b(?:regis${'try'}|arti${'factory'}|nex${'us'})\\b`, `\\bnpm${'mirror'}\\b`].join(
    '|',
  ),
)
const machine = new RegExp(
  `(?<![\\w.])/(?:wo${'rk'}/(?:main|shared|peers)|ro${'ot'}/|ho${'me'}/[a-z]\\w*/|Us${'ers'}/[a-zA-Z])`,
)

export const noMachineInside: Rule = file =>
  file.text.split('\n').flatMap((line, at) => {
    const found = host.exec(line) ?? machine.exec(line)
    return found === null ? [] : [`${file.path}:${at + 1} names a place of one machine: ${found[0]}`]
  })

export const rules = {
  roomsKeepApart,
  twoImportStyles,
  oneDoorEach,
  oneClock,
  oneEnvironment,
  tellingNames,
  header,
  shortFiles,
  namedExports,
  noMachineInside,
} satisfies Record<string, Rule>
