// Does a name match one of a person's patterns, as a shell would see it: *, ? and [a-z]? Called by inputs whose
// options choose devices or interfaces.
import { patternTest } from '#core/pattern.ts'

export function globTest(globs: readonly string[]): (name: string) => boolean {
  const tests = globs.map(glob => patternTest(patternOf(glob)))
  return name => tests.some(test => test(name))
}

function patternOf(glob: string): string {
  return glob.replace(/\[!?[^\]]+\]|[\s\S]/g, part => {
    if (part === '*') return '.*'
    if (part === '?') return '.'
    if (part.length > 1) return part.replace('[!', '[^').replaceAll('\\', '\\\\')
    return part.replace(/[\\^$.|+()[\]{}]/, '\\$&')
  })
}
