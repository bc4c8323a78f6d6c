// `plimsoll capacity requests`: what is to be ordered or given back, and where it stands. Called by run.ts.
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { type RequestLine, requestsPath, requestsText } from '../requests-view.ts'

const over = ['closed', 'withdrawn']

export const command: Command = async call => {
  const { args, text, on, io } = call
  const asked = new URLSearchParams()
  if (text['month'] !== undefined) asked.set('month', text['month'])
  for (const state of (text['state'] ?? '').split(',')) if (state !== '') asked.append('state', state.trim())
  const path = asked.size === 0 ? requestsPath : `${requestsPath}?${asked}`
  const { requests } = (await openAsk(call).send('GET', path)) as { requests: readonly RequestLine[] }
  const isWanted = ({ pool, state }: RequestLine): boolean =>
    (args.length === 0 || args.includes(pool)) &&
    (on.has('all') || text['state'] !== undefined || !over.includes(state))
  const found = requests.filter(isWanted)
  if (on.has('json')) io.out(`${JSON.stringify({ requests: found }, null, 2)}\n`)
  else if (found.length > 0) io.out(requestsText(found))
  else io.err('There are no such requests; `plimsoll capacity run` makes the drafts of now.\n')
  return 0
}
