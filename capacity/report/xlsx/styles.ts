// How cells look: a bold head, days as 2026-11-25, money with its cents, numbers with as many digits as they need. Called
// by sheet-xml.ts by name, and written by spreadsheet.ts.
const formats = {
  day: 'yyyy-mm-dd',
  whole: '#,##0',
  tenths: '0.0',
  thousandths: '0.000',
  share: '0.0%',
  money: '#,##0.00',
} as const

export type Format = Exclude<keyof typeof formats, 'day'>

// Their places among the looks below.
export const styles = {
  ...{ plain: 0, head: 1 },
  ...{ day: 2, whole: 3, tenths: 4, thousandths: 5, share: 6, money: 7 },
  long: 8,
} as const

// Whole numbers and large ones without digits behind the point.
export const usual = (value: number): Format =>
  Number.isInteger(value) || Math.abs(value) >= 1_000
    ? 'whole'
    : Math.abs(value) >= 10
      ? 'tenths'
      : 'thousandths'

// Numbers below are formats of spreadsheets themselves.
const ownFormats = 164

const entries = Object.entries(formats)
const formatXml = entries.map(
  ([, code], nth) => `<numFmt numFmtId="${ownFormats + nth}" formatCode="${code}"/>`,
)
const lookXml = entries.map(
  (_, nth) =>
    `<xf numFmtId="${ownFormats + nth}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`,
)
const font = (weight: string): string =>
  `<font>${weight}<sz val="11"/><name val="Calibri"/><family val="2"/></font>`
const wrapped = '<alignment vertical="top" wrapText="1"/>'
const longXml = `<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">${wrapped}</xf>`

export const stylesXml = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<numFmts count="${formatXml.length}">${formatXml.join('')}</numFmts>
<fonts count="2">${font('')}${font('<b/>')}</fonts>
<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE8EDF0"/><bgColor indexed="64"/></patternFill></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="${3 + lookXml.length}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1" applyAlignment="1"><alignment wrapText="1"/></xf>${lookXml.join('')}${longXml}</cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>`
