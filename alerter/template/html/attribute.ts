// What the value of an attribute is to a browser, by its name: text, an address, addresses with sizes, styles, or a
// script. Called by read.ts for what a template writes, and by escapes.ts for names that come out of data.

// `guarded` may be written into but never named by data: it changes what the page around it means.
export type Attribute = 'text' | 'url' | 'srcset' | 'css' | 'script' | 'guarded'

const groups: Readonly<Record<Exclude<Attribute, 'text'>, string>> = {
  url: 'action archive background cite classid codebase data formaction href icon longdesc manifest poster src usemap xmlns',
  srcset: 'srcset',
  css: 'style',
  // A page inside of the page.
  script: 'srcdoc',
  guarded:
    'accept-charset async challenge charset content crossorigin defer enctype form formenctype formmethod formnovalidate http-equiv language method novalidate pattern rel required sandbox type value',
}

const known = new Map<string, Attribute>(
  Object.entries(groups).flatMap(([kind, names]) =>
    names.split(' ').map(name => [name, kind as Attribute] as const),
  ),
)
// Not addresses, whatever their names hold.
const plain = new Set(['srclang'])

// Of a name in small letters. Those that nobody knows are judged by how they sound.
export function attributeOf(name: string): Attribute {
  if (name.startsWith('xmlns:')) return 'url'
  const colon = name.indexOf(':')
  const own = name.startsWith('data-') ? name.slice(5) : name.slice(colon + 1)
  const kind = known.get(own)
  if (kind !== undefined) return kind
  if (plain.has(own)) return 'text'
  if (own.startsWith('on')) return 'script'
  return /src|uri|url/.test(own) ? 'url' : 'text'
}
