// What one text says, read as YAML of Go's library: a number, a list, or nothing where it is only text. For texts that
// templates make, with labels of alerts in them. Called by the channels that send values.
import { parseDocument } from 'yaml'

const textMax = 16_384
const depthMax = 100
// Go's library leaves them as they are written.
const notRead = new Set(
  ['timestamp', 'binary', 'omap', 'pairs', 'set'].map(name => `tag:yaml.org,2002:${name}`),
)

export function looseValue(text: string): unknown {
  // A long list is JSON that a template has made: reading it as YAML would take a hundred times as long.
  const value = /^\s*[[{]/.test(text) ? (fromJson(text) ?? fromYaml(text)) : fromYaml(text)
  return typeof value === 'string' || !isShallow(value, depthMax) ? undefined : value
}

// What is nested deep can be read, and not always be written.
const isShallow = (value: unknown, left: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (left > 0 && Object.values(value).every(each => isShallow(each, left - 1)))

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fromYaml(text: string): unknown {
  if (text.length > textMax) return undefined
  try {
    const document = parseDocument(text, {
      version: '1.1',
      customTags: tags =>
        tags.filter(each => typeof each === 'string' || !(notRead.has(each.tag) || each.format === 'TIME')),
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
    })
    if (document.errors.length + document.warnings.length > 0) return undefined
    // Nothing in it may stand for more than it is long.
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    return undefined
  }
}
