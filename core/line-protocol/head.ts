// Of which measurement and tags does a line speak? Called by both decoders for prefixes that are not known yet.
import { comma, failed, type Scanner, space } from './scan.ts'

// Tags as written; `end` is behind the space that ends them.
export type Head = Readonly<{
  measurement: string
  tags: readonly (readonly [string, string])[]
  end: number
}>

// Undefined after scan.fail().
export function readHead(scan: Scanner, from: number, tagsMax: number): Head | undefined {
  let at = scan.measurement(from)
  if (at === failed) return undefined
  const measurement = scan.text(from, at, 'measurement')
  const tags: [string, string][] = []
  while (scan.bytes[at] === comma) {
    const keyAt = at + 1
    const keyEnd = scan.key(keyAt, 'tag')
    if (keyEnd === failed) return undefined
    const valueEnd = scan.tagValue(keyEnd + 1)
    if (valueEnd === failed) return undefined
    const key = scan.text(keyAt, keyEnd, 'key')
    const problem =
      (isAmong(tags, key) && `wanted each tag once, found ${JSON.stringify(key)} again`) ||
      (tags.length === tagsMax && `wanted at most ${tagsMax} tags, found more`)
    if (problem !== false) {
      scan.fail(keyAt, problem)
      return undefined
    }
    tags.push([key, scan.text(keyEnd + 1, valueEnd, 'key')])
    at = valueEnd
  }
  if (scan.bytes[at] === space) return { measurement, tags, end: at + 1 }
  const wanted =
    tags.length === 0 ? 'a comma and a tag, or a space and a field' : 'a comma, or a space and a field'
  scan.fail(at, `wanted ${wanted}, found ${scan.found(at)}`)
  return undefined
}

// Tags are few.
function isAmong(tags: readonly [string, string][], key: string): boolean {
  for (let at = 0; at < tags.length; at++) if (tags[at]![0] === key) return true
  return false
}
