// What the service says about its tokens, and how it is shown. Called by the token commands.
import { type Column, tableText } from './table.ts'
import { timeText } from './when.ts'

export const tokensPath = '/api/plimsoll/v1/tokens'

export type TokenLine = Readonly<{
  id: string
  name: string
  scopes: readonly string[]
  createdAtMs: number
  expiresAtMs?: number | null
  lastUsedAtMs?: number | null
  revokedAtMs?: number | null
}>

const columns: readonly Column[] = ['id', 'name', 'scopes', 'state', 'made', 'last used'].map(title => ({
  title,
}))

export function tokensText(tokens: readonly TokenLine[], nowMs: number, timeZone: string): string {
  const when = (tMs: number): string => timeText(Math.floor(tMs / 1_000) * 1_000, timeZone)
  return tableText(
    columns,
    tokens.map(token => [
      token.id,
      token.name,
      token.scopes.join(','),
      stateText(token, nowMs, when),
      when(token.createdAtMs),
      token.lastUsedAtMs == null ? 'never' : when(token.lastUsedAtMs),
    ]),
  )
}

function stateText(
  { revokedAtMs, expiresAtMs }: TokenLine,
  nowMs: number,
  when: (tMs: number) => string,
): string {
  if (revokedAtMs != null) return `revoked ${when(revokedAtMs)}`
  if (expiresAtMs == null) return 'good'
  return expiresAtMs <= nowMs ? `expired ${when(expiresAtMs)}` : `good until ${when(expiresAtMs)}`
}
