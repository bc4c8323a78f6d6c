// `plimsoll capacity new`: files a person's own request. Called by run.ts.
import { openAsk } from '../ask.ts'
import { type Command, Stop } from '../command.ts'
import { dayOf, wholeOf } from '../request-act.ts'
import { partOf } from '../request-part.ts'
import { type RequestStory, requestsPath } from '../requests-view.ts'

export const command: Command = async call => {
  const { args, text, lists, on, io } = call
  const [pool = '', units = ''] = args
  const needed = dayOf(text['needed'], '--needed')
  if (needed === undefined)
    throw new Stop('wanted --needed, the day on which it must serve, like --needed 2026-12-31', 2)
  const body = {
    ...{ pool, units: wholeOf(units, 'UNITS'), needed, part: partOf(lists['part'] ?? []) },
    kind: on.has('give-back') ? 'reclaim' : 'expand',
    ...{ why: text['why'], application: text['application'], month: text['month'] },
  }
  const { request } = (await openAsk(call).send('POST', requestsPath, body)) as RequestStory
  if (on.has('json')) {
    io.out(`${JSON.stringify({ request }, null, 2)}\n`)
    return 0
  }
  // The number alone goes out, so that `N=$(plimsoll capacity new …)` has it.
  io.out(`${request.number}\n`)
  io.err(`A draft for ${request.month}; \`plimsoll capacity submit ${request.number}\` hands it in.\n`)
  return 0
}
