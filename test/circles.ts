// Which files lead back to themselves by what they import, types included? Who reads one of them must read all. Called by
// layout.test.ts.
import { join } from 'node:path'
import { type File, importsOf } from './layout.ts'

// Each circle once, as the files on it in their order.
export function circlesIn(files: readonly File[]): readonly (readonly string[])[] {
  const targets = new Map(
    files.map(file => [file.path, importsOf(file).map(({ target }) => placeOf(file, target))]),
  )
  const seen = new Set<string>()
  const circles: string[][] = []
  const look = (path: string, road: readonly string[]): void => {
    const at = road.indexOf(path)
    if (at >= 0) {
      circles.push([...road.slice(at), path])
      return
    }
    if (seen.has(path)) return
    seen.add(path)
    for (const target of targets.get(path) ?? []) look(target, [...road, path])
  }
  for (const path of targets.keys()) look(path, [])
  return circles
}

const placeOf = ({ path }: File, target: string): string => {
  if (target.startsWith('#')) return target.slice(1)
  return target.startsWith('.') ? join(path, '..', target) : target
}
