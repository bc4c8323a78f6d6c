// Does the last hour go along with a message? Where the channel takes pictures, while little waits. Called by flight.ts
// right before a message leaves.
import type { LastHour } from '../last-hour.ts'
import type { Message } from '../message.ts'
import type { Way } from './ways.ts'

export type Pictured = (message: Message, way: Way) => Promise<Message>

// In a storm people want to be told, and pictures would hold them up.
const waitingMax = 20

type Asked = Readonly<{ waiting(): number; takesPicture(way: Way): boolean }>

export function openPictured(lastHour: LastHour | undefined, { waiting, takesPicture }: Asked): Pictured {
  return async (message, way) => {
    if (lastHour === undefined || message.kind !== 'alerts' || waiting() > waitingMax) return message
    if (!takesPicture(way)) return message
    const picture = await lastHour.pictureOf(message)
    return picture === null ? message : { ...message, picture }
  }
}
