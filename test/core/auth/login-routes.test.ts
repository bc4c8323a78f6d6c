// An administrator who replaces a password is not undone by whoever still has the old one, at whatever moment he comes.
import { expect, test } from 'vitest'
import { openInvitations } from '#core/auth/first-run.ts'
import { openLogin } from '#core/auth/login.ts'
import { loginRoutes } from '#core/auth/login-routes.ts'
import { openSessions } from '#core/auth/sessions.ts'
import { openUsers } from '#core/auth/users.ts'
import type { Answer, Call } from '#core/http/route.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openWorld, type World } from './world.ts'

const old = 'nine men out of ten'
const replaced = 'what the keeper gave'

// The routes; the keeper replaces the password after it was checked, and before anything is done about it.
async function door(w: World) {
  const { state, clock } = w
  const users = openUsers(state, clock)
  const sessions = openSessions(state, clock)
  const check = openLogin({ users, clock, own: openOwnMetrics(), log: openLog({ clock, write: () => {} }) })
  const { id } = await users.create({ name: 'ann', password: old, scopes: ['read'] }, 'test')
  const routes = loginRoutes({
    ...{ state, clock, users, sessions, secure: false, language: 'en', authorise: w.access.authorise },
    invitations: openInvitations(state, clock),
    async login(attempt) {
      const outcome = await check(attempt)
      await users.setPassword(id, replaced, { by: 'keeper' })
      return outcome
    },
  })
  const post = async (path: string, call: object): Promise<Answer> => {
    const found = routes.find(each => each.method === 'POST' && each.path === path)!
    return found.handle({ query: {}, headers: {}, remote: '127.0.0.1', ...call } as Call)
  }
  const isGood = async (password: string) => (await users.check('ann', password)) !== undefined
  const deeds = async () =>
    (await state.db.selectFrom('audit').select('what').where('who', '=', 'ann').execute()).map(
      ({ what }) => what,
    )
  return { users, sessions, id, post, isGood, deeds }
}

test('a password that is replaced while its owner changes it stays replaced', async () => {
  await using w = await openWorld()
  const { users, sessions, id, post, isGood, deeds } = await door(w)
  const { hash } = (await users.check('ann', old))!
  const session = await sessions.begin({ userId: id, hash }, { agent: '', remote: '' })
  const wanted = 'his own once more'
  const changed = post('/api/plimsoll/v1/me/password', {
    headers: { cookie: `plimsoll_session=${session!.reveal()}` },
    body: { current: old, wanted },
  })
  await expect(changed).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('the current password is another one'),
  })
  expect([await isGood(wanted), await isGood(replaced)]).toEqual([false, true])
  expect(await sessions.recognise(session!.reveal())).toBeUndefined()
  expect(await deeds()).toEqual([])
})

test('a password that is replaced during a login opens nothing', async () => {
  await using w = await openWorld()
  const { post, deeds } = await door(w)
  const body = Buffer.from(new URLSearchParams({ name: 'ann', password: old }).toString())
  const answer = await post('/login', { body })
  expect(answer.status).toBe(401)
  expect(answer.headers).not.toHaveProperty('set-cookie')
  expect(await w.state.db.selectFrom('sessions').selectAll().execute()).toEqual([])
  expect(await deeds()).toEqual([])
})
