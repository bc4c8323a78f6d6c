// Below which path everything stands. Routes and pages are written as if that were the root: what comes in loses the
// prefix, and what goes out gets the one that callers see. A proxy in front may make these two differ. Called by
// server.ts and answer.ts.
import type { Answer } from './route.ts'

export type Prefix = Readonly<{
  // Each empty, or like /plimsoll.
  routes: string
  links: string
}>

export type Prefixed = Readonly<{ routePrefix?: string; externalUrl?: string }>

export function prefixOf({ routePrefix, externalUrl }: Prefixed): Prefix {
  const links = externalUrl === undefined ? undefined : new URL(externalUrl).pathname.replace(/\/+$/, '')
  const routes = routePrefix ?? links ?? ''
  return { routes, links: links ?? routes }
}

// No route has this path.
export const outside = '//outside'

// Some proxies send the whole address.
export function routed(url: string, { routes }: Prefix): string {
  if (routes === '') return url
  const path = url.replace(/^https?:\/\/[^/?]*/i, '')
  const rest = path.startsWith(routes) ? path.slice(routes.length) : undefined
  if (rest === undefined || !/^(?:[/?]|$)/.test(rest)) return outside
  return rest.startsWith('/') ? rest : `/${rest}`
}

// Texts in pages are escaped: a quote followed by a slash stands in markup alone.
export function linked(answer: Answer, { links }: Prefix): Answer {
  if (links === '') return answer
  const { headers, body } = answer
  const location = headers?.['location']
  const cookie = headers?.['set-cookie']
  const isPage = typeof body === 'string' && (headers?.['content-type'] ?? '').startsWith('text/html')
  return {
    ...answer,
    ...(headers && {
      headers: {
        ...headers,
        ...(location?.startsWith('/') && { location: links + location }),
        // What else stands at this host must not get the session.
        ...(cookie && { 'set-cookie': cookie.replace('; Path=/;', `; Path=${links};`) }),
      },
    }),
    ...(isPage ? { body: body.replace(/( (?:href|action|src)=")(?=\/(?!\/))/g, `$1${links}`) } : {}),
  }
}
