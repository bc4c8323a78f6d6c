// `plimsoll capacity edit`: changes a request, with a reason. Called by run.ts.
import { openAsk } from '../ask.ts'
import { type Command, Stop } from '../command.ts'
import { dayOf, numberOf, showChanged, versionOf, wholeOf } from '../request-act.ts'
import { type RequestStory, requestPath } from '../requests-view.ts'

export const command: Command = async call => {
  const { args, text } = call
  const number = numberOf(args[0])
  const change = {
    units: text['units'] === undefined ? undefined : wholeOf(text['units'], '--units'),
    needed: dayOf(text['needed'], '--needed'),
    due: text['due'] === 'none' ? null : dayOf(text['due'], '--due'),
    text: text['text'],
    pool: text['pool'],
  }
  if (Object.values(change).every(each => each === undefined))
    throw new Stop('wanted what to change: --units, --needed, --due, --text or --pool', 2)
  const why = text['why'] ?? ''
  if (why === '') throw new Stop('wanted --why, the reason, like --why "moved to January"', 2)
  const ask = openAsk(call)
  const version = await versionOf(ask, number, text['seen'])
  const { request } = (await ask.send('POST', `${requestPath(number)}/edit`, {
    ...change,
    ...{ version, why },
  })) as RequestStory
  return showChanged(call, [request])
}
