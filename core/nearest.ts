// "Did you mean …": the known word that a mistyped one was probably meant to be. Called wherever an unknown key,
// flag, command or choice is refused.

// Nothing when no word is near enough to be worth a guess.
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_ .]/g, '')
  const wanted = plain(word)
  // One slip in a short word, and one more for every three letters.
  let nearestSlips = Math.max(1, Math.floor(wanted.length / 3)) + 1
  let found: string | undefined
  for (const each of known) {
    const candidate = plain(each)
    if (Math.abs(candidate.length - wanted.length) >= nearestSlips) continue
    const slips = distance(wanted, candidate)
    if (slips < nearestSlips) [nearestSlips, found] = [slips, each]
  }
  return found
}

// For the end of a message; empty where nothing is near enough.
export function guessed(word: string, known: readonly string[]): string {
  const guess = nearest(word, known)
  return guess === undefined ? '' : `; did you mean ${guess}?`
}

// Slips between two words: a letter added, left out, changed, or swapped with its neighbour.
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + cost)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) best = Math.min(best, (before[j - 2] ?? 0) + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
