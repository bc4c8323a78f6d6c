// `plimsoll check` on a file of Alertmanager's: its mistakes, and what of it will be otherwise here. Called by the command
// `check`.
import { basename, resolve } from 'node:path'
import { openFindings } from '#core/config/problem.ts'
import { readForeignYaml } from '#core/config/read.ts'
import { textOf } from '#core/config/text-file.ts'
import { type Comparison, differencesOf } from '../alerter/alertmanager/differences.ts'
import { type AlertmanagerConfig, readAlertmanager } from '../alerter/alertmanager.ts'
import { type Checked, nothingChecked } from './checked.ts'
import { readRoutingFile } from './routing.ts'

// By its look, since one that is broken has one too; of an empty one the name says what it is meant for. No configuration of
// ours has these keys at its top.
export function isRoutingFile(path: string, text: string): boolean {
  if (/^\s*\{/.test(text)) return inBraces(text)
  if (text.split('\n').every(line => /^\s*(?:#|---|$)/.test(line)))
    return /alertmanager/i.test(basename(path))
  return keys.every(key => new RegExp(`^["']?${key}["']?\\s*:`, 'm').test(text))
}

const keys = ['route', 'receivers']

// Also as JSON, which is YAML.
function inBraces(text: string): boolean {
  const { tree } = readForeignYaml(text, { file: '', findings: openFindings(), wanted: '' })
  return tree !== undefined && keys.every(key => tree.keys.has(key))
}

// Paths in it begin at its folder.
export function checkRoutingFile(path: string, cwd: string): Checked {
  const file = resolve(cwd, path)
  const found = textOf(file)
  const text = typeof found === 'string' ? found : ''
  const { routing, problems, warnings } = readRoutingFile(file, text)
  const receivers = routing?.config.receivers.size ?? 0
  const written = readAlertmanager(text, { file }).config
  const isRead = routing !== undefined && written !== undefined
  const routings = isRead ? [{ file: path, receivers, ...compared(routing.config, written) }] : []
  return { ...nothingChecked, routings, problems, warnings }
}

// What was taken over, and what is otherwise in what stands there: our settings do not say where they come from.
const compared = (taken: AlertmanagerConfig, written: AlertmanagerConfig): Comparison => ({
  same: differencesOf(taken).same,
  different: differencesOf(written).different,
})
