// The fast tests log in hundreds of times, and none of them is about what a guess costs: they have the least that argon2id
// takes. Set up by vitest.config.ts for `fast`; test/core/auth/password.test.ts holds what the service has.
import { vi } from 'vitest'

vi.mock(import('#core/auth/password.ts'), async original => {
  const real = await original()
  const cheap = { memory: 8, passes: 1, parallelism: 1 }
  return {
    ...real,
    hashPassword: password => real.hashPassword(password, cheap),
    nobodysHash: real.nobodysHash.replace('m=19456,t=2', 'm=8,t=1'),
  }
})
