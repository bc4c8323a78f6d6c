// What a file that somebody has written holds, or what is wrong with it. Called by all who read such files beside
// plimsoll.yml: rules, templates, Alertmanager's.
import { readFileSync, statSync } from 'node:fs'
import { fileTrouble } from './expand.ts'

const usualMaxBytes = 16 * 1_048_576

export function textOf(
  path: string,
  maxBytes = usualMaxBytes,
): string | Readonly<{ wanted: string; found: string }> {
  try {
    const { size } = statSync(path)
    if (size > maxBytes) return { wanted: `at most ${maxBytes} bytes`, found: `${size} bytes` }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (cause) {
    if (cause instanceof TypeError) return { wanted: 'text in UTF-8', found: 'other bytes' }
    return { wanted: 'a readable file', found: fileTrouble(cause) }
  }
}
