// Who comes in by which credential, and who does not.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openInvitations } from '#core/auth/first-run.ts'
import { localTokenFile } from '#core/auth/local-token.ts'
import { openTokens } from '#core/auth/tokens.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Scope } from '#core/model.ts'
import type { State } from '#core/state.ts'
import { dayMs, minuteMs, openWorld, startMs, type World } from './world.ts'

async function tokenOf(w: World, name = 'telegraf', scopes: readonly Scope[] = ['write']) {
  const { token, secret } = await w.access.tokens.create({ name, scopes }, 'test')
  return { id: token.id, secret: secret.reveal() }
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

test('a token comes in by every form that writers use', async () => {
  await using w = await openWorld()
  const { secret } = await tokenOf(w)
  const telegraf = { kind: 'token', name: 'telegraf', scopes: ['write'] }
  const t = async (authorization: string) =>
    expect(await w.who({ authorization }), authorization).toEqual(telegraf)

  await t(`Bearer ${secret}`)
  await t(`bearer ${secret}`)
  await t(`Token ${secret}`)
  // InfluxDB 1.8 with a client of version 2.
  await t(`Token grafana:${secret}`)
  await t(`Basic ${base64(`anybody:${secret}`)}`)
  await t(`Basic ${base64(`:${secret}`)}`)
  // InfluxDB 1 writers.
  expect(await w.who({}, { u: 'anybody', p: secret })).toEqual(telegraf)
  expect(await w.who({}, { p: secret })).toEqual(telegraf)
})

test('what is wrong is refused with the reason, even where everything is open', async () => {
  await using w = await openWorld({ anonymous: ['read', 'write', 'operate', 'admin'] })
  const { secret } = await tokenOf(w)
  const t = async (headers: Record<string, string>, why: string) =>
    expect(await w.who(headers), JSON.stringify(headers)).toContain(why)

  const notOurs = 'unauthorised: the token is not one of ours'
  await t({ authorization: 'Bearer junk' }, notOurs)
  await t({ authorization: `Bearer ${secret.slice(0, -1)}` }, notOurs)
  await t({ authorization: `Bearer ${secret.toUpperCase()}` }, notOurs)
  await t({ authorization: `Basic ${base64(`${secret}:`)}` }, notOurs)
  await t({ authorization: `Basic ${base64(secret)}` }, 'Basic wants name:token')
  await t({ authorization: 'Basic' }, 'Authorization wants')
  await t({ authorization: '' }, 'Authorization wants')
  await t({ authorization: `Digest ${secret}` }, 'Authorization wants')
  await t({ cookie: 'plimsoll_session=junk' }, 'the session is over')
  expect(await w.who({}, { u: 'x', p: 'junk' })).toContain(notOurs)
  // What the request says itself counts, not what a browser adds.
  await t({ ...bearer('junk'), cookie: `plimsoll_session=${secret}` }, notOurs)
  // A token is not a session.
  await t({ cookie: `plimsoll_session=${secret}` }, 'the session is over')
})

test('who shows nothing is nobody, or whom the configuration lets in', async () => {
  await using w = await openWorld()
  expect(await w.who({})).toBeUndefined()
  expect(await w.who({ cookie: 'other=1' })).toBeUndefined()
  expect(await w.who({}, { p: '' })).toBeUndefined()
  await w.restart({ anonymous: ['read', 'write'] })
  expect(await w.who({})).toEqual({ kind: 'anonymous', name: 'anonymous', scopes: ['read', 'write'] })
})

test('a token is good until it expires or is revoked', async () => {
  await using w = await openWorld()
  const expiresAtMs = startMs + 60 * minuteMs
  const { secret } = await w.access.tokens.create({ name: 'short', scopes: ['read'], expiresAtMs }, 'test')
  const other = await tokenOf(w)
  await w.clock.runUntil(expiresAtMs - 1)
  expect(await w.who(bearer(secret.reveal()))).toMatchObject({ name: 'short' })
  // Also while it is remembered.
  await w.clock.runUntil(expiresAtMs)
  expect(await w.who(bearer(secret.reveal()))).toContain('the token has expired')

  expect(await w.who(bearer(other.secret))).toMatchObject({ name: 'telegraf' })
  const revoked = await w.access.tokens.revoke(other.id, 'test')
  expect(revoked.revokedAtMs).toBe(expiresAtMs)
  expect(await w.who(bearer(other.secret))).toContain('the token is revoked')
  // Once more changes nothing; one that never was is told.
  await w.clock.runFor(minuteMs)
  expect((await w.access.tokens.revoke(other.id, 'test')).revokedAtMs).toBe(expiresAtMs)
  await expect(w.access.tokens.revoke('nope', 'test')).rejects.toMatchObject({ code: 'not_found' })
})

test('a revocation while a request is being looked up is not forgotten', async () => {
  await using w = await openWorld()
  const { id, secret } = await tokenOf(w)
  // The answer of the look-up is on its way while the token is revoked.
  const { promise: gate, resolve: arrive } = Promise.withResolvers<void>()
  const late = w.state.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      await gate
      return result
    },
  })
  const tokens = openTokens({ ...w.state, db: late }, w.clock)
  const under = tokens.recognise(secret)
  await w.state.write([])
  await tokens.revoke(id, 'test')
  arrive()
  expect(await under).toMatchObject({ principal: { name: 'telegraf' } })
  expect(await tokens.recognise(secret)).toEqual({ refused: 'the token is revoked' })
})

test('the revocation of another process is seen within ten seconds', async () => {
  await using w = await openWorld()
  const { id, secret } = await tokenOf(w)
  expect(await w.who(bearer(secret))).toMatchObject({ name: 'telegraf' })
  await w.state.write([w.state.db.updateTable('tokens').set({ revoked_at_ms: startMs }).where('id', '=', id)])
  expect(await w.who(bearer(secret))).toMatchObject({ name: 'telegraf' })
  await w.clock.runFor(10_000)
  // Also by those who come while the first of them is looked up.
  const both = await Promise.all([1, 2].map(() => w.who(bearer(secret))))
  for (const each of both) expect(each).toContain('the token is revoked')
})

test('it is seen as soon where somebody sets the clock back', async () => {
  await using w = await openWorld()
  const { id, secret } = await tokenOf(w)
  let setBackMs = 0
  const nowMs = (): number => w.clock.nowMs() - setBackMs
  const { clock } = w
  const tokens = openTokens(w.state, {
    nowMs,
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, wake) => clock.after(delayMs, wake),
  } as Clock)
  await tokens.recognise(secret)
  await w.state.write([w.state.db.updateTable('tokens').set({ revoked_at_ms: startMs }).where('id', '=', id)])
  setBackMs = dayMs
  await w.clock.runFor(10_000)
  expect(await tokens.recognise(secret)).toEqual({ refused: 'the token is revoked' })
})

// A state whose answers are kept back, or that is away.
function withMood(state: State) {
  const mood: { answers(): Promise<void> } = { answers: async () => {} }
  const db = state.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      await mood.answers()
      return result
    },
  })
  return { mood, state: { ...state, db } }
}

test('while the state is away, who was good comes in for a day, by what was read last', async () => {
  await using w = await openWorld()
  const { secret } = await tokenOf(w)
  const { mood, state } = withMood(w.state)
  const tokens = openTokens(state, w.clock)
  const isGood = { principal: { name: 'telegraf' } }
  const away = { code: 'state_unavailable' }
  expect(await tokens.recognise(secret)).toMatchObject(isGood)
  mood.answers = async () => {
    throw new Failure('state_unavailable', 'away')
  }
  await w.clock.runFor(dayMs - 1)
  expect(await tokens.recognise(secret)).toMatchObject(isGood)
  await expect(tokens.recognise('never seen')).rejects.toMatchObject(away)
  await w.clock.runFor(1)
  await expect(tokens.recognise(secret)).rejects.toMatchObject(away)
  mood.answers = async () => {}
  expect(await tokens.recognise(secret)).toMatchObject(isGood)
})

test('a state that hangs keeps everybody waiting for a second, and what it says at last counts', async () => {
  await using w = await openWorld()
  const { id, secret } = await tokenOf(w)
  const { mood, state } = withMood(w.state)
  const tokens = openTokens(state, w.clock)
  const isGood = { principal: { name: 'telegraf' } }
  await tokens.recognise(secret)
  await w.state.write([w.state.db.updateTable('tokens').set({ revoked_at_ms: startMs }).where('id', '=', id)])
  await w.clock.runFor(10_000)
  const [gate, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  mood.answers = () => {
    reached.resolve()
    return gate.promise
  }
  const answers: unknown[] = []
  const both = [1, 2].map(async () => answers.push(await tokens.recognise(secret)))
  await reached.promise
  await w.clock.runFor(999)
  expect(answers).toEqual([])
  await w.clock.runFor(1)
  await Promise.all(both)
  expect(answers).toMatchObject([isGood, isGood])
  // For ten seconds nobody waits again.
  expect(await tokens.recognise(secret)).toMatchObject(isGood)
  gate.resolve()
  await expect.poll(() => tokens.recognise(secret)).toEqual({ refused: 'the token is revoked' })
})

test('the last use of a token is noted, at most once a minute', async () => {
  await using w = await openWorld()
  const { id, secret } = await tokenOf(w)
  const lastUsed = async () => {
    // A write that comes later tells that those before are done.
    await w.state.write([])
    return (await w.access.tokens.list()).find(each => each.id === id)?.lastUsedAtMs
  }
  expect(await lastUsed()).toBeUndefined()
  await w.who(bearer(secret))
  expect(await lastUsed()).toBe(startMs)
  await w.clock.runFor(59_000)
  await w.who(bearer(secret))
  expect(await lastUsed()).toBe(startMs)
  await w.clock.runFor(1_000)
  await w.who(bearer(secret))
  expect(await lastUsed()).toBe(startMs + minuteMs)
})

test('names are any script, and one line of what can be seen', async () => {
  await using w = await openWorld()
  const make = async (name: string) =>
    (await w.access.tokens.create({ name, scopes: ['read'] }, 't')).token.name
  expect(await make('机房 采集 \u{1f6a2}')).toBe('机房 采集 \u{1f6a2}')
  expect(await make('  Jürgen ')).toBe('Jürgen')
  // Written as u and two dots.
  expect(await make('Ju\u0308rgen')).toBe('Jürgen')
  expect(await make("Robert'); drop table tokens;--")).toBe("Robert'); drop table tokens;--")
  expect(await make('x'.repeat(64))).toHaveLength(64)
  const t = (name: string) => expect(make(name), name).rejects.toMatchObject({ code: 'bad_request' })
  await t('')
  await t('   ')
  await t('x'.repeat(65))
  await t('two\nlines')
  await t('right\u202eleft')
  await t('nul\0')
})

test('a token needs a scope and an end to come', async () => {
  await using w = await openWorld()
  const t = (more: object) =>
    expect(w.access.tokens.create({ name: 'x', scopes: ['read'], ...more }, 't')).rejects.toMatchObject({
      code: 'bad_request',
    })
  await t({ scopes: [] })
  await t({ expiresAtMs: startMs })
})

test('the audit tells who made and revoked a token', async () => {
  await using w = await openWorld()
  const { id } = await tokenOf(w)
  await w.clock.runFor(5)
  await w.access.tokens.revoke(id, 'somebody')
  const rows = await w.state.db.selectFrom('audit').selectAll().orderBy('id').execute()
  expect(rows.slice(-2)).toMatchObject([
    { who: 'test', what: 'token created', at_ms: startMs },
    { who: 'somebody', what: 'token revoked', at_ms: startMs + 5 },
  ])
  expect(JSON.parse(rows.at(-2)?.details ?? '')).toEqual({ id, name: 'telegraf', scopes: ['write'] })
})

test('a token for commands of the same machine lies in the data folder, for its owner only', async () => {
  await using w = await openWorld()
  const file = localTokenFile(w.folder)
  const read = () => readFileSync(file, 'utf8').trim()
  const first = read()
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await w.who(bearer(first))).toEqual({ kind: 'token', name: 'local command', scopes: ['admin'] })

  // A restart keeps it, and takes back rights that somebody gave away.
  chmodSync(file, 0o644)
  await w.restart()
  expect(read()).toBe(first)
  expect(statSync(file).mode & 0o777).toBe(0o600)

  // Missing, or not good any more: another one, and the old one is revoked.
  rmSync(file)
  await w.restart()
  const second = read()
  expect(await w.who(bearer(first))).toContain('revoked')
  expect(await w.who(bearer(second))).toMatchObject({ scopes: ['admin'] })
  writeFileSync(file, 'junk')
  await w.restart()
  expect(await w.who(bearer(second))).toContain('revoked')
  expect(await w.who(bearer(read()))).toMatchObject({ scopes: ['admin'] })

  // A token without the scope does not do, and is nobody else's to revoke.
  const other = await tokenOf(w)
  writeFileSync(file, other.secret)
  await w.restart()
  expect(read()).not.toBe(other.secret)
  expect(await w.who(bearer(other.secret))).toMatchObject({ name: 'telegraf' })
  expect(existsSync(`${file}.part`)).toBe(false)
})

test('a data folder that cannot be written is told by name', async () => {
  await using w = await openWorld()
  await expect(w.restart({ dataFolder: `${w.folder}/missing` })).rejects.toMatchObject({
    code: 'data_folder_not_ours',
  })
})

test('users are made once per name, with a password that is long enough', async () => {
  await using w = await openWorld()
  const { users } = w.access
  const password = 'a long enough one'
  const made = await users.create({ name: '张三', password, scopes: ['read', 'operate'] }, 'test')
  expect(made).toMatchObject({ name: '张三', scopes: ['read', 'operate'], createdAtMs: startMs })
  expect(await users.list()).toEqual([made])
  const again = users.create({ name: ' 张三', password, scopes: ['admin'] }, 'test')
  await expect(again).rejects.toMatchObject({ code: 'conflict' })
  const t = (bad: string) =>
    expect(users.create({ name: 'x', password: bad, scopes: [] }, 't')).rejects.toThrow('10 to 256')
  await t('too short')
  await t('x'.repeat(257))
})

test('a user comes in by the right password only, and not when disabled', async () => {
  await using w = await openWorld()
  const { users } = w.access
  const password = 'pass phrase with \u00e9'
  const { id } = await users.create({ name: 'ann', password, scopes: ['read'] }, 'test')
  expect(await users.check('ann', password)).toMatchObject({ user: { id } })
  // The same sign, made of two.
  expect(await users.check('ann', 'pass phrase with e\u0301')).toMatchObject({ user: { id } })
  expect(await users.check('ann', 'another long one')).toBeUndefined()
  expect(await users.check('bob', password)).toBeUndefined()
  expect(await users.check('', password)).toBeUndefined()
  await w.state.write([w.state.db.updateTable('users').set({ disabled_at_ms: startMs })])
  expect(await users.check('ann', password)).toBeUndefined()
})

test('the link of the first start is renewed at each start until there is a user', async () => {
  await using w = await openWorld()
  const first = w.access.welcome?.reveal() ?? ''
  expect(first).toMatch(/^\/welcome\?code=[\w-]{43}$/)
  expect(String(w.access.welcome)).toBe('***')
  await w.clock.runFor(dayMs)
  await w.restart()
  expect(w.access.welcome?.reveal()).not.toBe(first)
  await w.access.users.create({ name: 'ann', password: 'long enough for it', scopes: ['admin'] }, 'test')
  await w.restart()
  expect(w.access.welcome).toBeUndefined()
})

test('a link that runs out while its form is being filled makes nobody', async () => {
  await using w = await openWorld()
  const code = w.access.welcome?.reveal().split('=')[1] ?? ''
  const { accept } = openInvitations(w.state, w.clock)
  await w.clock.runFor(dayMs)
  expect(await accept(code, { name: 'ann', password: 'long enough for it' })).toBeUndefined()
  expect(await w.access.users.list()).toEqual([])
})

test('processes of a fleet have a link each until one is used, and a token of their own', async () => {
  await using w = await openWorld({ process: 'one' })
  const codeOf = () => w.access.welcome?.reveal().split('=')[1] ?? ''
  const one = codeOf()
  const token = readFileSync(join(w.folder, 'token'), 'utf8').trim()
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-auth-'))
  await w.restart({ process: 'two', dataFolder: folder })
  const two = codeOf()

  const invitations = openInvitations(w.state, w.clock)
  expect([await invitations.isGood(one), await invitations.isGood(two)]).toEqual([true, true])
  expect(await w.who({ authorization: `Bearer ${token}` })).toMatchObject({ scopes: ['admin'] })
  await invitations.accept(one, { name: 'first', password: 'long enough to be one' })
  expect(await invitations.isGood(two)).toBe(false)
  rmSync(folder, { recursive: true })
})
