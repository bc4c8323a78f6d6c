// `plimsoll capacity requests`: what is to be ordered or given back, and where it stands. Called by run.ts.
import { type Ask, openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { openStates, type RequestLine, requestsPath, requestsText } from '../requests-view.ts'
import { type Said, withQuery } from './capacity-forecast.ts'

export const command: Command = async call => {
  const { args, text, on, io } = call
  const said = text['state']?.split(',').map(each => each.trim())
  const states = said?.filter(each => each !== '') ?? (on.has('all') ? [] : openStates)
  const asked: Said = [
    ...(text['month'] === undefined ? [] : [['month', text['month']] as const]),
    ...states.map(each => ['state', each] as const),
  ]
  const ask = openAsk(call)
  const found: RequestLine[] = []
  const pools = [...new Set(args)].map((each): Said => [['pool', each]])
  for (const pool of pools.length === 0 ? [[]] : pools)
    for (const each of await allPages(ask, [...asked, ...pool])) found.push(each)
  found.sort((one, other) => other.number - one.number)
  if (on.has('json')) io.out(`${JSON.stringify({ requests: found }, null, 2)}\n`)
  else if (found.length > 0) io.out(requestsText(found))
  else io.err('There are no such requests; `plimsoll capacity run` makes the drafts of now.\n')
  return 0
}

const pageMax = 1_000

// The newest first.
async function allPages(ask: Ask, asked: Said): Promise<readonly RequestLine[]> {
  const all: RequestLine[] = []
  for (;;) {
    const page: Said = [
      ...asked,
      ['limit', String(pageMax)],
      ...(all.length === 0 ? [] : [['below', String(all.at(-1)!.number)] as const]),
    ]
    const { requests } = (await ask.send('GET', withQuery(requestsPath, page))) as {
      requests: readonly RequestLine[]
    }
    for (const each of requests) all.push(each)
    if (requests.length < pageMax) return all
  }
}
