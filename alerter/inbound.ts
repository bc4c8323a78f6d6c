// What comes back from services: that a message arrived or did not, and what people answer. Read by inbound/, and by
// channels that hold a line open; what it means is decided by whoever hears it.

// The name that the service gave to the message when it took it.
export type Receipt = Readonly<{
  kind: 'receipt'
  receipt: string
  // `seen`: somebody picked up, or read it. What is neither is still on its way, and is not told.
  outcome: 'delivered' | 'seen' | 'failed'
  // In the words of the service; empty where it has none.
  reason: string
  // The number that it is about, where the service says so: a message to several has a receipt of each.
  to?: string
}>

// `from` is a number as the service writes it.
export type Reply = Readonly<{ kind: 'reply'; from: string; text: string }>

// Somebody has taken it over at the service itself: of a message, by its name there. `atMs` is when, where the next
// incident of the group has the same name; null where no other message has it.
export type Taken = Readonly<{ kind: 'taken'; receipt: string; by: string; atMs: number | null }>

export type Inbound = Receipt | Reply | Taken

// What a reply asks for.
export type Answer = Readonly<{ act: 'acknowledge'; incident: number }>

// Digits that stand together are one number: `12345` is no answer about 2345.
const answer = /^\s*(?:1[\s,.:#-]+|(?:ack|ok|认领|收到)[\s,.:#-]*)(\d{1,9})\s*$/i
const fullWidthDigit = /[０-９]/g

// `1 4711`, as the SMS asks for it, in the ways in which people write that at night.
export function readAnswer(text: string): Answer | undefined {
  const plain = text
    .normalize('NFKC')
    .replace(fullWidthDigit, digit => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
  const found = answer.exec(plain.replace(/[，。、：]/g, ' '))
  return found === null ? undefined : { act: 'acknowledge', incident: Number(found[1]) }
}
