// Where the other database is, and how to get in: user and password in its address, or a token beside it. Called by the
// command `capacity import`.
import { Failure } from '#core/errors.ts'
import { refusalOf } from '#core/guard.ts'
import { Secret } from '#core/secret.ts'
import type { PrometheusSettings } from '#core/store/prometheus/settings.ts'

export type Source = PrometheusSettings

const urlWanted = 'an address like http://prometheus:9090, perhaps with user:password@ before its name'

export function sourceOf(text: string, token: string | undefined): Source {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Failure(
      'bad_request',
      `--from-prometheus: wanted ${urlWanted}, found ${text.replace(/\/\/.*@/, '//***@')}`,
    )
  }
  const why = refusalOf(url.hostname, 'operator')
  if (why !== undefined) throw new Failure('bad_request', `--from-prometheus: wanted ${urlWanted}; ${why}`)
  const user = plainOf(url.username)
  const password = new Secret(plainOf(url.password))
  const plain = `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/api\/v1$/, '')
  return {
    url: plain,
    write: plain,
    headers: {},
    ...(token !== undefined && token !== '' && { token: new Secret(token) }),
    ...(user !== '' && { basic: { user, password } }),
  }
}

// A % that begins nothing stands for itself.
function plainOf(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
