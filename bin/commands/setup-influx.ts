// `plimsoll setup influx`: makes InfluxDB ready and prints the part of the configuration that uses it. Called by run.ts.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { readDuration } from '#core/duration.ts'
import { Failure } from '#core/errors.ts'
import { Secret } from '#core/secret.ts'
import { openLink } from '#core/store/influxdb/link.ts'
import { keepSecondsMin, type SetupResult, setUpInfluxdb } from '#core/store/influxdb/setup.ts'
import { type Call, type Command, Stop } from '../command.ts'

const defaults = { org: 'plimsoll', bucket: 'plimsoll', keep: '400d', user: 'plimsoll' }

export const command: Command = async call => {
  const { text, on, io } = call
  const place = {
    url: urlOf(call),
    org: text['org'] ?? defaults.org,
    bucket: text['bucket'] ?? defaults.bucket,
  }
  const given = text['token'] ?? io.env['PLIMSOLL_INFLUX_TOKEN']
  const link = openLink(place.url, io.clock)
  try {
    const result = await setUpInfluxdb({
      ...place,
      link,
      keepSeconds: keepOf(call),
      user: text['user'] ?? defaults.user,
      password: () => passwordOf(call),
      ...(given === undefined || given === '' ? {} : { token: new Secret(given) }),
    })
    io.out(on.has('json') ? `${JSON.stringify(forMachines(place, result))}\n` : snippet(place, result))
    if (!on.has('json')) io.err(told(result))
    return 0
  } catch (error) {
    // What the table says of it is for a service that runs.
    if (error instanceof Failure) throw new Stop(error.detail)
    throw error
  } finally {
    link.close()
  }
}

type Place = Readonly<{ url: string; org: string; bucket: string }>

function urlOf({ text }: Call): string {
  const { url } = text
  const wanted = 'an address like http://127.0.0.1:8086'
  if (url === undefined) throw new Stop(`wanted --url, ${wanted}`, 2)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Stop(`--url: wanted ${wanted}, found ${url}`, 2)
  }
  return url.replace(/\/+$/, '')
}

function keepOf({ text }: Call): number {
  const given = text['keep'] ?? defaults.keep
  const ms = readDuration(given)
  const seconds = Math.floor((ms ?? Number.NaN) / 1_000)
  if (seconds === 0 && ms === 0) return 0
  if (seconds >= keepSecondsMin) return seconds
  throw new Stop(`--keep: wanted a duration of an hour or more, like 400d, or 0 for ever, found ${given}`, 2)
}

function passwordOf({ text, io }: Call): Secret {
  const file = text['password-file']
  if (file === undefined) return new Secret(randomBytes(18).toString('base64url'))
  const password = readPassword(resolve(io.cwd, file))
  // InfluxDB's own bounds.
  if (password.length < 8 || Buffer.byteLength(password) > 72) {
    throw new Stop(`${file}: wanted a password of 8 to 72 characters in the first line`)
  }
  return new Secret(password)
}

function readPassword(path: string): string {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/, 1)[0] ?? ''
  } catch (cause) {
    throw new Stop(`--password-file: ${(cause as Error).message}`)
  }
}

const snippet = ({ url, org, bucket }: Place, { token, readToken }: SetupResult): string =>
  [
    'engines:',
    '  store:',
    '    influxdb:',
    ...Object.entries({ url, org, bucket, token: token.reveal(), read_token: readToken.reveal() }).map(
      // JSON's strings are YAML's too; `${` would be taken for a variable.
      ([name, value]) => `      ${name}: ${JSON.stringify(value.replaceAll('${', () => '$${'))}`,
    ),
    '',
  ].join('\n')

const forMachines = (place: Place, { made, token, readToken, first }: SetupResult): object => ({
  ...place,
  made,
  token: token.reveal(),
  readToken: readToken.reveal(),
  ...(first === undefined
    ? {}
    : { first: { user: first.user, password: first.password.reveal(), token: first.token.reveal() } }),
})

function told({ made, first }: SetupResult): string {
  const news = made.length === 0 ? 'Everything was there already.\n' : `Made: ${made.join(', ')}.\n`
  if (first === undefined) return news
  const { user, password, token } = first
  return `${news}Keep these; they are shown this once, and may do everything in this InfluxDB:
  user ${user}
  password ${password.reveal()}
  token ${token.reveal()}
`
}
