// What Alertmanager sends and Plimsoll does not, although it has the channel: each with what to do about it; and what
// becomes of the alerts, which is said of settings that are refused too. Called by receivers.ts and bin/made-receiver.ts.
import type { Secret } from '#core/secret.ts'
import type { HttpSettings } from './http-config.ts'
import { isGiven } from './together.ts'

export function unsendable(key: string, settings: object): string | undefined {
  if (key === 'pagerduty_configs' && !('routing_key' in settings) && !('routing_key_file' in settings))
    return 'service_key is of an interface that PagerDuty has replaced: give it a routing_key'
  if (key === 'sns_configs' && !isSigned(settings))
    return "Plimsoll does not ask AWS' environment, profiles or roles for keys: state region, access_key and secret_key below sigv4"
  const { url, http_config: http } = settings as Readonly<{ url?: Secret; http_config?: HttpSettings }>
  if (key === 'webhook_configs' && !hasHost(url))
    return 'its host is a template: write the host as it is; what follows it may be a template'
  if (!isProxy(http?.proxy_url))
    return 'Plimsoll goes by proxies of http:// and https:// only: name one of those, or none'
  return undefined
}

// A host that an alert names is not asked: whoever can post alerts would choose where from inside.
const hasHost = (url: Secret | undefined): boolean =>
  url?.reveal().includes('{{') !== true || /^https?:\/\/[^/?#{}\s]+(?:[/?#]|$)/i.test(url.reveal())

const isProxy = (url = ''): boolean => url === '' || /^https?:\/\//i.test(url)

const isSigned = ({ sigv4 = {} }: Readonly<{ sigv4?: object }>): boolean =>
  ['region', 'access_key', 'secret_key'].every(key => isGiven(sigv4[key as keyof typeof sigv4]))

// `others` are the ways that the receiver has beside it; one without any is the channel of its name, where there is one.
export function henceOf(others: readonly string[], isChannel = false): string {
  if (others.length > 0) return `its alerts go out by its other ways only: ${others.join(', ')}`
  return isChannel
    ? 'its alerts go out by the channel of its name only'
    : 'its alerts go nowhere, since it has no other way'
}
