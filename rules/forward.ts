// Every alert goes to the Alertmanagers of people who keep theirs too, as Prometheus would send it: at once, each minute
// while it fires, and its end for a quarter of an hour. Each target is on its own. Opened by bin/ beside the engine.
import type { Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { Secret } from '#core/secret.ts'
import { resendMs } from './forward/due.ts'
import type { Target } from './forward/post.ts'
import { openTelling, type TellingOptions } from './forward/target.ts'

export interface Forward {
  // After transitions: what is due is sent at once.
  wake(): void
  // Ends what is under way.
  close(): Promise<void>
}

export type ForwardOptions = TellingOptions &
  Readonly<{
    targets: readonly Target[]
    // Gives alerts that go on the values and words of now.
    refresh(): Promise<void>
  }>

const lookMs = 5_000

export function openForward({ targets, refresh, ...options }: ForwardOptions): Forward {
  const { clock } = options
  const tellings = targets.map(target => openTelling(target, options))
  let timer: Timer | undefined
  const wake = (): void => {
    for (const each of tellings) each.wake()
  }
  let refreshedMs = clock.monotonicMs()
  // What is said again each minute is said in words that are no older than that.
  const look = (): void => {
    timer = clock.after(lookMs, look)
    if (clock.monotonicMs() - refreshedMs < resendMs) wake()
    else void again()
  }
  const again = async (): Promise<void> => {
    refreshedMs = clock.monotonicMs()
    try {
      await refresh()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
    wake()
  }
  if (tellings.length > 0) look()
  return {
    wake,
    async close() {
      timer?.cancel()
      await Promise.all(tellings.map(each => each.close()))
    },
  }
}

// As they stand in the configuration: checked URLs, perhaps with name and password.
export const readTargets = (urls: readonly string[]): Target[] => urls.map(targetOf)

function targetOf(text: string): Target {
  const { origin, host, pathname, username, password } = new URL(text)
  const prefix = pathname.replace(/\/+$/, '')
  const target = { url: `${origin}${prefix}/api/v2/alerts`, shown: `${host}${prefix}` }
  if (username === '' && password === '') return target
  const pair = `${decoded(username)}:${decoded(password)}`
  return { ...target, authorization: new Secret(`Basic ${Buffer.from(pair).toString('base64')}`) }
}

// A percent sign that begins nothing stands for itself.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
