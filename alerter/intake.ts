// What was reported, as the alerter knows it: alerts that the timeline takes and facts that are kept. Which reports are
// old news is decided here too. Called by the alerter.
import type { AlertTransition } from '#core/model.ts'
import { graphLink } from '#promql/graph-link.ts'
import { isEndByTime, isResolved, type KnownAlert } from './alert.ts'
import { noted, saidShortly } from './alert-size.ts'
import type { AlerterBook } from './book.ts'
import { type Fact, foundByOthers, notReportedAgain } from './fact.ts'
import { LastIds } from './last-ids.ts'
import { mergeAlerts } from './timeline/merge-alerts.ts'
import type { Ended } from './timeline/outcome.ts'

export function knownAlert({ atMs, cameAtMs, alert }: AlertTransition, externalUrl = ''): KnownAlert {
  const { fingerprint, labels, annotations, startsAtMs, endsAtMs, stale, value, rule } = alert
  const ownUrl = rule.expr === '' || externalUrl === '' ? '' : graphLink(externalUrl, rule.expr)
  const { generatorUrl = ownUrl, expiresAtMs = null, isEndAssumed = false } = alert
  return {
    fingerprint,
    labels,
    annotations: saidShortly(annotations),
    startsAtMs,
    endsAtMs: endsAtMs ?? expiresAtMs,
    isEndAssumed,
    stale,
    value,
    generatorUrl,
    ...(rule.id === '' ? {} : { finders: [{ rule: rule.id, sinceMs: startsAtMs }] }),
    updatedAtMs: atMs,
    cameAtMs,
  }
}

// Nobody of ours has evaluated it.
const isPosted = ({ alert }: AlertTransition): boolean => alert.rule.id === ''

// Of a group and an incident the desk knows.
export function factOf(transition: AlertTransition): Fact {
  const { id, atMs, alert, reason } = transition
  const { fingerprint, labels, annotations, startsAtMs, endsAtMs, stale, value, rule, generatorUrl } = alert
  const told = { labels, annotations: noted(annotations), startsAtMs, endsAtMs, stale, value, reason }
  return {
    id,
    kind: alert.state === 'resolved' ? 'resolved' : 'fired',
    atMs,
    incident: null,
    group: null,
    fingerprint,
    who: isPosted(transition) ? 'api' : `${rule.group} ${rule.name}`,
    details: generatorUrl === undefined ? told : { ...told, generatorUrl },
  }
}

// Of one that ended by itself. The id is that of its report, if there were one: whoever finds that end finds the same.
export function factOfEnd({ alert, group }: Ended): Fact {
  const { fingerprint, labels, annotations, startsAtMs, stale, value, generatorUrl } = alert
  const endsAtMs = alert.endsAtMs!
  const told = { labels, annotations: noted(annotations), startsAtMs, endsAtMs, stale, value }
  return {
    ...{ id: `${fingerprint}-resolved-${startsAtMs}-${endsAtMs}`, kind: 'resolved', atMs: endsAtMs },
    ...{ incident: null, group, fingerprint, who: 'api' },
    details: { ...told, reason: notReportedAgain, generatorUrl },
  }
}

// A few milliseconds, and what is made of it is written down before the collector of garbage finds and keeps it: with a
// thousand twice as much of a storm became old.
const portionMax = 256

// A storm in portions, each of neighbours, which are saved in half the time. Those of one alert stay in their order.
export function portionsOf(transitions: readonly AlertTransition[]): readonly (readonly AlertTransition[])[] {
  if (transitions.length <= portionMax) return [transitions]
  // By the beginnings of their fingerprints, as one number with their place: texts would hold everybody up for 0.1 s.
  const keys = new Float64Array(transitions.length)
  for (let at = 0; at < transitions.length; at++)
    keys[at] = Number.parseInt(transitions[at]!.alert.fingerprint.slice(0, headDigits), 16) * placesMax + at
  keys.sort()
  const portions: AlertTransition[][] = []
  for (let at = 0; at < keys.length; at++) {
    if (at % portionMax === 0) portions.push([])
    portions.at(-1)!.push(transitions[keys[at]! % placesMax]!)
  }
  return portions
}

// Both fit into the 53 bits of a whole number.
const headDigits = 7
const placesMax = 2 ** 25

export type Heard = Readonly<{ alert: KnownAlert; fact: Fact | null }>

// Which reports are known? The bus delivers each at least once, and what comes again would begin an alert anew that has
// ended since. Ids of the last ones are remembered; of others the state is asked, unless they are younger than all that
// could be there.
export class Intake {
  readonly #book: Pick<AlerterBook, 'known'>
  readonly #last: LastIds
  readonly #externalUrl: string

  constructor(book: Pick<AlerterBook, 'known'>, lastFactMs: number, externalUrl = '') {
    this.#book = book
    this.#last = new LastIds(lastFactMs)
    this.#externalUrl = externalUrl
  }

  // What is new, in its order. One that was posted comes again and again, because it would end otherwise: it is heard,
  // and is no fact any more. Many who post tell no beginning, so that only who knows the alert knows that it fires already.
  async hear(
    transitions: readonly AlertTransition[],
    current: (fingerprint: string) => KnownAlert | undefined = () => undefined,
  ): Promise<readonly Heard[]> {
    const last = this.#last
    last.makeRoom()
    const doubtful = transitions.filter(({ id, atMs }) => atMs <= last.forgottenUpToMs && !last.has(id))
    const known = doubtful.length === 0 ? none : await this.#book.known(doubtful.map(({ id }) => id))
    const heard: Heard[] = []
    // Of one alert there may be several reports: each is news to what those before have made of it.
    const made = new Map<string, KnownAlert>()
    for (const each of transitions) {
      if (each.alert.state === 'pending') continue
      const isKnown = !last.add(each.id, each.atMs) || (known.size > 0 && known.has(each.id))
      if (isKnown && !isPosted(each)) continue
      const { fingerprint } = each.alert
      const before = made.get(fingerprint) ?? current(fingerprint)
      const alert = knownAlert(each, this.#externalUrl)
      const is = mergeAlerts(before, alert, each.atMs)
      made.set(fingerprint, is)
      const fact = newsOf(each, isKnown, before)
      const isOneOfMany = is !== before && goesOnWithout(alert, is)
      heard.push({ alert, fact: fact !== null && isOneOfMany ? ofOneRule(fact) : fact })
    }
    return heard
  }
}

// The fact that it makes, if it does. What ended by itself begins again when it is reported once more, with the beginning
// that it had, too; its end is written already.
function newsOf(each: AlertTransition, isKnown: boolean, known: KnownAlert | undefined): Fact | null {
  const { id, alert } = each
  if (known !== undefined && isPosted(each) && isEndByTime(known) && isResolved(known, each.atMs)) {
    const isEnd = alert.state === 'resolved'
    // Many who post an end tell no beginning either.
    const isSame = alert.startsAtMs < known.endsAtMs! || (isEnd && alert.startsAtMs === alert.endsAtMs)
    if (isSame) return isEnd ? null : { ...factOf(each), id: `${id}-${known.endsAtMs}` }
  }
  return isKnown || goesOn(each, known) ? null : factOf(each)
}

const goesOn = (posted: AlertTransition, known: KnownAlert | undefined): boolean =>
  isPosted(posted) &&
  posted.alert.state === 'firing' &&
  known !== undefined &&
  !isResolved(known, posted.atMs)

// Whoever has ended it is not the only one who found it.
const goesOnWithout = (taken: KnownAlert, is: KnownAlert): boolean =>
  isResolved(taken, taken.updatedAtMs) && !isResolved(is, taken.updatedAtMs) && (is.finders ?? []).length > 0

const ofOneRule = (fact: Fact): Fact => ({
  ...fact,
  details: { ...(fact.details as object), reason: foundByOthers },
})

const none: ReadonlySet<string> = new Set()
