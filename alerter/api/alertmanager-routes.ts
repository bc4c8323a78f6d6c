// Everything under /api/v2 that Alertmanager's clients ask for: Prometheus, amtool, Grafana. Called by bin/.
import type { Route } from '#core/http/route.ts'
import { type AlertParts, alertRoutes } from './alert-routes.ts'
import { type SilenceParts, silenceRoutes } from './silence-routes.ts'
import { type StatusParts, statusRoutes } from './status-routes.ts'

export const alertmanagerRoutes = (parts: AlertParts & SilenceParts & StatusParts): readonly Route[] => [
  ...statusRoutes(parts),
  ...alertRoutes(parts),
  ...silenceRoutes(parts),
]
