// Switches and numbers, which in quotes are texts to Alertmanager. Called by the shapes of its parts.
import { foundText, type Tree } from '#core/config/tree.ts'
import { type At, complain, type Reader } from './form.ts'
import * as scalars from './scalars.ts'

const unquoted =
  <V>(read: Reader<V>, wanted: string): Reader<V> =>
  (tree: Tree, at: At) => {
    if (tree.kind !== 'scalar' || at.work.isQuoted?.(tree) !== true) return read(tree, at)
    const found = foundText(tree)
    complain(tree.place, at, { wanted, found, hint: 'without the quotes, which make a text of it' })
    return undefined
  }

export const flag = unquoted(scalars.flag, 'true or false')

export const whole = (atLeast: number): Reader<number> => unquoted(scalars.whole(atLeast), 'a whole number')
