// `plimsoll capacity request`: one request, what it stands on, and all that happened to it. Called by run.ts.
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { numberOf } from '../request-act.ts'
import { type RequestStory, requestPath, storyText } from '../requests-view.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const isJson = on.has('json')
  // What a terminal shows is English; programs get the language of the service.
  const path = `${requestPath(numberOf(args[0]))}${isJson ? '' : '?language=en'}`
  const story = (await openAsk(call).send('GET', path)) as RequestStory
  io.out(isJson ? `${JSON.stringify(story, null, 2)}\n` : storyText(story, io.timeZone))
  return 0
}
