// Every error that a person may meet: its code, the HTTP status where it is an answer, what it means and
// what to do. docs/errors.md is generated from this table. Thrown as Failure by everyone; a bug is an
// ordinary Error.

export const errors = {
  bad_config: {
    status: 400,
    means: 'The configuration has problems. Each is listed with file, line, column and what was wanted.',
    todo: 'Mend the lines named; `plimsoll check` shows them again. A running service keeps its old configuration.',
  },
  bad_pattern: {
    status: 400,
    means:
      'A regular expression is not one that RE2 accepts. Look-around and back-references are not part of RE2.',
    todo: 'Rewrite the expression; https://github.com/google/re2/wiki/Syntax lists what there is.',
  },
  bad_request: {
    status: 400,
    means:
      'The request does not have the form that this address takes. The message says where and what was wanted.',
    todo: 'Correct the request; GET /api/plimsoll/v1/openapi.json describes every address.',
  },
  overloaded: {
    status: 503,
    means: 'More arrives than can be made durable, so this batch was not taken.',
    todo: 'Senders repeat by themselves after Retry-After. If it lasts, look at plimsoll_store_append_seconds and the disk.',
  },
  stopping: {
    status: 503,
    means: 'The service is stopping and takes nothing new.',
    todo: 'Send again after Retry-After.',
  },
  store_full: {
    status: 503,
    means: 'The disk of the data folder is full. Writes are refused, reads go on, and nothing is damaged.',
    todo: 'Make space or shorten `store.keep`. Writes are accepted again by themselves.',
  },
  store_held: {
    status: 503,
    means: 'Another process holds the store in this data folder.',
    todo: 'Stop the other one, or give this one another folder by `data:` or PLIMSOLL_DATA.',
  },
  store_corrupt: {
    status: 503,
    means: 'A file of the store cannot be read: it is damaged, or not ours.',
    todo: 'Restore the newest backup by `plimsoll restore FOLDER`, or move the named file away and lose what it holds.',
  },
  too_large: {
    status: 413,
    means: 'The body, or what it unpacks to, is over the limit.',
    todo: 'Send smaller batches, or raise `limits.body`.',
  },
} as const satisfies Record<string, { status: number; means: string; todo: string }>

export type ErrorCode = keyof typeof errors

// An expected failure on its way to a person. `detail` says what was found where, and may be shown to anyone
// who may see the answer.
export class Failure extends Error {
  readonly code: ErrorCode
  readonly detail: string

  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options)
    this.code = code
    this.detail = detail
  }
}
