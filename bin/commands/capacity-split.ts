// `plimsoll capacity split`: makes several of a request. Called by run.ts.
import { openAsk } from '../ask.ts'
import { type Command, Stop } from '../command.ts'
import { numberOf, showChanged, versionOf, wholeOf } from '../request-act.ts'
import { partOf } from '../request-part.ts'
import { type RequestLine, requestPath } from '../requests-view.ts'

export const command: Command = async call => {
  const [first, ...rest] = call.args
  const number = numberOf(first)
  const pieces = rest.map(pieceOf)
  if (pieces.length < 2) throw new Stop('wanted two pieces or more, like 5 7', 2)
  const ask = openAsk(call)
  const version = await versionOf(ask, number, call.text['seen'])
  const body = { version, pieces, why: call.text['why'] }
  const { requests } = (await ask.send('POST', `${requestPath(number)}/split`, body)) as {
    requests: readonly RequestLine[]
  }
  return showChanged(call, requests)
}

// `5`, or `5:zone=a,machine_type=c2`.
function pieceOf(text: string): object {
  const [, units = text, part] = /^([^:]*):(.*)$/s.exec(text) ?? []
  return {
    units: wholeOf(units, 'UNITS'),
    ...(part === undefined ? {} : { part: partOf(part.split(',')) }),
  }
}
