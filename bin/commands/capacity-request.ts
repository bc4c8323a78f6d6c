// `plimsoll capacity request`: one request, what it stands on, and all that happened to it. Called by run.ts.
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { numberOf } from '../request-act.ts'
import { type RequestStory, requestPath, storyText } from '../requests-view.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const story = (await openAsk(call).send('GET', requestPath(numberOf(args[0])))) as RequestStory
  io.out(on.has('json') ? `${JSON.stringify(story, null, 2)}\n` : storyText(story, io.timeZone))
  return 0
}
