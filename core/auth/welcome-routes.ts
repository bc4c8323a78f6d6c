// The addresses of the one-time link that makes the first administrator. Open to whoever has the link. Called by
// access.ts.
import { z } from 'zod'
import { Failure } from '../errors.ts'
import { languageOf } from '../http/language.ts'
import { page } from '../http/page.ts'
import { type Answer, type Call, type Route, route } from '../http/route.ts'
import { type AccessParts, beginSession, formMaxBytes, formOf, goTo } from './entry.ts'
import { readName } from './names.ts'
import { badLinkPage, welcomePage } from './pages.ts'
import { texts } from './texts.ts'
import { isPassword } from './users.ts'

const withCode = z.object({ code: z.string().optional() })

export const welcomeRoutes = (parts: AccessParts): readonly Route[] => [
  route({
    method: 'GET',
    path: '/welcome',
    scope: 'open',
    summary: 'The page of the one-time link that makes the first administrator.',
    query: withCode,
    handle: call => showWelcome(parts, call),
  }),
  route<unknown, Uint8Array>({
    method: 'POST',
    path: '/welcome',
    scope: 'open',
    summary: 'Makes the first administrator, as the form of the page sends it, and logs in.',
    body: 'bytes',
    bodyMaxBytes: formMaxBytes,
    handle: call => makeAdministrator(parts, call),
  }),
]

async function showWelcome(parts: AccessParts, call: Call<z.infer<typeof withCode>>): Promise<Answer> {
  const language = languageOf(call.headers['accept-language'], parts.language)
  const code = call.query.code ?? ''
  if (!(await parts.invitations.isGood(code))) return badLink(parts, call)
  return page(welcomePage({ code, name: '' }, language))
}

async function makeAdministrator(parts: AccessParts, call: Call<unknown, Uint8Array>): Promise<Answer> {
  const form = formOf(call)
  const [code, name, password] = [form.get('code') ?? '', form.get('name') ?? '', form.get('password') ?? '']
  // Before anything that costs.
  if (!(await parts.invitations.isGood(code))) return badLink(parts, call)
  const language = languageOf(call.headers['accept-language'], parts.language)
  const again = (problem: string): Answer =>
    page(welcomePage({ code, name, problem }, language), { status: 400 })
  const say = texts[language]
  if (readName(name) === undefined) return again(say.badName)
  if (!isPassword(password)) return again(say.badPassword)
  if (password !== form.get('again')) return again(say.notTheSame)
  try {
    const owner = await parts.invitations.accept(code, { name, password })
    if (owner === undefined) return badLink(parts, call)
    return (await beginSession(parts, call, { ...owner, to: '/' })) ?? goTo('/login')
  } catch (error) {
    if (error instanceof Failure && error.code === 'conflict') return again(say.taken)
    throw error
  }
}

function badLink({ language }: AccessParts, { headers }: Pick<Call, 'headers'>): Answer {
  return page(badLinkPage(languageOf(headers['accept-language'], language)), { status: 410 })
}
