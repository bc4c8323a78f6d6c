// Sheets as one file in the format of Office Open XML (ECMA-376), which is a zip of XML. Pure; called by xlsx-writer.ts.
import { escaped, type PlainSheet, sheetXml, type Texts, tableOf, textsXml } from './sheet-xml.ts'
import { stylesXml } from './styles.ts'
import { type Entry, zipped } from './zip.ts'

const officeName = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packageName = 'http://schemas.openxmlformats.org/package/2006'
const typeName = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

export function spreadsheetOf(sheets: readonly PlainSheet[]): Uint8Array {
  const texts: Texts = new Map()
  const pages = sheets.map((sheet, nth): Entry => {
    return { name: `xl/${pathOf(nth)}`, bytes: declared(sheetXml(sheet, texts)) }
  })
  return zipped([
    fileOf('[Content_Types].xml', contentTypes(sheets)),
    fileOf('_rels/.rels', relations([['officeDocument', 'xl/workbook.xml']])),
    fileOf('xl/workbook.xml', workbook(sheets)),
    fileOf('xl/_rels/workbook.xml.rels', relations(partsOf(sheets))),
    fileOf('xl/styles.xml', stylesXml),
    { name: 'xl/sharedStrings.xml', bytes: declared(textsXml(texts)) },
    ...pages,
  ])
}

const declaration = Buffer.from('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n')
const declared = (bytes: Uint8Array): Uint8Array => Buffer.concat([declaration, bytes])
const fileOf = (name: string, text: string): Entry => ({ name, bytes: declared(Buffer.from(text)) })

const pathOf = (nth: number): string => `worksheets/sheet${nth + 1}.xml`

type Part = readonly [kind: string, path: string]

// The first are the sheets, whose number is the place in this list.
const partsOf = (sheets: readonly PlainSheet[]): readonly Part[] => [
  ...sheets.map((_, nth): Part => ['worksheet', pathOf(nth)]),
  ['styles', 'styles.xml'],
  ['sharedStrings', 'sharedStrings.xml'],
]

const relations = (parts: readonly Part[]): string =>
  `<Relationships xmlns="${packageName}/relationships">${parts
    .map(
      ([kind, path], nth) =>
        `<Relationship Id="rId${nth + 1}" Type="${officeName}/${kind}" Target="${path}"/>`,
    )
    .join('')}</Relationships>`

const workbook = (sheets: readonly PlainSheet[]): string =>
  `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${officeName}"><sheets>${sheets
    .map(({ name }, nth) => `<sheet name="${escaped(name)}" sheetId="${nth + 1}" r:id="rId${nth + 1}"/>`)
    .join(
      '',
    )}</sheets><definedNames>${[...sheets.map(filtered), ...sheets.map(repeated)].join('')}</definedNames></workbook>`

const placeOf = ({ name }: PlainSheet, cells: string): string =>
  escaped(`'${name.replaceAll("'", "''")}'!${cells}`)

// What the buttons of the head filter.
const filtered = (sheet: PlainSheet, nth: number): string =>
  `<definedName name="_xlnm._FilterDatabase" localSheetId="${nth}" hidden="1">${placeOf(sheet, tableOf(sheet, '$'))}</definedName>`

// The head stands on each page of paper.
const repeated = (sheet: PlainSheet, nth: number): string =>
  `<definedName name="_xlnm.Print_Titles" localSheetId="${nth}">${placeOf(sheet, `$${sheet.headAt + 1}:$${sheet.headAt + 1}`)}</definedName>`

function contentTypes(sheets: readonly PlainSheet[]): string {
  const part = (path: string, type: string): string =>
    `<Override PartName="/xl/${path}" ContentType="${typeName}.${type}+xml"/>`
  return `<Types xmlns="${packageName}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${[
    part('workbook.xml', 'sheet.main'),
    part('styles.xml', 'styles'),
    part('sharedStrings.xml', 'sharedStrings'),
    ...sheets.map((_, nth) => part(pathOf(nth), 'worksheet')),
  ].join('')}</Types>`
}
