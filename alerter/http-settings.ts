// How a channel reaches its service, as Alertmanager writes it in `http_config`, and the kinds of values that settings of
// channels share. Called by the schemas in channels/.

import { z } from 'zod'
import { duration, secret, text } from '#core/config/values.ts'
import { Secret } from '#core/secret.ts'
import type { Transport } from './channel.ts'

const hookWanted = (found: unknown): string =>
  /^https?:\/\//i.test(String(found))
    ? 'an address with a host and a port as there can be'
    : 'an address that begins with http:// or https://'

// The path or the query is the key to the room, so all of it is a secret.
export const hook = z
  .string({ error: ({ input }) => hookWanted(input) })
  .meta({ kind: 'URL', secret: true })
  .refine(value => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), {
    error: ({ input }) => hookWanted(input),
    params: { isSecret: true },
  })
  .transform(value => new Secret(value))

// Who is called by name, while something is broken. Nothing of an alert can add to them.
const person = text.regex(/^[\w.+@:-]{1,128}$/, { error: 'an id: letters, digits and . _ - + @ :' })
export const at = z
  .strictObject({
    mobiles: z
      .array(text.regex(/^\+?[\d-]{3,20}$/, { error: 'a number like 13800000000' }))
      .max(100)
      .prefault([])
      .describe('By their mobile numbers, where the service knows those.'),
    users: z.array(person).max(100).prefault([]).describe('By their ids at the service.'),
    all: z.boolean().prefault(false).describe('Everybody in the room.'),
  })
  .prefault({})
  .describe('Who is called by name while something is broken.')
export type At = z.output<typeof at>

const names = /^[!#$%&'*+.^_`|~\w-]{1,128}$/
const header = z.string().refine(name => names.test(name), { error: 'the name of a header' })
// A line break would begin another header.
const value = z.string().refine(found => /^[\t\x20-\x7e\x80-\xff]*$/.test(found), {
  error: 'the value of a header, on one line',
})

const version = z
  .enum(['TLS10', 'TLS11', 'TLS12', 'TLS13'])
  .transform(
    found =>
      (
        ({ TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' }) satisfies Record<
          typeof found,
          Transport['tls']['minVersion']
        >
      )[found],
  )

// Those of mail too.
export const tlsKeys = {
  ca: text.optional().describe('Who signs the certificate of the service, as PEM.'),
  ca_file: text.optional().describe('The same as a file.'),
  cert: text.optional().describe('Our own certificate, as PEM.'),
  cert_file: text.optional().describe('The same as a file.'),
  key: secret.optional().describe('Its key.'),
  key_file: text.optional().describe('The same as a file.'),
  server_name: text.optional().describe('The name in the certificate, where it is not the host.'),
  insecure_skip_verify: z.boolean().prefault(false).describe('Takes any certificate.'),
}

const tls = z.strictObject({
  ...tlsKeys,
  min_version: version.optional().describe('The oldest version of TLS.'),
  max_version: version.optional().describe('The newest version of TLS.'),
})

const keys = z.strictObject({
  basic_auth: z
    .strictObject({
      username: z.string().prefault('').describe('The name.'),
      password: secret.optional().describe('The password.'),
    })
    .optional()
    .describe('A login with name and password.'),
  authorization: z
    .strictObject({
      type: text.prefault('Bearer').describe('What stands before the credentials.'),
      credentials: secret.describe('The credentials.'),
    })
    .optional()
    .describe('A login by the header Authorization.'),
  bearer_token: secret.optional().describe('The same, with Bearer.'),
  http_headers: z
    .record(
      header,
      z.strictObject({ values: z.array(value).prefault([]), secrets: z.array(value).prefault([]) }),
    )
    .prefault({})
    .describe('Further headers, each with `values` or `secrets`.'),
  tls_config: tls.prefault({}),
  proxy_url: hook.optional().describe('The proxy.'),
  no_proxy: z.string().prefault('').describe('Hosts that are reached without it, as in NO_PROXY.'),
  proxy_from_environment: z
    .boolean()
    .prefault(false)
    .describe('Follows what the environment says of proxies.'),
  follow_redirects: z
    .boolean()
    .prefault(false)
    .describe('Whether it may be sent elsewhere, three times at most.'),
  enable_http2: z.boolean().prefault(true).describe('Accepted and without meaning: HTTP/1.1 is spoken.'),
  timeout: duration({ atLeast: '100ms', atMost: '5m' })
    .prefault('10s')
    .describe('How long an answer may take.'),
})

// `headers` go with every request.
export type Http = Readonly<{ headers: Readonly<Record<string, Secret>>; transport: Transport }>

export const http = keys
  .refine(
    found =>
      [found.basic_auth, found.authorization, found.bearer_token].filter(each => each !== undefined).length <=
      1,
    { error: 'one of basic_auth, authorization, bearer_token' },
  )
  .transform((found): Http => ({ headers: headersOf(found), transport: transportOf(found) }))
  .prefault({})
  .describe('How the service is reached, as Alertmanager writes it; `timeout` beside it.')

type Found = z.output<typeof keys>

function headersOf({ basic_auth: basic, authorization, bearer_token: bearer, http_headers: more }: Found) {
  const headers: Record<string, Secret> = {}
  for (const [name, { values, secrets }] of Object.entries(more)) {
    headers[name.toLowerCase()] = new Secret([...values, ...secrets].join(', '))
  }
  const told = (credentials: string): void => {
    headers['authorization'] = new Secret(credentials)
  }
  if (basic !== undefined) {
    const pair = `${basic.username}:${basic.password?.reveal() ?? ''}`
    told(`Basic ${Buffer.from(pair).toString('base64')}`)
  }
  if (authorization !== undefined) told(`${authorization.type} ${authorization.credentials.reveal()}`)
  if (bearer !== undefined) told(`Bearer ${bearer.reveal()}`)
  return headers
}

function transportOf(found: Found): Transport {
  const { tls_config: given, proxy_url: url, no_proxy: except } = found
  const tls = {
    ca: given.ca,
    caFile: given.ca_file,
    cert: given.cert,
    certFile: given.cert_file,
    key: given.key,
    keyFile: given.key_file,
    serverName: given.server_name,
    verify: !given.insecure_skip_verify,
    minVersion: given.min_version,
    maxVersion: given.max_version,
  }
  const proxy = url === undefined ? undefined : { url, except }
  const chosen = found.proxy_from_environment ? 'environment' : proxy
  return {
    timeoutMs: found.timeout,
    followsRedirects: found.follow_redirects,
    tls: without(tls) as Transport['tls'],
    ...(chosen === undefined ? {} : { proxy: chosen }),
  }
}

const without = (found: object): object =>
  Object.fromEntries(Object.entries(found).filter(([, each]) => each !== undefined))

// Of a request that carries JSON, with what http_config adds.
export const jsonHeaders = (
  { headers }: Http,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  'content-type': 'application/json',
  ...more,
  ...Object.fromEntries(Object.entries(headers).map(([name, each]) => [name, each.reveal()])),
})
