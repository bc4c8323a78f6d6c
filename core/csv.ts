// A cell of CSV as RFC 4180 wants it. Called by whatever writes tables for spreadsheets.

// A spreadsheet takes text that begins with = + - @ or a tab for a formula, some of them with the full-width signs of
// Chinese input too, so that gets a ' before it.
export const csvText = (text: string): string =>
  csvQuoted(/^[=+\-@＝＋－＠\t\r]/.test(text) ? `'${text}` : text)

// Of what is known to be no text, as a number.
export const csvQuoted = (cell: string): string =>
  /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
