// /api/v2/status and /api/v2/receivers, as Alertmanager 0.31 answers them. Called by alertmanager-routes.ts.
import { type Route, route } from '#core/http/route.ts'
import { timeText } from './form.ts'
import { failureJson } from './refusal.ts'
import type { AlerterView } from './view.ts'

export type StatusParts = Readonly<{
  view: AlerterView
  startedAtMs: number
  // Ours: who asks for it wants to know what answers.
  version: string
}>

export function statusRoutes({ view, startedAtMs, version }: StatusParts): readonly Route[] {
  const shape = { method: 'GET', scope: 'read', failure: failureJson } as const
  const versionInfo = {
    branch: '',
    buildDate: '',
    buildUser: '',
    goVersion: '',
    revision: 'plimsoll',
    version,
  }
  return [
    route({
      ...shape,
      path: '/api/v2/status',
      summary: 'The configuration, without secrets, and since when it runs. As Alertmanager.',
      handle: () => ({
        body: {
          // A fleet of ours has one owner at a time and no cluster to join.
          cluster: { peers: [], status: 'disabled' },
          config: { original: view.config().text() },
          uptime: timeText(startedAtMs),
          versionInfo,
        },
      }),
    }),
    route({
      ...shape,
      path: '/api/v2/receivers',
      summary: 'The names of the receivers. As Alertmanager.',
      handle: () => ({ body: [...view.config().receivers.keys()].map(name => ({ name })) }),
    }),
  ]
}
