// What SQLite and the file system answer, and what a person is told.
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { failureOf, type Trouble } from '#core/state/sqlite-failure.ts'

const failed = (trouble: Omit<Trouble, 'trouble'>): Error =>
  failureOf({ trouble: 'told', ...trouble }, '/d/state.db')

test('each answer has its meaning', () => {
  const t = (trouble: Omit<Trouble, 'trouble'>, code: string) =>
    expect(failed(trouble)).toMatchObject({ code })

  t({ errcode: 11 }, 'state_corrupt')
  t({ errcode: 26 }, 'state_corrupt')
  t({ errcode: 13 }, 'state_full')
  t({ errcode: 10 + 19 * 256 }, 'state_full')
  t({ code: 'ENOSPC' }, 'state_full')
  t({ errcode: 3 }, 'data_folder_not_ours')
  t({ errcode: 8 }, 'data_folder_not_ours')
  t({ code: 'EACCES' }, 'data_folder_not_ours')
  t({ errcode: 2067 }, 'conflict')
  // Busy, in one of its kinds; no memory; input and output; the protocol of locks.
  for (const errcode of [5, 5 + 256, 7, 10, 10 + 256, 15]) t({ errcode }, 'state_unavailable')
  for (const code of ['EMFILE', 'ENFILE', 'ESTALE', 'EIO']) t({ code }, 'state_unavailable')
})

test('a statement that does not fit is our mistake, not one of the world', () => {
  for (const trouble of [{ errcode: 1 }, { errcode: 19 }, { errcode: 20, code: 'ERR_SQLITE_ERROR' }])
    expect(failed(trouble)).not.toBeInstanceOf(Failure)
})
