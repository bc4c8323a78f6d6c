// What is made of the same thing again and again is made once. So many are kept, and when there are more it begins anew;
// of what nothing can be made, nothing is kept. Called wherever a storm asks the same ten thousand times.
export function madeOnce<Of, Made>(most: number, make: (of: Of) => Made): (of: Of) => Made {
  const kept = new Map<Of, Made>()
  return of => {
    const known = kept.get(of)
    if (known !== undefined) return known
    const made = make(of)
    if (made === undefined) return made
    if (kept.size >= most) kept.clear()
    kept.set(of, made)
    return made
  }
}
