// Where InfluxDB is and what it wants to see: what the configuration says of it. Made by core/config, used by every
// file of this folder.
import type { Secret } from '../../secret.ts'

export type InfluxdbSettings = Readonly<{
  url: string
  org: string
  bucket: string
  // May write the bucket, and read it where there is no other.
  token: Secret
  readToken?: Secret
}>

export const readTokenOf = ({ token, readToken }: InfluxdbSettings): Secret => readToken ?? token
