// What stands for a match in a replacement, by Go's rules: $1, ${1}, $name, ${name}, and $$ for a dollar. A group
// that is not there is empty. Called by alert-functions.ts.
import { patternSearch } from '#core/pattern.ts'

const reference = /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu

export function replaceAll(pattern: string, replacement: string, text: string): string {
  let replaced = ''
  let from = 0
  for (const found of patternSearch(pattern)(text)) {
    const piece = replacement.replaceAll(reference, (_, dollar, braced, bare) => {
      if (dollar !== undefined) return '$'
      const name: string = braced ?? bare
      return found.group(/^\d+$/.test(name) ? Number(name) : name)
    })
    replaced += text.slice(from, found.from) + piece
    from = found.to
  }
  return replaced + text.slice(from)
}
