// What must hold for every address of the service, whoever wrote it. Given a list of routes by the tests of
// rooms and, for all of them together, by the test of the whole.
import { expect } from 'vitest'
import type { Route } from '#core/http/route.ts'
import { ask, openStand } from './ask.ts'

// Without a login, whatever is not open answers 401, or sends a browser to the login; nothing is handled.
export async function expectClosedWithoutLogin(routes: readonly Route[]): Promise<void> {
  let handled: string[] = []
  const watched = routes.map(route => ({
    ...route,
    handle: () => {
      handled.push(route.path)
      return {}
    },
  }))
  await using stand = await openStand(watched)
  for (const { method, path, scope, alsoForm } of routes) {
    if (scope === 'open') continue
    const url = path.replace(/:\w+/g, 'x')
    const methods = [method, ...(method === 'GET' ? ['HEAD'] : []), ...(alsoForm ? ['POST'] : [])]
    for (const each of methods) {
      handled = []
      const program = await ask(stand.http, url, { method: each })
      expect(program.status, `${each} ${path}`).toBe(401)
      expect(program.headers['www-authenticate'], `${each} ${path}`).toBe('Basic realm="plimsoll"')
      const page = await ask(stand.http, url, { method: each, headers: { accept: 'text/html,*/*' } })
      expect(page.status, `${each} ${path} in a browser`).toBe(303)
      expect(page.headers.location, `${each} ${path} in a browser`).toMatch(/^\/login\?next=%2F/)
      expect(handled, `${each} ${path}`).toEqual([])
    }
  }
}
