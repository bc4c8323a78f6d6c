// What does an error of kafkajs mean to us: that the brokers refuse us, which only people can mend, or that they
// are away, which mends itself? Called wherever kafkajs is asked for something.
import { Failure } from '../../errors.ts'

type KafkaError = Readonly<{
  name?: string
  type?: string
  code?: string
  message?: string
  cause?: unknown
  errors?: unknown
}>

const tooLarge = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'] as const

const refusals: ReadonlySet<string> = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'SECURITY_DISABLED',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
  'POLICY_VIOLATION',
  ...tooLarge,
  'INVALID_REQUIRED_ACKS',
  // Our clock is far from theirs.
  'INVALID_TIMESTAMP',
])

// Of a broker that has just started; when it lasts, somebody has to make the topic.
const missing = 'UNKNOWN_TOPIC_OR_PARTITION'

// The codes that TLS gives when it trusts the other side not.
const distrust = /CERT|SELF_SIGNED|UNABLE_TO|SSL|TLS/

// Itself, what caused it, and what it was put together from.
function chain(error: unknown, depth = 0): KafkaError[] {
  if (typeof error !== 'object' || error === null || depth > 8) return []
  const found = error as KafkaError
  const parts = Array.isArray(found.errors) ? found.errors : []
  return [found, ...chain(found.cause, depth + 1), ...parts.flatMap(each => chain(each, depth + 1))]
}

const isRefusal = ({ name, type, code }: KafkaError): boolean =>
  name === 'KafkaJSSASLAuthenticationError' ||
  (type !== undefined && refusals.has(type)) ||
  (typeof code === 'string' && distrust.test(code))

export const hasType = (error: unknown, ...types: readonly string[]): boolean =>
  chain(error).some(each => each.type !== undefined && types.includes(each.type))

// Whether fewer records at once may be taken.
export const isTooLarge = (error: unknown): boolean => hasType(error, ...tooLarge)

// Whether trying again will not help.
export const isRefused = (error: unknown): boolean =>
  error instanceof Failure ? error.code === 'bus_refused' : chain(error).some(isRefusal)

// `what` was being done. A topic that is missing counts as refused: who asks has been patient already.
export function failureOf(error: unknown, what: string): Failure {
  if (error instanceof Failure) return error
  const told = chain(error)
  const refusal = told.find(isRefusal) ?? told.find(each => each.type === missing)
  // kafkajs looks into an answer that no broker gave.
  const nobody = error instanceof TypeError ? 'no broker answered' : undefined
  const said = nobody ?? (refusal ?? told.at(-1))?.message ?? String(error)
  const code = refusal === undefined ? 'bus_unavailable' : 'bus_refused'
  return new Failure(code, `${what}: ${said}`, { cause: error })
}
