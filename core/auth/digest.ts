// Secrets that we make ourselves, and what is kept of them. They have 256 bits, so one round of SHA-256 hides
// them, and looking a digest up by an index tells a guesser nothing. Called by tokens, sessions and invitations.
import { hash, randomBytes } from 'node:crypto'

export const newSecret = (): string => randomBytes(32).toString('base64url')

// For rows that people name on a command line: no sign at its begin that could be an option.
export const newId = (): string => randomBytes(8).toString('hex')

export const digestOf = (secret: string): string => hash('sha256', secret, 'hex')
