// Where to go after the login: a path of this service and nothing else, since the wish comes from a link. Called
// by login-routes.ts.

// A browser reads `//host` and `/\host` as another site, and drops tabs and newlines before it looks.
export const nextPath = (wish: string | undefined): string =>
  wish !== undefined && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wish) ? wish : '/'
