// What people do to requests, each deed in one transaction with its facts, its line in the audit and what a ticket system
// is told of it: none is there without the others. Called by requests.ts.
import { Failure } from '#core/errors.ts'
import type { Labels } from '#core/model.ts'
import { audited } from '#core/state/audit.ts'
import type { State } from '#core/state.ts'
import type { Pool } from '../pool.ts'
import type { Request } from '../request.ts'
import { type Act, type Deed, dayIn, type Step, step, stepTo, textMax, unitsIn } from './life.ts'
import { merge, type Piece, split } from './merging.ts'
import { changeNotices, type Told } from './notices.ts'
import type { NoticeOutbox } from './outbox.ts'
import type { Kept } from './redraft.ts'
import { type Change, nextNumber, readRequest, saveChanges, type Transaction } from './rows.ts'

// A person's own, for an application.
export type Wanted = Readonly<{
  month: string
  pool: string
  part: Labels
  kind: Request['kind']
  units: number
  application: string | null
  neededDay: number
  why: string
}>

// Which version the person saw; another one is refused.
export type Seen = Readonly<{ number: number; version: number }>

export type RequestBook = Readonly<{
  make(wanted: Wanted, pool: Pool, deed: Deed): Promise<Request>
  act(seen: Seen, act: Act, deed: Deed): Promise<Request>
  // The one that keeps the number, and the new ones.
  split(seen: Seen, pieces: readonly Piece[], deed: Deed): Promise<readonly Request[]>
  // The one that it went into, and the one that is gone.
  merge(seen: Seen, into: Seen, deed: Deed): Promise<readonly Request[]>
}>

export type BookOptions = Readonly<{
  state: State
  told: () => Told
  outbox: Pick<NoticeOutbox, 'put'>
  // Behind each that is durable.
  onChange: () => Promise<void>
}>

// Each is read whole and shown whole.
const factsMax = 1_000

// What it was refused for is shown beside why.
export class Changed extends Failure {
  readonly present: Request

  constructor(present: Request, seen: number) {
    const { number, version, state } = present
    super(
      'request_changed',
      `request ${number}: wanted version ${seen}, found ${version} (${state}, ${present.units} ${present.unit})`,
    )
    this.present = present
  }
}

export function openRequestBook({ state, told, outbox, onChange }: BookOptions): RequestBook {
  async function change(
    deed: Deed,
    work: (tx: Transaction) => Promise<readonly Change[]>,
  ): Promise<readonly Request[]> {
    const changes = await state.transaction(async tx => {
      const made = await work(tx)
      await saveChanges(tx, made)
      for (const { request, fact } of made) await audited(tx, auditOf(request, fact, deed)).execute()
      await outbox.put(
        tx,
        made.flatMap(({ request, fact }) => changeNotices(request, fact, told())),
      )
      return made
    })
    await onChange()
    return changes.map(({ request }) => request)
  }
  const one = async (deed: Deed, work: (tx: Transaction) => Promise<Change>): Promise<Request> =>
    (await change(deed, async tx => [await work(tx)]))[0]!

  return {
    make: (wanted, pool, deed) =>
      one(deed, async tx => touched(madeBy(wanted, pool, { deed, number: await nextNumber(tx) }))),
    act: (seen, act, deed) =>
      one(deed, async tx => {
        const found = await find(tx, seen)
        return touched(step(found.request, act, deed), found)
      }),
    split: (seen, pieces, deed) =>
      change(deed, async tx => {
        const found = await find(tx, seen)
        const first = await nextNumber(tx)
        const numbers = pieces.slice(1).map((_, at) => first + at)
        const { kept, made } = split(found.request, pieces, numbers, deed)
        return [touched(kept, found), ...made.map(each => touched(each))]
      }),
    merge: (seen, into, deed) =>
      change(deed, async tx => {
        const [mine, months] = [await find(tx, seen), await find(tx, into)]
        const merged = merge(mine.request, months.request, deed)
        return [touched(merged.into, months), touched(merged.gone, mine)]
      }),
  }
}

// From now on it is a person's, whatever a run finds.
const touched = (step: Step, before?: Kept): Change => ({
  ...step,
  isTouched: true,
  notedUnits: before?.notedUnits ?? null,
})

async function find(tx: Transaction, { number, version }: Seen): Promise<Kept> {
  const found = await readRequest(tx, number)
  if (found === undefined) throw new Failure('not_found', `there is no request ${number}`)
  if (found.request.version !== version) throw new Changed(found.request, version)
  if (version >= factsMax)
    throw new Failure(
      'request_not_now',
      `request ${number} has been changed ${version} times: file another one`,
    )
  return found
}

const auditOf = (request: Request, { what, why, atMs, details }: Step['fact'], { who }: Deed) => ({
  ...{ atMs, who, what: `capacity request ${what === 'draft' ? 'reopened' : what}` },
  details: { number: request.number, pool: request.pool, units: request.units, why, ...details },
})

type Around = Readonly<{ deed: Deed; number: number }>

function madeBy(wanted: Wanted, pool: Pool, { deed, number }: Around): Step {
  const { month, part, kind, application, why } = wanted
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
    throw new Failure('bad_request', `month: wanted one like 2026-12, found ${JSON.stringify(month)}`)
  for (const [at, text] of Object.entries({ why, application: application ?? '' }))
    if (text.length > textMax)
      throw new Failure('bad_request', `${at}: wanted at most ${textMax} characters, found ${text.length}`)
  const units = unitsIn(wanted.units, 'units')
  const request: Request = {
    ...{ number, month, pool: pool.name, part, kind, source: 'person', application, state: 'draft', units },
    ...{ unit: pool.unit, deliveredUnits: 0, why, basis: null, dueDay: null },
    cost:
      pool.cost === undefined
        ? null
        : { amount: (kind === 'expand' ? units : -units) * pool.cost.perUnit, currency: pool.cost.currency },
    neededDay: dayIn(wanted.neededDay, 'neededDay'),
    ...{ mergedInto: null, splitFrom: null, by: deed.who },
    ...{ madeAtMs: deed.atMs, changedAtMs: deed.atMs, version: 0 },
  }
  return stepTo(request, {}, { ...deed, what: 'made', details: { units, application } })
}
