import { expect, test, vi } from 'vitest'
import type * as Password from '#core/auth/password.ts'

// As it is in the service: the other fast tests have it cheaper (test/cheap-passwords.ts).
const { hashPassword, nobodysHash, verifyPassword } =
  await vi.importActual<typeof Password>('#core/auth/password.ts')

test('agrees with the reference implementation of argon2', async () => {
  const t = async (password: string, kept: string, isRight: boolean) =>
    expect(await verifyPassword(password, kept), kept).toBe(isRight)

  // From test.c of https://github.com/P-H-C/phc-winner-argon2.
  const strong = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  await t('password', strong, true)
  await t('Password', strong, false)
  await t(
    'password',
    '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    true,
  )
  await t(
    'password',
    '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc',
    true,
  )
  await t(
    'differentpassword',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94',
    true,
  )
})

test('keeps its parameters with the hash, and salts each', async () => {
  const [one, other] = [await hashPassword('same'), await hashPassword('same')]
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(one).not.toBe(other)
  expect(await verifyPassword('same', other)).toBe(true)
  expect(await verifyPassword('samE', other)).toBe(false)
})

test("nobody's hash costs what a real one costs, and is nobody's", async () => {
  const parameters = (hash: string): string | undefined => hash.split('$')[3]
  expect(parameters(nobodysHash)).toBe(parameters(await hashPassword('x')))
  expect(await verifyPassword('', nobodysHash)).toBe(false)
})

test('few run at once and not many wait', async () => {
  const cheap = nobodysHash.replace('m=19456,t=2', 'm=64,t=1')
  const tried = await Promise.allSettled([...Array(60).keys()].map(() => verifyPassword('x', cheap)))
  const refused = tried.filter(each => each.status === 'rejected')
  expect(refused).toHaveLength(8)
  for (const each of refused) expect(each.reason).toMatchObject({ code: 'overloaded' })
  expect(await verifyPassword('x', cheap)).toBe(false)
})

test('a hash of another kind is a mistake of ours', async () => {
  await expect(verifyPassword('x', '$2b$10$abc')).rejects.toThrow('not one of argon2id')
})
