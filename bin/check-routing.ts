// `plimsoll check` on a file of Alertmanager's: its mistakes, and what of it will be otherwise here. Called by the command
// `check`.
import { resolve } from 'node:path'
import { textOf } from '#core/config/text-file.ts'
import { differencesOf } from '../alerter/alertmanager/differences.ts'
import { type Checked, nothingChecked } from './checked.ts'
import { readRoutingFile } from './routing.ts'

// At the beginning of a line, as nobody writes them in a configuration of ours.
export const isRoutingFile = (text: string): boolean => /^route:/m.test(text) && /^receivers:/m.test(text)

// Paths in it begin at its folder.
export function checkRoutingFile(path: string, cwd: string): Checked {
  const file = resolve(cwd, path)
  const text = textOf(file)
  const { routing, problems, warnings } = readRoutingFile(file, typeof text === 'string' ? text : '')
  const receivers = routing?.config.receivers.size ?? 0
  const routings = routing === undefined ? [] : [{ file: path, receivers, ...differencesOf(routing.config) }]
  return { ...nothingChecked, routings, problems, warnings }
}
