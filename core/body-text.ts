// What a body says, as far as it is read: nobody who answers properly says more, and the rest would fill the memory. Called
// by whoever asks other servers over HTTP.
export async function bodyText(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    parts.push(part)
    size += part.length
    if (size > bytesMax) break
  }
  return Buffer.concat(parts).toString()
}
