// The configuration of a running process, and what a reload changes: a bad file is refused and the one in use
// stays. Called by bin/commands/up.ts; rooms that can follow a change listen.
import { isDeepStrictEqual } from 'node:util'
import { Breath } from '../breath.ts'
import {
  type Config,
  type ConfigRead,
  type ConfigSource,
  type Problem,
  readConfig,
  readConfigBeside,
} from '../config.ts'
import { type ConfigKey, configKeys } from './reference.ts'
import { plain } from './tree.ts'

// `changed` are the keys that now have another value; `needRestart` those of them, or of an earlier reload, that
// the process goes on without.
export type Reload =
  | Readonly<{ ok: true; changed: readonly string[]; needRestart: readonly string[] }>
  | Readonly<{ ok: false; problems: readonly Problem[] }>

export type ConfigListener = (config: Config, changed: readonly string[]) => void | Promise<void>

export interface LiveConfig {
  current(): Config
  // The file in use; absent when there is none.
  file(): string | undefined
  reload(): Promise<Reload>
  // The answer ends it.
  onChange(listener: ConfigListener): () => void
}

export type Opened =
  | Readonly<{ ok: true; live: LiveConfig }>
  | Readonly<{ ok: false; problems: readonly Problem[] }>

export function openConfig(source: ConfigSource = {}): Opened {
  const first = readConfig(source)
  return first.ok ? { ok: true, live: liveConfig(source, first) } : first
}

function liveConfig(source: ConfigSource, first: ConfigRead): LiveConfig {
  const listeners = new Set<ConfigListener>()
  let now = first
  const reload = async (): Promise<Reload> => {
    const next = await readConfigBeside(source)
    if (!next.ok) return next
    const breath = new Breath()
    await breath.taken()
    const young = plain(next.tree)
    const keys = configKeys(source.rooms)
    await breath.taken()
    const changed = changedKeys(keys, plain(now.tree), young)
    await breath.taken()
    const needRestart = changedKeys(keys, plain(first.tree), young).filter(path => isFixed(keys, path))
    now = next
    if (changed.length > 0) for (const listener of listeners) await listener(next.config, changed)
    return { ok: true, changed, needRestart }
  }
  return {
    current: () => now.config,
    file: () => now.file,
    reload,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

const isFixed = (keys: readonly ConfigKey[], path: string): boolean =>
  keys.some(key => key.path === path && key.restart)

// What was written, or the default: a default that is now written out is no change.
function changedKeys(keys: readonly ConfigKey[], old: unknown, young: unknown): string[] {
  return keys
    .filter(key => !isDeepStrictEqual(valueAt(old, key), valueAt(young, key)))
    .map(({ path }) => path)
}

function valueAt(written: unknown, key: ConfigKey): unknown {
  let value = written
  for (const name of key.path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name]
  return value ?? key.default
}
