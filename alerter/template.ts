// Alertmanager's templates: Go's text/template and html/template with the data, the functions and the ready definitions of
// Alertmanager 0.31, over the engine of promql/template. Opened by whoever reads its configuration, asked by delivery
// through template/texts.ts.
import { Failure } from '#core/errors.ts'
import { madeOnce } from '#core/made-once.ts'
import { compileTemplate, expand, type Template } from '#promql/template/engine.ts'
import type { Message } from './message.ts'
import { dataOf } from './template/data.ts'
import { defaultTemplates } from './template/defaults.ts'
import { type MessageWorld, messageFunctions } from './template/functions.ts'
import { openHtmlWriter } from './template/html/writer.ts'

// `name` is what messages call it; by its last part it can be used as a template too.
export type TemplateFile = Readonly<{ name: string; text: string }>
export type Compiled = Template<MessageWorld>

export type Templates = Readonly<{
  // What the text becomes for this message; in HTML no label can leave its place. Throws a Failure `bad_template` that
  // names line and column, and nothing else.
  render(text: string, message: Message, kind: 'text' | 'html'): string
}>

// A mail about a thousand alerts takes a third of these steps and half a megabyte; the worst that fits takes a second.
const limits = {
  steps: 500_000,
  outputLength: 4_194_304,
  depth: 200,
  textLength: 1_048_576,
}

// Texts of settings that were rendered before.
const textsMax = 1_000

export const baseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

// Whatever it does not define itself it takes from the one before.
export const compileMessageTemplate = (name: string, text: string, before?: Compiled): Compiled =>
  compileTemplate(text, {
    name,
    functions: messageFunctions,
    ...(before === undefined ? {} : { others: [before] }),
    limits,
  })

let ready: Compiled | undefined
export function readyTemplates(): Compiled {
  ready ??= compileMessageTemplate('default.tmpl', defaultTemplates)
  return ready
}

// Later files outrank earlier ones, and all of them what is ready. Throws a Failure `bad_template` for one that cannot be
// read.
export function openTemplates(files: readonly TemplateFile[]): Templates {
  const all = files.reduce(compileFile, readyTemplates())
  const compiled = madeOnce(textsMax, (text: string) => compileMessageTemplate('', text, all))
  return {
    render(text, message, kind) {
      if (text === '') return ''
      const writer = kind === 'html' ? openHtmlWriter() : undefined
      const made = expand(compiled(text), dataOf(message), { nowMs: message.atMs }, writer)
      if (made.error !== undefined) throw new Failure('bad_template', made.error)
      return made.text
    },
  }
}

function compileFile(before: Compiled, { name, text }: TemplateFile): Compiled {
  try {
    return compileMessageTemplate(baseName(name), text, before)
  } catch (error) {
    throw error instanceof Failure ? new Failure('bad_template', `${name}:${error.detail}`) : error
  }
}
