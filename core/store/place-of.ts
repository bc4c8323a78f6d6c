// Which server an error speaks of: its address without what may stand in it as a secret. Called by whoever
// asks stores over HTTP.
export const placeOf = (url: string): string => {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}
