// Makes InfluxDB ready for us: user and organisation on a fresh server, the bucket with its retention, and a token to
// write it and one to read it. What is there already is kept and used. Called by `plimsoll setup influx`.
import { Failure } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import type { Link, Reply } from './link.ts'

export type SetupOptions = Readonly<{
  link: Link
  org: string
  bucket: string
  // Whole seconds; 0 is for ever.
  keepSeconds: number
  // May do everything; for a server that is set up already.
  token?: Secret
  // For a fresh one.
  user: string
  password: () => Secret
}>

// What was made now, in the order in which it was; nothing on a second run.
export type SetupMade = readonly string[]

export type SetupResult = Readonly<{
  made: SetupMade
  token: Secret
  readToken: Secret
  // Of a server that was fresh: how to come in again.
  first?: Readonly<{ user: string; password: Secret; token: Secret }>
}>

// InfluxDB refuses less, but for 0.
export const keepSecondsMin = 3_600

export async function setUpInfluxdb(options: SetupOptions): Promise<SetupResult> {
  const made: string[] = []
  const first = await begun(options, made)
  const token = first?.token ?? options.token
  if (token === undefined) {
    const todo = 'give a token that may do everything by PLIMSOLL_INFLUX_TOKEN'
    throw new Failure('store_refused', `this InfluxDB is set up already: ${todo}`)
  }
  const api = openApi(options.link, token)
  const orgId = await organisation(api, options, made)
  const bucketId = await bucket(api, { ...options, orgId }, made)
  const scope = { orgId, bucketId, bucket: options.bucket }
  return {
    made,
    token: await scopedToken(api, { ...scope, action: 'write' }, made),
    readToken: await scopedToken(api, { ...scope, action: 'read' }, made),
    ...(first === undefined ? {} : { first }),
  }
}

const limitMs = 10_000

async function begun(options: SetupOptions, made: string[]): Promise<SetupResult['first']> {
  const path = '/api/v2/setup'
  const asked = await options.link.call({ method: 'GET', path, limitMs })
  if ((answer(asked, 'whether it is set up') as { allowed?: boolean }).allowed !== true) return undefined
  const { user, org, bucket, keepSeconds } = options
  const password = options.password()
  const wanted = {
    username: user,
    password: password.reveal(),
    org,
    bucket,
    retentionPeriodSeconds: keepSeconds,
  }
  const body = Buffer.from(JSON.stringify(wanted))
  const reply = await options.link.call({ method: 'POST', path, body, limitMs })
  const { auth } = answer(reply, 'the first user') as { auth: { token: string } }
  made.push(`user ${user}`, `organisation ${org}`, `bucket ${bucket}`)
  return { user, password, token: new Secret(auth.token) }
}

// Nothing when what is asked for is not there.
type Api = (method: 'GET' | 'POST' | 'PATCH', path: string, what: string, body?: object) => Promise<unknown>

const openApi =
  (link: Link, token: Secret): Api =>
  async (method, path, what, body) => {
    const sent = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }
    const reply = await link.call({ method, path, token, limitMs, ...sent })
    return method === 'GET' && reply.status === 404 ? undefined : answer(reply, what)
  }

// `what` was asked for, so that a refusal says it.
function answer({ status, body }: Reply, what: string): unknown {
  const told = parsed(body)
  if (status >= 200 && status < 300 && told !== undefined) return told
  const message = (told as { message?: unknown } | undefined)?.message
  const reason = typeof message === 'string' ? message : body.slice(0, 200)
  const code = status === 429 || status >= 500 ? 'store_unavailable' : 'store_refused'
  throw new Failure(code, `${what}: ${status} ${reason}`)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

type Named = Readonly<{ id: string; name: string }>

async function organisation(api: Api, { org }: SetupOptions, made: string[]): Promise<string> {
  const path = `/api/v2/orgs?${new URLSearchParams({ org })}`
  const found = (await api('GET', path, `organisation ${org}`)) as { orgs?: readonly Named[] } | undefined
  const known = found?.orgs?.find(({ name }) => name === org)
  if (known !== undefined) return known.id
  const { id } = (await api('POST', '/api/v2/orgs', `organisation ${org}`, { name: org })) as Named
  made.push(`organisation ${org}`)
  return id
}

type Bucket = Named & Readonly<{ retentionRules: readonly Readonly<{ everySeconds: number }>[] }>

async function bucket(api: Api, options: SetupOptions & { orgId: string }, made: string[]): Promise<string> {
  const { bucket: name, orgId, keepSeconds } = options
  const rules = keepSeconds === 0 ? [] : [{ type: 'expire', everySeconds: keepSeconds }]
  const path = `/api/v2/buckets?${new URLSearchParams({ orgID: orgId, name })}`
  const found = (await api('GET', path, `bucket ${name}`)) as { buckets: readonly Bucket[] } | undefined
  const known = found?.buckets.find(each => each.name === name)
  if (known === undefined) {
    const wanted = { orgID: orgId, name, retentionRules: rules }
    const { id } = (await api('POST', '/api/v2/buckets', `bucket ${name}`, wanted)) as Named
    made.push(`bucket ${name}`)
    return id
  }
  if ((known.retentionRules[0]?.everySeconds ?? 0) !== keepSeconds) {
    const kept = [{ type: 'expire', everySeconds: keepSeconds }]
    await api('PATCH', `/api/v2/buckets/${known.id}`, `retention of ${name}`, { retentionRules: kept })
    made.push(`retention of ${name}`)
  }
  return known.id
}

type Grant = Readonly<{ orgId: string; bucketId: string; bucket: string; action: 'read' | 'write' }>
type Authorization = Readonly<{
  status: string
  description: string
  token?: string
  permissions: readonly Readonly<{ action: string; resource: Readonly<{ type: string; id?: string }> }>[]
}>

async function scopedToken(api: Api, grant: Grant, made: string[]): Promise<Secret> {
  const { orgId, bucketId, action } = grant
  const description = `plimsoll: ${action} ${grant.bucket}`
  const path = '/api/v2/authorizations'
  const list = `${path}?${new URLSearchParams({ orgID: orgId })}`
  const found = (await api('GET', list, 'tokens')) as { authorizations: readonly Authorization[] } | undefined
  // Servers that keep only a hash do not show it again.
  const known = found?.authorizations.find(
    each =>
      each.description === description &&
      each.token !== undefined &&
      each.token !== '' &&
      isGood(each, grant),
  )
  if (known?.token !== undefined) return new Secret(known.token)
  const permissions = [{ action, resource: { type: 'buckets', id: bucketId, orgID: orgId } }]
  const wanted = { orgID: orgId, description, permissions }
  const { token } = (await api('POST', path, `a token to ${action}`, wanted)) as { token: string }
  made.push(`token to ${action}`)
  return new Secret(token)
}

// Exactly what it is for, and no more.
const isGood = ({ status, permissions }: Authorization, { bucketId, action }: Grant): boolean =>
  status === 'active' &&
  permissions.length === 1 &&
  permissions.every(
    each => each.action === action && each.resource.type === 'buckets' && each.resource.id === bucketId,
  )
