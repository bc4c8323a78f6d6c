// What a browser makes of a page, as far as it matters whether a value has left its place: tags with the names of their
// attributes, and the values apart. After the rules of HTML, without anything of the room's own reader.

export type Structure = Readonly<{ shape: string; values: readonly string[] }>

const spaces = /[ \t\n\f\r]/

export function structureOf(page: string): Structure {
  const values: string[] = []
  let shape = ''
  let at = 0
  let text = ''
  const flush = (): void => {
    if (text !== '') values.push(text)
    text = ''
  }
  while (at < page.length) {
    const rest = page.slice(at)
    if (rest.startsWith('<!--')) {
      const end = page.indexOf('-->', at + 4)
      at = end === -1 ? page.length : end + 3
      shape += '<!>'
      continue
    }
    const open = /^<(\/?[a-z][^ \t\n\f\r/>]*)/i.exec(rest)
    if (open === null) {
      text += page[at++]
      continue
    }
    flush()
    const tag = tagAt(page, at + open[0].length)
    shape += `<${open[1]!.toLowerCase()}${tag.names.map(name => ` ${name}`).join('')}>`
    values.push(...tag.values)
    at = tag.end
    const raw = /^(?:title|textarea|style|script)$/i.exec(open[1]!)
    if (raw === null) continue
    const end = page.slice(at).search(new RegExp(`</${raw[0]}[ \\t\\n\\f\\r/>]`, 'i'))
    values.push(page.slice(at, end === -1 ? undefined : at + end))
    at = end === -1 ? page.length : at + end
  }
  flush()
  return { shape, values }
}

function tagAt(page: string, from: number) {
  const names: string[] = []
  const values: string[] = []
  let at = from
  while (at < page.length && page[at] !== '>') {
    if (spaces.test(page[at]!) || page[at] === '/') {
      at++
      continue
    }
    const name = /^=?[^ \t\n\f\r/>=]*/.exec(page.slice(at))![0]
    names.push(name.toLowerCase())
    at += name.length
    const equals = /^[ \t\n\f\r]*=[ \t\n\f\r]*/.exec(page.slice(at))
    if (equals === null) continue
    at += equals[0].length
    const quote = page[at] === '"' || page[at] === "'" ? page[at]! : ''
    const value =
      quote === ''
        ? /^[^ \t\n\f\r>]*/.exec(page.slice(at))![0]
        : page.slice(at + 1, page.indexOf(quote, at + 1) === -1 ? undefined : page.indexOf(quote, at + 1))
    values.push(value)
    at += value.length + 2 * quote.length
  }
  return { names, values, end: at + 1 }
}

// As a browser reads what stands in an attribute.
export const decoded = (value: string): string =>
  value
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll(/&#x([\da-f]+);/gi, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
