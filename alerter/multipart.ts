// A form with a file in it, as bytes (RFC 7578), for services that take a picture so. Called by the folders in channels/.
import { createHash } from 'node:crypto'

export type Part = Readonly<{ name: string; body: string | Uint8Array; file?: string; type?: string }>

// The boundary is made of the content, so that the same form has the same bytes, and cannot stand in it.
export function multipart(parts: readonly Part[]): Readonly<{ type: string; body: Uint8Array }> {
  const hash = createHash('sha256')
  for (const { body } of parts) hash.update(body)
  const boundary = `plimsoll-${hash.digest('hex').slice(0, 32)}`
  const pieces = parts.flatMap(({ name, body, file, type }) => [
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"`,
    file === undefined ? '' : `; filename="${file}"`,
    type === undefined ? '' : `\r\ncontent-type: ${type}`,
    '\r\n\r\n',
    body,
    '\r\n',
  ])
  const all = [...pieces, `--${boundary}--\r\n`].map(piece => Buffer.from(piece as string))
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(all) }
}
