// Alerts where people look who have set up no channel yet: on the front page, and as lines of the log. Called by
// start.ts.
import type { Bus } from '#core/bus.ts'
import type { Log } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import type { ShownAlert } from '../query/front/facts.ts'
import type { ViewGroups } from '../rules/view.ts'

export async function firingIn(view: ViewGroups): Promise<ShownAlert[]> {
  const groups = await view()
  return groups
    .flatMap(({ rules }) => rules.flatMap(({ alerts }) => [...alerts.values()]))
    .filter(({ phase }) => phase === 'firing')
    .map(({ labels, annotations, firedAtMs, activeAtMs }) => ({
      labels,
      summary: annotations['summary'] ?? '',
      sinceMs: firedAtMs ?? activeAtMs,
    }))
}

// Of a storm, some and how many more.
const linesMax = 10

export async function logAlerts(bus: Bus, log: Log): Promise<AsyncDisposable> {
  const subscription = await bus.subscribe('alerts', 'log', async transitions => {
    for (const each of transitions.slice(0, linesMax)) logOne(each, log)
    const left = transitions.length - linesMax
    if (left > 0) log.warn('alert', 'more alerts began or ended', { count: left })
  })
  return { [Symbol.asyncDispose]: () => subscription.stop() }
}

function logOne({ alert, reason }: AlertTransition, log: Log): void {
  const { state, labels, annotations, value, stale } = alert
  const told = {
    labels,
    ...(annotations['summary'] === undefined ? {} : { summary: annotations['summary'] }),
    value,
    ...(stale ? { stale } : {}),
    ...(reason === null ? {} : { reason }),
  }
  // The log says equal lines once, so that each alert has to have a line of its own.
  const { alertname = '', ...rest } = labels
  const line = `${state}: ${alertname} ${Object.values(rest).join(' ')}`
  if (state === 'firing') log.warn('alert', line, told)
  else log.info('alert', line, told)
}
