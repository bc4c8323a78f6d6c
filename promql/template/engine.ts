// Go's text/template: a text is compiled once, against a table of functions, and expanded over data as often as is
// wanted. Knows nothing of alerts; promql/template.ts gives it Prometheus' functions, other rooms give it others.
import { Failure } from '#core/errors.ts'
import { builtins } from './builtins.ts'
import type { Nodes } from './node.ts'
import { isEmpty, parse } from './parser.ts'
import {
  type Answer,
  Asked,
  type Limits,
  type State,
  Stopped,
  spend,
  type Tree,
  type Variable,
} from './state.ts'
import { type Functions, ownOf, type Value } from './value.ts'
import { orStopped, walkNodes, walkTree } from './walk.ts'
import type { Writer } from './writer.ts'

export type Template<World> = Readonly<{
  name: string
  trees: ReadonlyMap<string, Tree>
  functions: Functions<World>
  variables: Readonly<Record<string, string>>
  limits: Limits
  // Whether it may have to wait for an answer.
  waits: boolean
}>

export type Options<World> = Readonly<{
  // In messages.
  name: string
  // Beside those that Go has.
  functions?: Functions<World>
  // Declared before the text begins, each from a field of the data: `{$labels: 'Labels'}`.
  variables?: Readonly<Record<string, string>>
  // Whose definitions this one may use; its own come first.
  others?: readonly Template<World>[]
  limits?: Partial<Limits>
}>

// With an error the text is empty.
export type Expansion = Readonly<{ text: string; error?: string }>

export const defaultLimits: Limits = {
  steps: 100_000,
  outputLength: 65_536,
  depth: 500,
  questions: 100,
  textLength: 65_536,
}

export function compileTemplate<World>(text: string, options: Options<World>): Template<World> {
  const { name, variables = {}, others = [] } = options
  const limits = { ...defaultLimits, ...options.limits }
  if (text.length > limits.textLength) {
    const what = `wanted a template of at most ${limits.textLength} characters, found ${text.length}`
    throw new Failure('bad_template', `1:1: ${what}`)
  }
  const functions: Functions<World> = { ...builtins, ...options.functions }
  const known = { functions: new Set(Object.keys(functions)), variables: Object.keys(variables) }
  const { main, defined, called } = parse(text, known)
  const tree = (of: string, nodes: Nodes): Tree => ({ name: of, file: name, text, nodes })
  const trees = new Map(others.flatMap(other => [...other.trees]))
  for (const [each, nodes] of [...defined, [name, main] as const]) {
    const isThere = trees.has(each) && (each !== name || defined.has(each))
    if (!isThere || !isEmpty(nodes)) trees.set(each, tree(each, nodes))
  }
  const waits = others.some(other => other.waits) || [...called].some(each => functions[each]?.waits === true)
  return { name, trees, functions, variables, limits, waits }
}

// At once. A template that asks something which is not answered at once is an error here.
export function expand<World>(
  template: Template<World>,
  data: Value,
  world: World,
  writer?: Writer,
): Expansion {
  try {
    return { text: attempt(template, { data, world, answers: [], writer }) }
  } catch (error) {
    if (!(error instanceof Asked)) return failed(error)
    error.answer.catch(() => undefined)
    return { text: '', error: `template: ${template.name}: it asks for what has to be waited for` }
  }
}

// Starts anew with each answer that comes, and takes the same way up to there.
export async function expandWaiting<World>(
  template: Template<World>,
  data: Value,
  world: World,
): Promise<Expansion> {
  const answers: Answer[] = []
  for (;;) {
    try {
      return { text: attempt(template, { data, world, answers, writer: undefined }) }
    } catch (error) {
      if (!(error instanceof Asked)) return failed(error)
      answers.push(await settled(error.answer))
    }
  }
}

async function settled(answer: Promise<Value>): Promise<Answer> {
  try {
    return { value: await answer }
  } catch (refused) {
    return { refused }
  }
}

// A bug goes on as it is.
function failed(error: unknown): Expansion {
  if (error instanceof Stopped) return { text: '', error: error.message }
  throw error
}

type Attempt<World> = Readonly<{
  data: Value
  world: World
  answers: Answer[]
  writer: Writer | undefined
}>

function attempt<World>(template: Template<World>, given: Attempt<World>): string {
  const { data, world, answers, writer } = given
  const { name, trees, functions, limits } = template
  const tree = trees.get(name)!
  const state: State = {
    trees,
    functions,
    limits,
    answers,
    answersUsed: 0,
    stepsLeft: limits.steps,
    depth: 0,
    tree,
    variables: [{ name: '$', value: data }, ...declared(template, data)],
    place: { kind: 'text', at: 0, text: '' },
    output: '',
    writer,
    run: {
      world,
      lengthMax: limits.outputLength,
      spend: steps => spend(state, steps),
      run(of, given) {
        const before = state.output
        state.output = ''
        walkTree(state, of, given)
        const made = state.output
        state.output = before
        return made
      },
    },
  }
  walkNodes(state, tree.nodes, data)
  if (writer !== undefined) orStopped(state, () => writer.end())
  return state.output
}

const declared = <World>({ variables }: Template<World>, data: Value): Variable[] =>
  Object.entries(variables).map(([name, field]) => {
    const isStruct = typeof data === 'object' && data !== null && data.kind === 'struct'
    return { name, value: isStruct ? ownOf(data.fields, field) : undefined }
  })
