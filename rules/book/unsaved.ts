// Pages that are not saved yet, in their order, and who waits for them. Called by scribe.ts.
import type { AlertTransition } from '#core/model.ts'
import type { Page } from '../book.ts'
import { merged, pieceMax, piecesOf, sizeOf } from './pieces.ts'

// Only the last piece of a page has somebody who waits for it.
type Item = {
  readonly page: Page
  waiter: Readonly<{ resolve: () => void; reject: (error: unknown) => void }> | undefined
}

// More than this many pages that could not be saved become one for each part.
const unsavedMax = 100

export class Unsaved {
  #items: Item[] = []

  get count(): number {
    return this.#items.length
  }

  // Resolves when it is saved.
  add(page: Page): Promise<void> {
    const pieces = piecesOf(page)
    if (pieces.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#items.push(...pieces.map(unawaited))
      this.#items.at(-1)!.waiter = { resolve, reject }
    })
  }

  // At least one, and as many more as one save should take.
  first(): Page[] {
    const pages: Page[] = []
    let size = 0
    for (const { page } of this.#items) {
      size += sizeOf(page)
      if (pages.length > 0 && size > pieceMax) break
      pages.push(page)
    }
    return pages
  }

  // So many from the beginning.
  saved(count: number): void {
    for (const { waiter } of this.#items.splice(0, count)) waiter?.resolve()
  }

  // Nobody waits any more, but the pages stay. Answers with what is told to nobody, because there is too much of it.
  refused(error: unknown): readonly AlertTransition[] {
    for (const { waiter } of this.#items) waiter?.reject(error)
    const all = this.#items.map(each => each.page)
    const { pages, left } = all.length > unsavedMax ? merged(all) : { pages: all, left: [] }
    this.#items = pages.flatMap(piecesOf).map(unawaited)
    return left
  }
}

const unawaited = (page: Page): Item => ({ page, waiter: undefined })
