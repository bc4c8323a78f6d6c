// The last hour of an incident for its page: of the alerts that fired in it, as far as they are still known. Called by
// incident-routes.ts.
import type { Fact } from '../fact.ts'
import type { IncidentView } from '../facts.ts'
import type { PlimsollParts } from './why-routes.ts'

const alertsMax = 20

// As an address for <img>; nothing where there is nothing to show.
export async function incidentPicture(
  { closedAtMs }: IncidentView,
  facts: readonly Fact[],
  { view, clock, timeZone, lastHour }: PlimsollParts,
): Promise<string | undefined> {
  if (lastHour === undefined) return undefined
  const atMs = closedAtMs ?? clock.nowMs()
  const fired = facts.flatMap(({ kind, fingerprint }) =>
    kind === 'fired' && fingerprint !== null ? [fingerprint] : [],
  )
  const known = await Promise.all([...new Set(fired)].slice(0, alertsMax).map(each => view.alert(each)))
  const alerts = known.flatMap(found =>
    found !== undefined && found.alert.startsAtMs <= atMs ? [found.alert] : [],
  )
  if (alerts.length === 0) return undefined
  const picture = await lastHour.pictureOf({ alerts, atMs, timeZone })
  return picture === null ? undefined : `data:image/png;base64,${Buffer.from(picture).toString('base64')}`
}
