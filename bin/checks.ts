// Whether the parts of a process work, for whoever asks at /-/ready. Called by start.ts.
import type { Log } from '#core/log.ts'

type Healthy = Readonly<{ health(): Promise<{ writable: true } | { writable: false; reason: string }> }>

// Those that this process has. Everyone may ask whether it is ready, and the reason names files and servers: it goes
// to the log alone.
export function checksOf(
  parts: Readonly<Record<string, Healthy | undefined>>,
  log: Log,
): Record<string, () => Promise<string | undefined>> {
  const checks: Record<string, () => Promise<string | undefined>> = {}
  for (const [name, part] of Object.entries(parts)) {
    if (part === undefined) continue
    const look = sharing(() => part.health())
    checks[name] = async () => {
      const health = await look()
      if (health.writable) return undefined
      log.warn('up', 'not ready', { code: name, reason: health.reason })
      return 'takes no writes; the log says why'
    }
  }
  return checks
}

// Nobody needs a login to ask, and a part in trouble looks by writing, or by a connection: all who ask meanwhile share it.
function sharing<T>(look: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined
  return () => {
    underWay ??= look().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
