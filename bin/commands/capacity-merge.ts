// `plimsoll capacity merge`: adds a person's request to the month's. Called by run.ts.
import { openAsk } from '../ask.ts'
import { type Command, Stop } from '../command.ts'
import { numberOf, showChanged, versionOf } from '../request-act.ts'
import { type RequestLine, requestPath } from '../requests-view.ts'

export const command: Command = async call => {
  const { args, text } = call
  const number = numberOf(args[0])
  if (text['into'] === undefined) throw new Stop("wanted --into, the number of the month's request", 2)
  const into = numberOf(text['into'])
  const ask = openAsk(call)
  const version = await versionOf(ask, number, undefined)
  const body = {
    ...{ version, into: Number(into), into_version: await versionOf(ask, into, undefined) },
    why: text['why'],
  }
  const { requests } = (await ask.send('POST', `${requestPath(number)}/merge`, body)) as {
    requests: readonly RequestLine[]
  }
  return showChanged(call, requests)
}
