// What a value is while a template runs. Go tells integers from floats, so here integers are bigint and floats are
// number; lists, maps and structs carry what Go would call their type. Used by everything in this folder, and by
// whoever hands data or functions to a template.

// `null` is a nil that has a place (a key of a map that is not there), `undefined` is one that has none.
export type Value =
  | undefined
  | null
  | boolean
  | bigint
  | number
  | string
  | List
  | Dict
  | Struct
  | Named
  | Time
  | Marked
  | Callable

// `name` is what messages and %T say. With `pointer`, the type is *name.
export type Shape = Readonly<{
  name: string
  pointer?: boolean
  // They get the value before their arguments.
  methods?: Readonly<Record<string, Func>>
  text?(value: never): string
}>

export type List = Readonly<{ kind: 'list'; items: readonly Value[]; shape: Shape }>
// `missing` is what a key that is not there answers: Go's zero of the type of the values.
export type Dict = Readonly<{
  kind: 'map'
  entries: Readonly<Record<string, Value>>
  missing: '' | null
  shape: Shape
}>
// Fields in the order in which they print.
export type Struct = Readonly<{ kind: 'struct'; fields: Readonly<Record<string, Value>>; shape: Shape }>
// An integer with a name of its own: a duration, a month.
export type Named = Readonly<{ kind: 'named'; value: bigint; shape: Shape }>
// Where a time is told. `name` is that of the list of zones; `abbreviation` is what the place calls its clock then: CET, CST.
export type Zone = Readonly<{
  name: string
  offsetMs(atMs: number): number
  abbreviation(atMs: number): string
}>
// In UTC where there is no zone; `local` is what it is in after .Local.
export type Time = Readonly<{
  kind: 'time'
  tMs: number
  zone?: Zone | undefined
  local?: Zone | undefined
  shape: Shape
}>
// A text with a name of its own, such as one that is HTML already.
export type Marked = Readonly<{ kind: 'text'; text: string; shape: Shape }>
export type Callable = Readonly<{ kind: 'func'; func: Func; shape: Shape }>

// What a function may ask of the run that calls it.
export type Run<World = unknown> = Readonly<{
  world: World
  // Of a text that a function makes.
  lengthMax: number
  // Work that is not seen in steps, such as a regular expression over a long text.
  spend(steps: number): void
  // The output of a defined template.
  run(name: string, data: Value): string
}>

// `params` are Go's names of types; 'any' takes everything. `rest` is the type of as many more as there are.
// What `waits` may answer later.
export type Func<World = unknown> = Readonly<{
  params: readonly string[]
  rest?: string
  waits?: boolean
  call(args: readonly Value[], run: Run<World>): Value | Promise<Value>
}>
export type Functions<World = unknown> = Readonly<Record<string, Func<World>>>

type Native = {
  string: string
  int: bigint
  float64: number
  bool: boolean
  any: Value
  'time.Time': Time
}
type Given<Names extends readonly string[]> = {
  [At in keyof Names]: Names[At] extends keyof Native ? Native[Names[At]] : Value
}

export function func<const Names extends readonly string[], World = unknown>(
  params: Names,
  call: (args: Given<Names>, run: Run<World>) => Value,
): Func<World> {
  return { params, call: call as Func<World>['call'] }
}

// With as many more arguments as there are.
export const variadic = (
  params: readonly string[],
  rest: string,
  call: (args: readonly Value[], run: Run<unknown>) => Value,
): Func => ({ params, rest, call })

export function method<Receiver extends Value, const Names extends readonly string[]>(
  params: Names,
  call: (receiver: Receiver, args: Given<Names>) => Value,
): Func {
  return {
    params,
    call: ([receiver, ...args]) => call(receiver as Receiver, args as unknown as Given<Names>),
  }
}

const anything: Shape = { name: '[]interface {}' }
const mapOfTexts: Shape = { name: 'map[string]string' }
const mapOfAnything: Shape = { name: 'map[string]interface {}' }

export const listOf = (items: readonly Value[], shape: Shape = anything): List => ({
  kind: 'list',
  items,
  shape,
})

export const labelsValue = (entries: Readonly<Record<string, string>>, shape: Shape = mapOfTexts): Dict => ({
  kind: 'map',
  entries,
  missing: '',
  shape,
})
export const mapOf = (entries: Readonly<Record<string, Value>>, shape: Shape = mapOfAnything): Dict => ({
  kind: 'map',
  entries,
  missing: null,
  shape,
})
export const structOf = (fields: Readonly<Record<string, Value>>, shape: Shape): Struct => ({
  kind: 'struct',
  fields,
  shape,
})
export const marked = (text: string, name: string): Marked => ({
  kind: 'text',
  text,
  shape: { name, text: ({ text: itself }: Marked) => itself },
})
export const callable = (called: Func): Callable => ({ kind: 'func', func: called, shape: { name: 'func' } })

// Data must never reach what JavaScript's objects inherit.
export const ownOf = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

export const isNil = (value: Value): value is undefined | null => value === undefined || value === null

export function typeName(value: Value): string {
  if (isNil(value)) return '<nil>'
  if (typeof value === 'object') return (value.shape.pointer ? '*' : '') + value.shape.name
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

// Go's zero is false, everything else is true.
export function isTrue(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value) || Number.isNaN(value)
  if (value.kind === 'list') return value.items.length > 0
  if (value.kind === 'map') return Object.keys(value.entries).length > 0
  if (value.kind === 'text') return value.text !== ''
  return value.kind === 'named' && !value.shape.pointer ? value.value !== 0n : true
}

// The text that a value is to comparisons and to functions that take any.
export function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'object' && value?.kind === 'text' ? value.text : undefined
}

// The integer that a value is to comparisons and to indexes.
export function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value
  const isNamed = typeof value === 'object' && value !== null && value.kind === 'named'
  return isNamed ? value.value : undefined
}
