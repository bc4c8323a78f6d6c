// Colour, where it is wanted: on a terminal, and without NO_COLOR. Called by whatever prints for people.
import { styleText } from 'node:util'
import type { Io } from './command.ts'

export type Color = 'bold' | 'dim' | 'red' | 'green' | 'yellow'
export type Paint = (color: Color, text: string) => string

export const paintFor = ({ hasColor }: Pick<Io, 'hasColor'>): Paint =>
  hasColor ? (color, text) => styleText(color, text, { validateStream: false }) : (_, text) => text
