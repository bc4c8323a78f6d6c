// The commands about requests for capacity, as rows of the table of all commands. Called by commands.ts.
import { requestStates } from '../capacity/request.ts'
import type { Flag, Row } from './command.ts'

const why: Flag = { takes: 'TEXT', says: 'the reason, for everybody who reads it' }
const seen: Flag = { takes: 'VERSION', says: 'only if it is still as it was then; left out: as it is now' }
const due: Flag = {
  takes: 'DAY',
  says: 'when it comes or goes, like 2026-12-31; left out: by the lead time, or when it is not missed',
}

// `verb` with what stands behind the number, if anything.
const acts: readonly Readonly<{
  verb: string
  says: string
  about?: string
  example?: string
  flags: Row['flags']
}>[] = [
  { verb: 'submit', says: 'hand drafts in for approval', flags: { why } },
  { verb: 'approve', says: 'approve what was submitted; from now on it is on order', flags: { due, why } },
  {
    verb: 'reject',
    says: 'refuse what was submitted, with a reason',
    example: '17 --why "wait for the new machine type"',
    flags: { why },
  },
  { verb: 'reopen', says: 'make drafts of what was rejected', flags: { why } },
  { verb: 'order', says: 'note that it was ordered', example: '17 --due 2026-12-20', flags: { due, why } },
  {
    verb: 'deliver',
    says: 'note that it came, or some of it',
    example: '17 --units 5',
    flags: { units: { takes: 'NUMBER', says: 'how many came; left out: all that were missing' }, why },
  },
  {
    verb: 'correct',
    says: 'put a delivery right of which too much was noted, with a reason',
    example: '17 --units 10 --why "100 was a slip"',
    flags: { units: { takes: 'NUMBER', says: 'how many have come in all' }, why },
  },
  {
    verb: 'close',
    says: 'put away what was delivered',
    about:
      'What was ordered and will never come is closed too, with a reason: then the rest is not on order any more.',
    flags: { why },
  },
  { verb: 'withdraw', says: 'take back what nobody has ordered yet, with a reason', flags: { why } },
]

export const requestRows = (asking: Row['flags']): readonly Row[] => [
  ...shownRows(asking),
  ...changedRows(asking),
  ...acts.map(
    ({ verb, says, about, example, flags }): Row => ({
      name: `capacity ${verb}`,
      args: ['NUMBER…'],
      says,
      ...(about && { about }),
      ...(example && { examples: [`plimsoll capacity ${verb} ${example}`] }),
      flags: { ...flags, seen, ...asking },
    }),
  ),
  {
    name: 'capacity run',
    args: [],
    says: "make the month's drafts now",
    about:
      'As the schedule does each month. Drafts that nobody has touched are made anew; what somebody has changed or submitted stays, and gets a note of the new number. Planners are told.',
    examples: ['plimsoll capacity run'],
    flags: asking,
  },
]

const shownRows = (asking: Row['flags']): readonly Row[] => [
  {
    name: 'capacity requests',
    args: ['[POOL…]'],
    says: 'show requests for capacity: what to order or give back, and where each stands',
    about:
      'Without POOL, those of all pools. Those that are over (closed, withdrawn) are left out unless asked for.',
    examples: ['plimsoll capacity requests', 'plimsoll capacity requests web --month 2026-12 --all'],
    flags: {
      month: { takes: 'MONTH', says: 'those for this month, like 2026-12' },
      state: { takes: 'LIST', says: `only ${requestStates.join(', ')}`, values: requestStates },
      all: { says: 'also those that are over' },
      ...asking,
    },
  },
  {
    name: 'capacity request',
    args: ['NUMBER'],
    says: 'show one request, what it stands on, and all that happened to it',
    examples: ['plimsoll capacity request 17'],
    flags: asking,
  },
]

const changedRows = (asking: Row['flags']): readonly Row[] => [
  {
    name: 'capacity new',
    args: ['POOL', 'UNITS'],
    says: 'file a request of your own, as a draft',
    about: "A planner can merge it into the month's request for the same pool. Prints its number.",
    examples: [
      'plimsoll capacity new web 5 --needed 2026-12-20 --application pay --why "launch of the wallet"',
      'plimsoll capacity new web 2 --needed 2026-12-31 --give-back --part zone=a',
    ],
    flags: {
      needed: { takes: 'DAY', says: 'the day on which it must serve, like 2026-12-31' },
      why: { takes: 'TEXT', says: 'what for, for whoever approves it' },
      application: { takes: 'NAME', says: 'what it is for' },
      part: { takes: 'LABEL=VALUE', says: 'where in the pool, like zone=a; may be said again', many: true },
      month: { takes: 'MONTH', says: 'like 2026-12; left out: the next one' },
      'give-back': { says: 'units that are not needed any more' },
      ...asking,
    },
  },
  {
    name: 'capacity edit',
    args: ['NUMBER'],
    says: 'change a request, with a reason',
    about:
      'All of a draft and of what is submitted; of what is approved or ordered the day on which it is due. What is of a pool that is planned no more can be carried over to another one, with what has come of it.',
    examples: [
      'plimsoll capacity edit 17 --units 10 --why "two can be moved over from idle"',
      'plimsoll capacity edit 17 --pool frontend --why "web is called frontend now"',
    ],
    flags: {
      units: { takes: 'NUMBER', says: 'how many instead' },
      needed: { takes: 'DAY', says: 'the day on which it must serve' },
      due: { takes: 'DAY', says: 'when it comes or goes; `none`: not known' },
      text: { takes: 'TEXT', says: 'what stands in the request as its reason' },
      pool: { takes: 'POOL', says: 'carry it over to this pool; its own is planned no more' },
      ...{ why, seen, ...asking },
    },
  },
  {
    name: 'capacity split',
    args: ['NUMBER', 'UNITS…'],
    says: 'make several of a request; the first keeps the number',
    about: 'Together as many as before. A piece may be narrowed to a part of the pool: 5:zone=a.',
    examples: ['plimsoll capacity split 17 5 7', 'plimsoll capacity split 17 5:zone=a 7:zone=b'],
    flags: { why, seen, ...asking },
  },
  {
    name: 'capacity merge',
    args: ['NUMBER'],
    says: "add a person's request to the month's for the same pool and part",
    examples: ['plimsoll capacity merge 21 --into 17'],
    flags: { into: { takes: 'NUMBER', says: "the month's request" }, why, ...asking },
  },
]
