// `plimsoll check` on a file of Alertmanager's: its mistakes, and what of it will be otherwise here. Called by the command
// `check`.
import { resolve } from 'node:path'
import { textOf } from '#core/config/text-file.ts'
import { type Comparison, differencesOf } from '../alerter/alertmanager/differences.ts'
import { type AlertmanagerConfig, readAlertmanager } from '../alerter/alertmanager.ts'
import { type Checked, nothingChecked } from './checked.ts'
import { readRoutingFile } from './routing.ts'

// At the beginning of a line, as nobody writes them in a configuration of ours.
export const isRoutingFile = (text: string): boolean => /^route:/m.test(text) && /^receivers:/m.test(text)

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
