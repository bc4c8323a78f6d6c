// How many pools a page shows in full, with pictures: the most urgent. Read by html.ts, and by kept.ts, which keeps the days
// of these.
export const inFullUsual = 40
