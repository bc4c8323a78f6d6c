// `http_config` and `tls_config` as Prometheus' programs share them: what is in them, what excludes each other, and what
// is not done here. Called by the shapes of global settings and receivers.

import { resolve } from 'node:path'
import type { Place } from '#core/config/problem.ts'
import { flag } from './bare.ts'
import {
  complain,
  doubt,
  emptied,
  type Keys,
  list,
  mapOf,
  type Part,
  placeOf,
  type Reader,
  readPart,
  shape,
  type Values,
  withFiles,
} from './form.ts'
import { anything, oneOf, secret, text } from './scalars.ts'
import { atLeastOne, atMostOne, isGiven } from './together.ts'

// Relative to the configuration file, unlike files of receivers.
const path: Reader<string> = (tree, at) => {
  const found = text(tree, at)
  return found === undefined || found === '' ? found : resolve(at.work.folder, found)
}

const version = oneOf('TLS10', 'TLS11', 'TLS12', 'TLS13')

const tlsKeys = {
  ca: text,
  ca_file: path,
  ca_ref: text,
  cert: text,
  cert_file: path,
  cert_ref: text,
  key: secret,
  key_file: path,
  key_ref: text,
  server_name: text,
  insecure_skip_verify: flag,
  min_version: version,
  max_version: version,
}

// Certificates stay where they are, so that new ones are used without a reload.
export const tlsConfig: Reader<Values<typeof tlsKeys>> = (tree, at) => {
  const part = readPart(tree, tlsKeys, at)
  if (part === undefined) return undefined
  for (const each of ['ca', 'cert', 'key'] as const) atMostOne(part, each, `${each}_file`, `${each}_ref`)
  const has = (each: 'cert' | 'key'): boolean =>
    ([each, `${each}_file`, `${each}_ref`] as const).some(key => isGiven(part.values[key]))
  if (has('cert') && !has('key')) atLeastOne(part, 'key', 'key_file')
  if (has('key') && !has('cert')) atLeastOne(part, 'cert', 'cert_file')
  refuseReferences(part)
  return part.values
}

// Names in a secret manager, of which Alertmanager has none.
function refuseReferences<K extends Keys>(part: Part<K>): void {
  for (const key of Object.keys(part.values).filter(each => each.endsWith('_ref')))
    doubt(placeOf(part, key), part.at, {
      wanted: `no ${key}`,
      found: 'one, and nobody to ask for the secret',
    })
}

const basicKeys = {
  username: text,
  username_file: path,
  username_ref: text,
  password: secret,
  password_file: path,
  password_ref: text,
}

const basicAuth = shape(basicKeys, part => {
  atMostOne(part, 'username', 'username_file', 'username_ref')
  atMostOne(part, 'password', 'password_file', 'password_ref')
  refuseReferences(part)
})

const authorizationKeys = { type: text, credentials: secret, credentials_file: path, credentials_ref: text }

const authorization = shape(authorizationKeys, part => {
  atMostOne(part, 'credentials', 'credentials_file', 'credentials_ref')
  refuseReferences(part)
  if (part.values.type?.trim().toLowerCase() === 'basic')
    complain(placeOf(part, 'type'), part.at, {
      wanted: 'another type',
      found: 'Basic',
      hint: 'basic_auth is for that',
    })
})

const proxyKeys = {
  proxy_url: text,
  no_proxy: text,
  proxy_from_environment: flag,
  proxy_connect_header: mapOf(list(secret)),
}

function judgeProxy<K extends Keys & typeof proxyKeys>(part: Part<K>): void {
  const {
    proxy_url: url,
    no_proxy: except,
    proxy_from_environment: fromEnvironment,
    proxy_connect_header: header,
  } = part.values as Values<typeof proxyKeys>
  const refuse = (key: string, wanted: string): void =>
    complain(placeOf(part, key), part.at, { wanted, found: `${key} without it` })
  if (fromEnvironment === true && isGiven(url)) atMostOne(part, 'proxy_url', 'proxy_from_environment')
  if (fromEnvironment === true && isGiven(except)) atMostOne(part, 'no_proxy', 'proxy_from_environment')
  if (isGiven(except) && url === undefined && fromEnvironment !== true)
    refuse('no_proxy', 'proxy_url beside no_proxy')
  if (header !== undefined && header.size > 0) {
    if (fromEnvironment !== true && !isGiven(url))
      refuse('proxy_connect_header', 'proxy_url or proxy_from_environment')
    lacking(placeOf(part, 'proxy_connect_header'), part, 'proxy_connect_header')
  }
}

function lacking<K extends Keys>(place: Place, { at }: Part<K>, key: string): void {
  const hint = 'Plimsoll does not do that yet; what needs it will be refused by the other side'
  doubt(place, at, { wanted: `no ${key}`, found: 'one', hint })
}

const oauthKeys = {
  client_id: text,
  client_secret: secret,
  client_secret_file: path,
  client_secret_ref: text,
  client_certificate_key_id: text,
  client_certificate_key: secret,
  client_certificate_key_file: path,
  client_certificate_key_ref: text,
  grant_type: text,
  signature_algorithm: text,
  iss: text,
  audience: text,
  claims: anything,
  scopes: list(text),
  token_url: text,
  endpoint_params: mapOf(text),
  tls_config: tlsConfig,
  ...proxyKeys,
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const oauth2 = shape(oauthKeys, part => {
  atLeastOne(part, 'client_id')
  atLeastOne(part, 'token_url')
  if (part.values.grant_type === jwtBearer)
    atMostOne(part, 'client_certificate_key', 'client_certificate_key_file', 'client_certificate_key_ref')
  else atMostOne(part, 'client_secret', 'client_secret_file', 'client_secret_ref')
  const algorithm = part.values.signature_algorithm
  if (
    part.values.grant_type === jwtBearer &&
    isGiven(algorithm) &&
    !/^RS(256|384|512)$/.test(algorithm ?? '')
  )
    complain(placeOf(part, 'signature_algorithm'), part.at, {
      wanted: 'one of RS256, RS384, RS512',
      found: 'another',
    })
})

const header = shape({ values: list(text), secrets: list(secret), files: list(path) })
const headerNames = mapOf((tree, at) => header(emptied(tree), at))
// Set by whoever sends.
const reservedHeaders = new Set(
  [
    'authorization host content-encoding content-length content-type user-agent connection keep-alive',
    'proxy-authenticate proxy-authorization www-authenticate accept-encoding',
    'x-prometheus-remote-write-version x-prometheus-remote-read-version x-prometheus-scrape-timeout-seconds',
    'x-amz-date x-amz-security-token x-amz-content-sha256',
  ].flatMap(line => line.split(' ')),
)

const headers: typeof headerNames = (tree, at) => {
  const found = headerNames(tree, at)
  for (const name of found?.keys() ?? []) {
    if (reservedHeaders.has(name.toLowerCase()))
      complain(tree.place, at, { wanted: 'no header that is set anyway', found: name })
  }
  return found
}

const httpKeys = {
  basic_auth: basicAuth,
  authorization,
  oauth2,
  bearer_token: secret,
  bearer_token_file: path,
  tls_config: tlsConfig,
  follow_redirects: flag,
  enable_http2: flag,
  http_headers: headers,
  ...proxyKeys,
}
export type HttpSettings = Values<typeof httpKeys>

export const httpConfig: Reader<HttpSettings> = (tree, at) => {
  const part = readPart(tree, httpKeys, at)
  if (part === undefined) return undefined
  atMostOne(part, 'bearer_token', 'bearer_token_file')
  atMostOne(part, 'basic_auth', 'authorization', 'oauth2', 'bearer_token')
  if (!isGiven(part.values.bearer_token))
    atMostOne(part, 'basic_auth', 'authorization', 'oauth2', 'bearer_token_file')
  judgeProxy(part)
  if (part.values.oauth2 !== undefined) lacking(placeOf(part, 'oauth2'), part, 'oauth2')
  return withFiles(part, httpKeys).values
}
