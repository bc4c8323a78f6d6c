// May another message leave, and if not, when? Token buckets that fill all the time; by the hour or the day never more
// than the limit, whichever hours or day one looks at; and by the month as months.ts counts. Times are those of a clock that never goes back. Called by lane.ts
// before each message.
import type { BucketBudget, Budget, MonthBudget } from '../channel.ts'
import type { Urgency } from '../timeline/outcome.ts'
import { type Asked, type Calendar, openMonths } from './months.ts'
import { remember } from './remembered.ts'

export interface Budgets {
  // Until so many messages may have left, one after the other; 0: now.
  waitMs(budgets: readonly Budget[], asked: Asked): number
  // One leaves, allowed or not: what it takes too much is missing later.
  spend(budgets: readonly Budget[], urgency: Urgency, nowMs: number): void
  // It did not leave after all. Of short ones nothing is given back, since tries count there too.
  giveBack(budgets: readonly Budget[], times: Readonly<{ spentMs: number; nowMs: number }>): void
  // One has left before this process began, after all that were recalled before.
  recall(budgets: readonly Budget[], urgency: Urgency, atMs: number): void
  // So many have, in this month.
  recallMonth(budgets: readonly Budget[], times: number, nowMs: number): void
  // Of the scarcest.
  left(budgets: readonly Budget[], nowMs: number): number
}

// What is kept for urgent messages is a bucket of its own: what the one has no room for fills the other.
// Of long ones it is noted when each left that counts still, the oldest first: a full bucket that is emptied and fills
// again would let twice the limit through.
type Bucket = { open: number; kept: number; atMs: number; sent: number[] }

const minuteMs = 60_000
// Limits of things that were taken out of the configuration are forgotten, the oldest first.
const bucketsMax = 10_000
// What is lost when numbers are added up.
const dust = 1e-6

export const isMonthly = (budget: Budget): budget is MonthBudget => 'per' in budget

export const isLong = (budget: Budget): budget is BucketBudget =>
  !isMonthly(budget) && budget.perMs > minuteMs

export const isShort = (budget: Budget): boolean => !isMonthly(budget) && !isLong(budget)

const utc: Calendar = { timeZone: 'UTC', wallMs: nowMs => nowMs }

// Of so long before this process began all that left is recalled.
export function openBudgets(knownMs = 0, calendar = utc): Budgets {
  const buckets = remember<Bucket>(bucketsMax)
  const months = openMonths(calendar)

  // As full as it can be after what was spent before this process began. Short ones are empty, since tries count there
  // and nobody knows them; long ones are full before what is recalled, as far as that goes back; at least there is what a
  // minute allows, and one.
  const bucketOf = (budget: BucketBudget, nowMs: number): Bucket => {
    const id = `${budget.perMs} ${budget.key}`
    const known = buckets.get(id)
    if (known !== undefined) {
      fill(known, budget, nowMs)
      return known
    }
    const made = firstOf(budget, { knownMs, nowMs })
    buckets.set(id, made)
    return made
  }
  const spend: Budgets['spend'] = (budgets, urgency, nowMs) => {
    for (const budget of budgets) {
      if (isMonthly(budget)) {
        months.add(budget, 1, nowMs)
        continue
      }
      const bucket = bucketOf(budget, nowMs)
      if (isLong(budget)) bucket.sent.push(nowMs)
      bucket.open -= 1
      if (urgency !== 'page' || bucket.open >= 0) continue
      bucket.kept += bucket.open
      bucket.open = 0
    }
  }
  return {
    waitMs: (budgets, asked) =>
      Math.max(
        0,
        ...budgets.map(each =>
          isMonthly(each) ? months.waitMs(each, asked) : waitOf(bucketOf(each, asked.nowMs), each, asked),
        ),
      ),
    spend,
    recall: (budgets, urgency, atMs) => spend(budgets.filter(isLong), urgency, atMs),
    recallMonth(budgets, times, nowMs) {
      for (const budget of budgets.filter(isMonthly)) months.add(budget, times, nowMs)
    },
    giveBack(budgets, { spentMs, nowMs }) {
      for (const budget of budgets.filter(isMonthly)) months.add(budget, -1, spentMs)
      for (const budget of budgets.filter(isLong)) {
        const bucket = bucketOf(budget, nowMs)
        const at = bucket.sent.lastIndexOf(spentMs)
        if (at >= 0) bucket.sent.splice(at, 1)
        const room = roomOf(budget)
        const over = Math.max(0, bucket.open + 1 - room.open)
        bucket.open += 1 - over
        bucket.kept = Math.min(room.kept, bucket.kept + over)
      }
    },
    left: (budgets, nowMs) =>
      budgets.reduce((least, each) => {
        if (isMonthly(each)) return Math.min(least, months.left(each, nowMs))
        const { open, kept, sent } = bucketOf(each, nowMs)
        return Math.min(least, Math.max(0, open + kept), Math.max(0, each.times - sent.length))
      }, Number.POSITIVE_INFINITY),
  }
}

type Begun = Readonly<{ knownMs: number; nowMs: number }>

function firstOf(budget: BucketBudget, { knownMs, nowMs: atMs }: Begun): Bucket {
  if (!isLong(budget)) return { open: 0, kept: 0, atMs, sent: [] }
  const room = roomOf(budget)
  const share = Math.min(1, knownMs / budget.perMs)
  const open = Math.max(1, (budget.times * minuteMs) / budget.perMs, room.open * share)
  return { open: Math.min(open, room.open), kept: room.kept * share, atMs, sent: [] }
}

function roomOf({ times, reserve }: Budget): Readonly<{ open: number; kept: number }> {
  const kept = Math.max(0, Math.min(reserve, times - 1))
  return { open: times - kept, kept }
}

function fill(bucket: Bucket, budget: BucketBudget, nowMs: number): void {
  const room = roomOf(budget)
  const gained = ((nowMs - bucket.atMs) * budget.times) / budget.perMs
  bucket.atMs = nowMs
  while (bucket.sent.length > 0 && bucket.sent[0]! <= nowMs - budget.perMs) bucket.sent.shift()
  bucket.open += (gained * room.open) / budget.times
  bucket.kept += (gained * room.kept) / budget.times
  if (bucket.kept > room.kept) {
    bucket.open += bucket.kept - room.kept
    bucket.kept = room.kept
  }
  if (bucket.open > room.open) {
    bucket.kept = Math.min(room.kept, bucket.kept + bucket.open - room.open)
    bucket.open = room.open
  }
}

const waitOf = (bucket: Bucket, budget: BucketBudget, asked: Asked): number =>
  Math.max(fillingMs(bucket, budget, asked), agingMs(bucket, budget, asked))

// Until so many of those that left count no more. Who asks for more than ever counts is told of the longest wait.
function agingMs({ sent }: Bucket, { times: most, perMs }: BucketBudget, { times, nowMs }: Asked): number {
  const over = sent.length + times - most
  if (over <= 0 || sent.length === 0) return 0
  return sent[Math.min(over, sent.length) - 1]! + perMs - nowMs
}

function fillingMs({ open, kept }: Bucket, budget: BucketBudget, { urgency, times }: Asked): number {
  const perMs = budget.times / budget.perMs
  const missing = times - open - (urgency === 'page' ? kept : 0)
  if (missing <= dust) return 0
  if (urgency === 'page') return Math.ceil(missing / perMs)
  const room = roomOf(budget)
  const openPerMs = (perMs * room.open) / budget.times
  // Until what is kept is full, it takes its share.
  const sharedMs = room.kept === 0 ? 0 : Math.max(0, (room.kept - kept) / (perMs - openPerMs))
  const meanwhile = sharedMs * openPerMs
  return Math.ceil(missing <= meanwhile ? missing / openPerMs : sharedMs + (missing - meanwhile) / perMs)
}
