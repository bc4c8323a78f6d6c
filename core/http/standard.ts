// The addresses that every process of this service answers, whatever its roles: own numbers, probes, reload,
// and the description of all addresses. bin/ puts them beside the routes of the rooms.
import { errors, Failure } from '../errors.ts'
import type { Scope } from '../model.ts'
import { type OwnMetrics, textContentType } from '../own-metrics.ts'
import { openApi } from './open-api.ts'
import { type Route, route } from './route.ts'

// A part that says whether it works: nothing, or what is wrong. Never throws for that.
export type Check = () => Promise<string | undefined> | string | undefined

export type StandardOptions = Readonly<{
  own: OwnMetrics
  // Numbers under names of others, in the same format, for dashboards that look for those.
  foreign?: () => Promise<string>
  // By the name that people know the part by.
  checks: Readonly<Record<string, Check>>
  // Reads the configuration again, or throws a Failure with its problems and changes nothing.
  // Answers which keys wait for a restart.
  reload: () => Promise<readonly string[]>
  // Who may ask for that. Left out: administrators. Whoever operates where this stands in Alertmanager's place, and only
  // there: then probes and reloads answer in its words, which others look for.
  reloadScope?: Scope
  version: string
  // Of the other rooms, for the description.
  routes: readonly Route[]
}>

export function standardRoutes(options: StandardOptions): Route[] {
  const { own, foreign = async () => '', checks, reload, reloadScope = 'admin', version } = options
  const isStandIn = reloadScope === 'operate'
  let description: object | undefined
  const reloading = {
    path: '/-/reload',
    scope: reloadScope,
    summary: 'Reads the configuration again. A bad one is refused, and the running one kept.',
    handle: async () => {
      let waiting: readonly string[]
      try {
        waiting = await reload()
      } catch (error) {
        if (!isStandIn || !(error instanceof Failure)) throw error
        return { status: 500, body: `failed to reload config: ${error.detail}\n` }
      }
      if (waiting.length === 0) return { body: 'reloaded\n' }
      return { body: `reloaded; these keys change only with a restart: ${waiting.join(', ')}\n` }
    },
  }
  const routes: Route[] = [
    route({
      method: 'GET',
      path: '/metrics',
      scope: 'read',
      summary: "The service's own numbers, in Prometheus' text format.",
      handle: async () => {
        const body = (await own.text()) + (await foreign().catch(nothingFor))
        return { headers: { 'content-type': textContentType }, body }
      },
    }),
    route({
      method: 'GET',
      path: '/-/healthy',
      scope: 'open',
      summary: 'Answers 200 while the process lives.',
      handle: () => ({ body: isStandIn ? 'OK' : 'healthy\n' }),
    }),
    route({
      method: 'GET',
      path: '/-/ready',
      scope: 'open',
      summary: 'Answers 200 when every part works, else 503 with the parts that do not.',
      failure: failure => ({ ready: false, code: failure.code, detail: failure.detail }),
      handle: async () => {
        const found = await Promise.all(Object.entries(checks).map(troubleOf))
        const troubles = found.filter(each => each !== undefined)
        if (troubles.length > 0) throw new Failure('not_ready', troubles.join('; '))
        return { body: isStandIn ? 'OK' : 'ready\n' }
      },
    }),
    route({ ...reloading, method: 'POST' }),
    // As with Prometheus, and not with Alertmanager.
    ...(isStandIn ? [] : [route({ ...reloading, method: 'PUT' })]),
    route({
      method: 'GET',
      path: '/api/plimsoll/v1/openapi.json',
      scope: 'read',
      summary: 'This description.',
      handle: () => {
        description ??= openApi([...options.routes, ...routes], version)
        return { body: description }
      },
    }),
  ]
  return routes
}

// What is away must not take our own numbers along, which say so.
function nothingFor(error: unknown): string {
  if (error instanceof Failure) return ''
  throw error
}

async function troubleOf([name, check]: readonly [string, Check]): Promise<string | undefined> {
  const trouble = await Promise.resolve()
    .then(check)
    // Open to everyone, so no more than the name of a failure that the log explains.
    .catch(error => (error instanceof Failure ? errors[error.code].means : 'its check failed'))
  return trouble === undefined ? undefined : `${name}: ${trouble}`
}
