// The page at `/` until the console is there: what runs, how fast samples come in, this machine, who else sends, and
// how to send a first number. Called by bin/, which hands the route to the server.
import { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import { languageOf } from '#core/http/language.ts'
import { page } from '#core/http/page.ts'
import { type Call, type Route, route } from '#core/http/route.ts'
import type { SeriesTable } from '#core/series.ts'
import type { EmbeddedStore } from '#core/store/embedded.ts'
import type { Store } from '#core/store.ts'
import type { Facts, Firing, FrontConfig, Page, ShownAlert } from './front/facts.ts'
import { lookAt } from './front/machine.ts'
import { openOthers } from './front/others.ts'
import { view } from './front/view.ts'
import { worstOf } from './front/worst.ts'

export { type FrontConfig, type Page, pages } from './front/facts.ts'

export type FrontOptions = Readonly<{
  // An embedded store also says how large it is.
  store: Pick<Store, 'select'> & Partial<Pick<EmbeddedStore, 'size'>>
  table: SeriesTable
  clock: Clock
  // When this process started.
  startedMs: number
  version: string
  // Asked for each page, so that it shows what a reload has changed.
  config: () => FrontConfig
  // The paths of other pages that this process answers.
  pages?: readonly Page[]
  // What fires; left out where nobody knows.
  firing?: () => Promise<readonly ShownAlert[]>
  // By fingerprint, for those that people were told of; left out where nobody is told.
  incidents?: (fingerprints: readonly string[]) => Promise<ReadonlyMap<string, number>>
}>

// `hold` keeps the page as it is, for reading and copying at leisure.
const asked = z.object({ hold: z.string().optional() })
type Asked = z.infer<typeof asked>

// The server renews the page, as there are no scripts; soon while there is nothing to see yet.
const renewsEveryS = 10
const renewsSoonS = 2
const newForMs = 60_000

export const frontPageRoutes = (options: FrontOptions): Route[] => {
  const lookAround = openOthers(options)
  return [
    route<Asked, unknown>({
      method: 'GET',
      path: '/',
      scope: 'read',
      summary: 'A page for people: what runs, how fast samples come in, and the last values of this machine.',
      query: asked,
      handle: async call => {
        const facts = await gather(options, lookAround, call)
        const headers: Record<string, string> = facts.isHeld ? {} : { refresh: String(facts.renewsEveryS) }
        return page(view(facts), { headers })
      },
    }),
    route({
      method: 'GET',
      path: '/graph',
      scope: 'read',
      summary:
        'Where the links of our alerts lead, as those of Prometheus do: to the front page, while there are no graphs.',
      query: z.looseObject({}),
      handle: () => ({ status: 302, headers: { location: '/', 'cache-control': 'no-store' } }),
    }),
  ]
}

async function gather(
  options: FrontOptions,
  lookAround: ReturnType<typeof openOthers>,
  { headers, query, principal }: Call<Asked>,
): Promise<Facts> {
  const { store, table, clock, startedMs, version } = options
  const config = options.config()
  const { host } = config.agent
  const nowMs = clock.nowMs()
  const [machine, others, size, firing] = await Promise.all([
    lookAt(store, host, nowMs),
    lookAround(host),
    store.size?.(),
    firingNow(options),
  ])
  const isAwaited = config.agent.enabled && machine.readings.length === 0 && nowMs - startedMs < newForMs
  return {
    nowMs,
    startedMs,
    version,
    config,
    language: languageOf(headers['accept-language'], config.language),
    principal,
    url: config.externalUrl ?? `http://${hostOf(headers.host) ?? 'localhost'}`,
    series: table.count,
    size,
    machine,
    others,
    firing,
    pages: options.pages ?? [],
    isHeld: query.hold !== undefined,
    renewsEveryS: isAwaited ? renewsSoonS : renewsEveryS,
  }
}

const alertsMax = 50

async function firingNow({ firing, incidents }: FrontOptions): Promise<Firing | undefined> {
  const all = await firing?.()
  if (all === undefined) return undefined
  const worst = worstOf(all, alertsMax)
  const numbers = await incidents?.(worst.map(({ fingerprint }) => fingerprint))
  return { worst, count: all.length, incidents: numbers ?? new Map() }
}

// It ends up in lines that people paste into a shell.
const hostOf = (header: string | undefined): string | undefined =>
  header !== undefined && /^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d+)?$/.test(header) ? header : undefined
