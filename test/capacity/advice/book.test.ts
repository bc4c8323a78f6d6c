// The book of advice in SQLite.
import { adviceBookContract } from '../advice-book.contract.ts'
import { openState } from './world.ts'

adviceBookContract('SQLite', async () => {
  const { state, dispose } = await openState()
  return { state, other: state, dispose }
})
