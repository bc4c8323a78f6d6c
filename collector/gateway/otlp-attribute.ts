// Reads one attribute of OTLP as protobuf: a KeyValue of opentelemetry/proto/common/v1/common.proto. Called by
// otlp-protobuf.ts for each attribute of each point.
import {
  type AttributeValue,
  attributeText,
  Flaw,
  refuseDepth,
  unreadable,
  wholeNumber,
} from './otlp-model.ts'
import { type ProtobufReader, tagOf, wire } from './protobuf.ts'

const pair = { key: tagOf(1, wire.bytes), value: tagOf(2, wire.bytes) }
const any = {
  text: tagOf(1, wire.bytes),
  bool: tagOf(2, wire.varint),
  int: tagOf(3, wire.varint),
  double: tagOf(4, wire.fixed64),
  list: tagOf(5, wire.bytes),
  map: tagOf(6, wire.bytes),
  bytes: tagOf(7, wire.bytes),
}
// Of a list and of a map: each of its values.
const item = tagOf(1, wire.bytes)

const notText = new Flaw('text that is not UTF-8')

// What is wrong within an attribute is its own matter, as long as the reader finds its end.
export function readAttribute(reader: ProtobufReader): [string, string] {
  const { at, end } = reader
  try {
    const [key, value] = readPair(reader, 1)
    return [key, attributeText(value)]
  } catch (flaw) {
    if (!(flaw instanceof Flaw)) throw flaw
    reader.at = at
    reader.end = end
    return [readKey(reader), unreadable(flaw.detail)]
  }
}

function readKey(reader: ProtobufReader): string {
  let key = ''
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === pair.key) key = Buffer.from(reader.raw()).toString()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return key
}

function readText(reader: ProtobufReader): string {
  const text = reader.maybeText()
  if (text === undefined) throw notText
  return text
}

function readPair(reader: ProtobufReader, depth: number): [string, AttributeValue] {
  let key = ''
  let value: AttributeValue = null
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === pair.key) key = readText(reader)
    else if (tag === pair.value) value = readValue(reader, depth)
    else reader.skip(tag)
  }
  reader.leave(outer)
  return [key, value]
}

function readValue(reader: ProtobufReader, depth: number): AttributeValue {
  refuseDepth(depth)
  let value: AttributeValue = null
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === any.text) value = readText(reader)
    else if (tag === any.bool) value = reader.bool()
    else if (tag === any.int) value = wholeNumber(reader.bigInt64())
    else if (tag === any.double) value = reader.double()
    else if (tag === any.list) value = readItems(reader, depth, readValue)
    else if (tag === any.map) value = Object.fromEntries(readItems(reader, depth, readPair))
    else if (tag === any.bytes) value = Buffer.from(reader.raw()).toString('base64')
    else reader.skip(tag)
  }
  reader.leave(outer)
  return value
}

type ReadItem<Item> = (reader: ProtobufReader, depth: number) => Item

function readItems<Item>(reader: ProtobufReader, depth: number, read: ReadItem<Item>): Item[] {
  const items: Item[] = []
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === item) items.push(read(reader, depth + 1))
    else reader.skip(tag)
  }
  reader.leave(outer)
  return items
}
