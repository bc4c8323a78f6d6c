// Which part of a pool does somebody mean by `zone=a`? Called by the commands `capacity new` and `capacity split`.
import { Stop } from './command.ts'

export const partOf = (texts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    texts.map(text => {
      const [, name, value] = /^([^=]+)=(.+)$/s.exec(text) ?? []
      if (name === undefined || value === undefined)
        throw new Stop(`wanted a label and its value like zone=a, found ${text}`, 2)
      return [name, value]
    }),
  )
