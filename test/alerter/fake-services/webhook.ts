import { createHmac } from 'node:crypto'
import { type Fake, jsonOf, key, nothing } from './fake.ts'

// Checks what a careful receiver checks.
export const webhook: Fake = {
  settings: (origin, secret) => ({ url: `${origin}/hook/${secret}`, secret }),
  answer(asked) {
    if (!asked.url.pathname.endsWith(key)) return { status: 403, body: `no such hook: ${asked.url}` }
    const [, seconds = '', sign] =
      /^t=(\d+),v1=([\da-f]{64})$/.exec(String(asked.headers['x-plimsoll-signature'])) ?? []
    const wanted = createHmac('sha256', key).update(`${seconds}.${asked.text}`).digest('hex')
    if (sign !== wanted) return { status: 401, body: 'bad signature' }
    const { version, alerts, groupKey } = jsonOf(asked)
    const isGood =
      version === '4' && Array.isArray(alerts) && alerts.length > 0 && typeof groupKey === 'string'
    return isGood ? { status: 200 } : { status: 400, body: 'not version 4' }
  },
  read: () => nothing,
  silent: true,
}
