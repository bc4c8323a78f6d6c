// The name of a header in lower case; nothing where it is none. Each is looked at once: a storm sends and reads the same few
// ten thousand times. Called by request.ts and answer-reader.ts.
const known = new Map<string, string>()
const knownMax = 1_000
// Whoever answers may make up as many and as long ones as he likes.
const keptLengthMax = 64

export function headerName(text: string): string | undefined {
  const found = known.get(text)
  if (found !== undefined) return found
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(text)) return undefined
  const made = text.toLowerCase()
  if (text.length > keptLengthMax) return made
  if (known.size >= knownMax) known.clear()
  // A copy: what was cut out of an answer would keep all of that.
  known.set(Buffer.from(text, 'latin1').toString('latin1'), made)
  return made
}
