// The file that smsd reads: headers, an empty line, the text; text that GSM-7 lacks in UCS-2, high byte first. Called by
// index.ts.
import { isGsm7 } from '../../segments.ts'

type Options = Readonly<{ queue: string | undefined; flash: boolean }>

// Letters that GSM-7 and ISO 8859-15 do not have in the same place are sent as UCS-2.
const isPlain = (text: string): boolean =>
  /^[\n\x20-\x7e]*$/.test(text) && !text.includes('`') && isGsm7(text)

export function spoolFile(number: string, text: string, { queue, flash }: Options): Uint8Array {
  const plain = isPlain(text)
  const headers = [
    `To: ${number.slice(1)}`,
    `Alphabet: ${plain ? 'ISO' : 'UCS'}`,
    'Report: yes',
    ...(queue === undefined ? [] : [`Queue: ${queue}`]),
    ...(flash ? ['Flash: yes'] : []),
  ]
  const body = plain ? Buffer.from(text, 'latin1') : Buffer.from(text, 'utf16le').swap16()
  return Buffer.concat([Buffer.from(`${headers.join('\n')}\n\n`, 'latin1'), body])
}
