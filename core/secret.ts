// A value that cannot be printed by accident: logs, JSON and template strings all show '***'.
// Only reveal() gives it up, so `grep -rn 'reveal()'` is the whole audit.
import { inspect } from 'node:util'

export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '***'
  }
  toJSON(): string {
    return '***'
  }
  [inspect.custom](): string {
    return '***'
  }
}
