// So many of the newest, by name: what is older is forgotten. Called by delivery and its parts, and by acknowledged.ts.

export interface Remembered<T> {
  get(name: string): T | undefined
  set(name: string, value: T): void
  delete(name: string): void
}

export function remember<T>(most: number): Remembered<T> {
  const values = new Map<string, T>()
  return {
    get: name => values.get(name),
    set(name, value) {
      values.delete(name)
      const [oldest] = values.keys()
      if (values.size >= most && oldest !== undefined) values.delete(oldest)
      values.set(name, value)
    },
    delete: name => void values.delete(name),
  }
}
