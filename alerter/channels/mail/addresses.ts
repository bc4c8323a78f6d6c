// Who gets a mail, where templates say it: labels may fill in an address, but neither add one nor take one's place by
// what mailers read into them (groups, comments, quotes). Pure. Called by compose.ts.
import type { Around } from '../../channel.ts'
import { isTemplate, NoPlace, onOneLine, placeText } from '../../templated.ts'

type Written = Readonly<{
  // As the settings have it.
  written: string
  isOne: boolean
}>

// As it is written, or what its template became for this message.
export function addressText(name: string, given: Written, around: Around): string {
  const made = placeText(name, given.written, around)
  return isTemplate(given.written) ? checked(name, given, made) : made
}

// The same of a header, which may be empty, as there may be nobody who gets a copy.
export function copiesText(name: string, given: Written, made: string): string {
  const said = onOneLine(made)
  return said === '' ? '' : checked(name, given, said)
}

function checked(name: string, { written, isOne }: Written, made: string): string {
  const found = addressesIn(made)
  if (found === undefined || found.length === 0)
    throw new NoPlace(`${name} is a template, which gave no list of addresses for this message`)
  if (found.length > 1 && (isOne || !isList(written)))
    throw new NoPlace(`${name} is a template of one address, which gave several for this message`)
  return found.join(', ')
}

const quoted = String.raw`"(?:[^"\\]|\\.)*"`
const part = String.raw`[^\s\p{Cc}"(),:;<>@[\]\\]+`
const words = String.raw`[^"(),:;<>@[\]\\]`
const address = `${part}@${part}`
// `Name <a@example.org>`, `"Name" <a@example.org>`, `Name (place) <a@example.org>`, `a@example.org`, or nothing before a
// comma, as loops leave it.
const next = new RegExp(
  `\\s*((?:${quoted}\\s*|(?:${words}|\\(${words}*\\))*)<${address}>|${address})?\\s*(?:,|$)`,
  'guy',
)

// Nothing where it is no plain list.
export function addressesIn(text: string): string[] | undefined {
  const matches = [...text.matchAll(next)]
  const read = matches.reduce((sum, [all]) => sum + all.length, 0)
  return read === text.length ? matches.flatMap(([, each]) => each ?? []) : undefined
}

const action = /\{\{(?:"(?:[^"\\]|\\.)*"|`[^`]*`|(?!\}\}).)*\}\}/gsu

const calls = /\{\{-?\s*template\b/

// Whether whoever wrote the template meant several: a comma outside of its actions and of names in quotes, or a template
// of a name, whose text is elsewhere.
const isList = (written: string): boolean =>
  calls.test(written) || written.replace(action, '').replace(new RegExp(quoted, 'gsu'), '').includes(',')
