// The keys of the configuration that say where the service is found, by machines and by people. Called by schema.ts.
import { z } from 'zod'
import { address, prefix, url } from './values.ts'

// As in schema.ts: a running process does not follow them.
const atStart = (description: string) => ({ description, restart: true })

export const addressKeys = {
  listen: z
    .union([address, z.array(address).min(1, { error: 'at least one address' })])
    .prefault('127.0.0.1:1876')
    .meta(
      atStart(
        'The one port for everything, or a list of addresses. `:1876` is every IPv4 address, `[::]:1876` every address; `PLIMSOLL_LISTEN` outranks it.',
      ),
    ),
  external_url: url
    .optional()
    .meta(
      atStart(
        "How other machines and people's phones reach this service, for links in messages and on pages.",
      ),
    ),
  route_prefix: prefix
    .optional()
    .meta(
      atStart(
        'The path below which every address is answered; left out: that of `external_url`. `/` where a proxy in front takes it away.',
      ),
    ),
} as const
