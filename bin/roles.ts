// What a process does of all that the service does: `up --roles`. Left out: everything. Called by start.ts, which
// starts what is named here, and by engines.ts, which opens what the roles need.
import { nearest } from '#core/nearest.ts'
import { Stop } from './command.ts'

type Engine = 'bus' | 'store' | 'state'

// Every process opens the state, for its door; who came in there before comes in without it too.
const needs = {
  gateway: ['bus'],
  agent: ['bus'],
  sink: ['bus', 'store', 'state'],
  rules: ['bus', 'store', 'state'],
  alerter: ['bus', 'state'],
  capacity: ['bus', 'store', 'state'],
  query: ['store', 'state'],
  console: ['store', 'state'],
} as const satisfies Record<string, readonly Engine[]>

export type Role = keyof typeof needs
export type Roles = ReadonlySet<Role>

export const roleNames = Object.keys(needs) as Role[]
export const everyRole: Roles = new Set(roleNames)

export const rolesNeed = (roles: Roles, engine: Engine): boolean =>
  [...roles].some(role => needs[role].some(each => each === engine))

export function readRoles(text: string | undefined): Roles {
  if (text === undefined) return everyRole
  const names = text.split(',').map(name => name.trim())
  for (const name of names) {
    if (roleNames.some(each => each === name)) continue
    const guess = nearest(name, roleNames)
    const hint = guess === undefined ? '' : ` (did you mean ${guess}?)`
    throw new Stop(`--roles: wanted some of ${roleNames.join(', ')}, found ${name || 'nothing'}${hint}`, 2)
  }
  return new Set(names as Role[])
}

const senders = ['gateway', 'agent', 'capacity'] as const

// The embedded bus keeps nothing: without a sink in the same process, samples would be acknowledged and gone.
export function refuseLoneSenders(roles: Roles): void {
  if (roles.has('sink') || !senders.some(each => roles.has(each))) return
  throw new Stop(
    'with the embedded engines, gateway, agent and capacity need the sink in the same process: add sink to --roles, or name Kafka, a database of samples and PostgreSQL under `engines`',
    2,
  )
}
