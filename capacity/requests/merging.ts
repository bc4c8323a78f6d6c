// One request becomes several that know of each other, and what people ask for themselves joins the month's. Units are
// neither made nor lost. Pure; called by book.ts in a transaction.
import { Failure } from '#core/errors.ts'
import type { Labels } from '#core/model.ts'
import type { Request } from '../request.ts'
import { costOf, type Deed, notNow, type Step, stepTo, unitsIn } from './life.ts'
import { holds, partKey } from './part.ts'

// The first piece keeps the number; `part` may narrow it to a zone.
export type Piece = Readonly<{ units: number; part?: Labels | undefined }>

const piecesMax = 50

export type Split = Readonly<{ kept: Step; made: readonly Step[] }>

// `numbers` are those of the new ones, one for each piece but the first.
export function split(
  before: Request,
  pieces: readonly Piece[],
  numbers: readonly number[],
  deed: Deed,
): Split {
  if (!['draft', 'submitted', 'approved'].includes(before.state) || before.mergedInto !== null)
    throw notNow(before, 'split')
  checkPieces(before, pieces)
  const [first, ...rest] = pieces.map(({ units, part }) => ({
    ...{ units, part: part ?? before.part, cost: costOf(before, units) },
  }))
  const details = { was: before.units, units: pieces.map(({ units }) => units), into: numbers }
  const kept = stepTo(before, first!, { ...deed, what: 'split', details })
  const made = rest.map((piece, at): Step => {
    const number = numbers[at]!
    const request: Request = {
      ...before,
      ...piece,
      ...{ number, splitFrom: before.number, version: 0, madeAtMs: deed.atMs },
    }
    return stepTo(request, {}, { ...deed, what: 'split', details: { from: before.number, ...details } })
  })
  return { kept, made }
}

function checkPieces({ number, units, part }: Request, pieces: readonly Piece[]): void {
  const found = pieces.map(each => each.units)
  if (pieces.length < 2 || pieces.length > piecesMax)
    throw bad(`units: wanted two pieces or more, at most ${piecesMax}, found ${pieces.length}`)
  for (const each of found) unitsIn(each, 'units', units)
  const sum = found.reduce((all, each) => all + each, 0)
  if (sum !== units)
    throw bad(`units: wanted pieces that are ${units} together, as request ${number} is, found ${sum}`)
  if (pieces.some(each => each.part !== undefined && !holds(part, each.part)))
    throw bad(`part: wanted parts of ${partKey(part)}, which request ${number} is for`)
}

export type Merged = Readonly<{ gone: Step; into: Step }>

// `mine` stays readable where it went.
export function merge(mine: Request, into: Request, deed: Deed): Merged {
  const isOpen = ({ state, mergedInto }: Request): boolean =>
    (state === 'draft' || state === 'submitted') && mergedInto === null
  for (const each of [mine, into]) if (!isOpen(each)) throw notNow(each, 'merged')
  if (mine.source !== 'person' || into.source !== 'forecast')
    throw bad(
      `wanted a person's request and one of the month, found ${mine.number} (${mine.source}) and ${into.number} (${into.source})`,
    )
  const of = ({ pool, part, kind, unit }: Request): string =>
    JSON.stringify([pool, partKey(part), kind, unit])
  if (of(mine) !== of(into))
    throw bad(`wanted two of the same pool, part and kind, found ${of(mine)} and ${of(into)}`)
  // What is for a later month would be ordered too early, and what is for an earlier one would look as if it were there.
  if (mine.month !== into.month)
    throw bad(
      `month: wanted two of the same month, found ${mine.number} (${mine.month}) and ${into.number} (${into.month}): each can go its own way`,
    )
  const units = unitsIn(into.units + mine.units, 'units', into.units + mine.units)
  const state = 'withdrawn' as const
  return {
    gone: stepTo(
      mine,
      { state, mergedInto: into.number },
      { ...deed, what: 'merged', details: { into: into.number, units: mine.units } },
    ),
    into: stepTo(
      into,
      // Whoever needs his sooner does not wait for the others.
      { units, cost: costOf(into, units), neededDay: Math.min(mine.neededDay, into.neededDay) },
      { ...deed, what: 'merged', details: { from: mine.number, units: { was: into.units, is: units } } },
    ),
  }
}

const bad = (what: string): Failure => new Failure('bad_request', what)
