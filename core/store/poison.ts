// Which of many lines does a database refuse, when it only says that something is wrong with them? Found by asking
// again with fewer: first those that its answer names, else halves. Called by stores that write text to a server.

// What the database answered to a list that it did not take as a whole.
export type Refusal<Item> = Readonly<{
  reason: string
  // Whether it has kept the good ones of the list.
  othersStored: boolean
  // How many of the list it refused, where it says so.
  count?: number
  // Why this one, where the answer names it.
  blame?: (item: Item) => string | undefined
}>

export type Poisoned<Item> = Readonly<{ item: Item; reason: string }>

// Stores a list, or tells why not. Storing an item again must be harmless. Throws when trying again later may help.
type Store<Item> = (items: readonly Item[]) => Promise<Refusal<Item> | undefined>

// Whoever floods us with bad lines must not hold up the others for ever: beyond this, what is not told apart yet is
// refused as a whole.
export const callsMax = 1_000

// Stores all that can be stored of a list that was refused, and answers with the rest in any order. Each of these was
// refused alone, or together with others that were all refused. k bad ones of n take at most 2k·(log2(n/k) + 1) calls
// (n rounded up to a power of two), and one more where the answers name good ones.
export async function sift<Item>(
  items: readonly Item[],
  refusal: Refusal<Item>,
  store: Store<Item>,
): Promise<Poisoned<Item>[]> {
  let calls = 0
  let isOutOfTurn = false
  const stored = async (part: readonly Item[]): Promise<Poisoned<Item>[]> => {
    calls++
    const refused = await store(part)
    return refused === undefined ? [] : parted(part, refused)
  }
  const parted = async (list: readonly Item[], refused: Refusal<Item>): Promise<Poisoned<Item>[]> => {
    if (list.length === 1 || refused.count === list.length) return poisoned(list, refused)
    if (calls >= callsMax) {
      const reason = `not told apart from others that were refused: ${refused.reason}`
      return poisoned(list, { ...refused, reason })
    }
    const { first, rest, areInOrder } = split(list, refused)
    const found = await stored(first)
    if (!areInOrder && found.length < first.length) isOutOfTurn = true
    // What the first answer counted is all found, and it has kept the rest.
    const isAll = refused.othersStored && refused.count === found.length
    if (!isAll) found.push(...(await stored(rest)))
    return found
  }
  const found = await parted(items, refusal)
  // What was named and is good after all was written before or after its turn, and of two values of one time the later
  // one wins: so all once more, in their order.
  if (isOutOfTurn) {
    const bad = new Set(found.map(each => each.item))
    await store(items.filter(item => !bad.has(item)))
  }
  return found
}

const poisoned = <Item>(items: readonly Item[], { reason, blame }: Refusal<Item>): Poisoned<Item>[] =>
  items.map(item => ({ item, reason: blame?.(item) ?? reason }))

type Split<Item> = Readonly<{ first: Item[]; rest: Item[]; areInOrder: boolean }>

function split<Item>(items: readonly Item[], { blame }: Refusal<Item>): Split<Item> {
  const named = blame === undefined ? [] : items.filter(item => blame(item) !== undefined)
  if (named.length === 0 || named.length === items.length) {
    const middle = items.length >>> 1
    return { first: items.slice(0, middle), rest: items.slice(middle), areInOrder: true }
  }
  const isNamed = new Set(named)
  return { first: named, rest: items.filter(item => !isNamed.has(item)), areInOrder: false }
}
