// How pictures look: colours that the colour-blind tell apart (after Okabe and Ito), and the sizes of letters. Read by
// picture.ts and its parts.
import type { Colour } from './canvas.ts'
import type { Face } from './lettering.ts'

export const colours = {
  background: 0xffffff,
  grid: 0xe3e7eb,
  text: 0x57606a,
  alarm: 0xc4500a,
  // Below a lonely line, and where it is beyond the threshold.
  below: 0xe6f0f8,
  beyond: 0xf9cdb0,
  other: 0xb4bac1,
} as const satisfies Record<string, Colour>

export const lineColours: readonly Colour[] = [0x0067b1, 0x008f68, 0xb5529b, 0xb07a00, 0x4aa3dc]

export const small: Face = { cap: 14.5, thickness: 2 }
export const bold: Face = { cap: 16.5, thickness: 3 }
