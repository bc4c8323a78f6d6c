// Who tells people: our whole service and an Alertmanager, as processes, both with the very same Alertmanager file.
// Called by the benchmarks of the alerter.
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { freePort, type Running, type Start, start } from './process.ts'

export type Notifier = Readonly<{ name: string; program: string }>
export type RunningNotifier = Running & Readonly<{ origin: string }>

// As Alertmanager writes them; `rules` are those of our own service.
export type NotifierSettings = Readonly<{
  folder: string
  hook: string
  groupBy: readonly string[]
  groupWait: string
  groupInterval?: string
  rules?: string
  limits?: string
  // Of one that was there before.
  port?: number
}>

const root = join(import.meta.dirname, '..')

export const ours: Notifier = { name: 'plimsoll', program: join(root, 'bin/plimsoll') }

// Ours comes first.
export function notifiers(): readonly Notifier[] {
  const program = installed('PLIMSOLL_ALERTMANAGER', ['alertmanager', 'prometheus-alertmanager'])
  if (program !== undefined) return [ours, { name: 'alertmanager', program }]
  console.log(
    'there is no Alertmanager here, so there is nothing to compare with; to have one: go install github.com/prometheus/alertmanager/cmd/alertmanager@v0.31.1, then name it in PLIMSOLL_ALERTMANAGER',
  )
  return [ours]
}

// The first that is there: what the variable names, else by name where the shell would look.
export function installed(variable: string, names: readonly string[]): string | undefined {
  const named = process.env[variable]
  if (named !== undefined) return named
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export async function startNotifier(
  { name, program }: Notifier,
  settings: NotifierSettings,
): Promise<RunningNotifier> {
  const { folder, port = await freePort() } = settings
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'alertmanager.yml'), routing(settings))
  const at = `127.0.0.1:${port}`
  const how = name === ours.name ? ourStart(program, at, settings) : theirStart(program, at, folder)
  return { ...(await start(how)), origin: `http://${at}` }
}

const routing = ({ hook, groupBy, groupWait, groupInterval = '5m' }: NotifierSettings): string => `route:
  receiver: hook
  group_by: [${groupBy.map(name => `'${name}'`).join(', ')}]
  group_wait: ${groupWait}
  group_interval: ${groupInterval}
  repeat_interval: 4h
receivers:
  - name: hook
    webhook_configs: [{url: '${hook}'}]
`

function ourStart(command: string, at: string, { folder, rules, limits = '{}' }: NotifierSettings): Start {
  const config = join(folder, 'plimsoll.yml')
  const lines = [
    `listen: ${at}`,
    `external_url: http://${at}`,
    `data: ${folder}/data`,
    'agent: {enabled: false}',
    'auth: {anonymous: [read, write]}',
    'packs: []',
    `limits: ${limits}`,
    'alertmanager: alertmanager.yml',
  ]
  if (rules !== undefined) {
    writeFileSync(join(folder, 'rules.yml'), rules)
    lines.push('rules: [rules.yml]')
  }
  writeFileSync(config, `${lines.join('\n')}\n`)
  const env = {
    PLIMSOLL_BENCH_PULSE: join(folder, 'pulse'),
    NODE_OPTIONS: `--import ${join(import.meta.dirname, 'pulse.js')}`,
  }
  return { command, args: ['up', '--config', config], env, readyUrl: `http://${at}/-/ready` }
}

function theirStart(command: string, at: string, folder: string): Start {
  const args = [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/data`,
    `--web.listen-address=${at}`,
    '--cluster.listen-address=',
    '--log.level=error',
  ]
  return { command, args, readyUrl: `http://${at}/-/ready` }
}
