// A mail server on 127.0.0.1, by hand: EHLO, STARTTLS, AUTH PLAIN and LOGIN, one mail after another; it answers as it is
// told and keeps what it got. Called by mail.test.ts.
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'

export type Received = Readonly<{
  from: string
  to: readonly string[]
  data: string
  user: string | undefined
  isSecure: boolean
}>

// By the first word of a command, `GREETING`, or `END` for the dot after the data. Nothing hangs.
export type Says = (command: string, argument: string) => string | 'hang' | undefined

export type MailServer = Readonly<{
  port: number
  received: readonly Received[]
  connections(): number
  close(): Promise<void>
}>

type Options = Readonly<{
  tls?: Readonly<{ key: string; cert: string }>
  // TLS from the first byte.
  isImplicit?: boolean
  login?: Readonly<{ user: string; password: string }>
  says?: Says
}>

export async function openMailServer(options: Options = {}): Promise<MailServer> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer({ noDelay: true }, socket => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    const isSecure = options.isImplicit === true
    talk(isSecure ? secured(socket, options) : socket, options, mail => received.push(mail), isSecure)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    received,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function secured(socket: Socket, { tls }: Options): TLSSocket {
  const wrapped = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(tls ?? {}) })
  wrapped.on('error', () => {})
  return wrapped
}

type Keep = (mail: Received) => void

function talk(socket: Socket, options: Options, keep: Keep, isSecure: boolean): void {
  const say = (text: string): void => void (text === 'hang' || socket.write(`${text}\r\n`))
  let mail = { from: '', to: [] as string[] }
  let user: string | undefined
  let expecting: 'command' | 'data' | 'user' | 'password' = 'command'
  let [rest, name, upgraded] = ['', '', false]

  const logIn = (who: string, password: string): void => {
    const { login } = options
    const isGood = login !== undefined && who === login.user && password === login.password
    user = isGood ? who : undefined
    expecting = 'command'
    say(options.says?.('LOGIN', who) ?? (isGood ? '235 welcome' : `535 5.7.8 no ${password}`))
  }
  const decoded = (text: string): string => Buffer.from(text, 'base64').toString()
  const command = (line: string): void => {
    const [word = '', ...others] = line.split(' ')
    const [verb, argument] = [word.toUpperCase(), others.join(' ')]
    const said = options.says?.(verb, argument)
    if (said !== undefined) say(said)
    else if (verb === 'EHLO') {
      const offers = [
        ...(options.tls !== undefined && !isSecure ? ['STARTTLS'] : []),
        ...(options.login === undefined ? [] : ['AUTH PLAIN LOGIN']),
        '8BITMIME',
      ]
      for (const offer of ['mail.test', ...offers.slice(0, -1)]) say(`250-${offer}`)
      say(`250 ${offers.at(-1)}`)
    } else if (verb === 'STARTTLS' && options.tls !== undefined) {
      say('220 go ahead')
      upgraded = true
      socket.removeAllListeners('data')
      talk(secured(socket, options), options, keep, true)
    } else if (verb === 'AUTH' && argument.startsWith('PLAIN ')) {
      const [, who = '', password = ''] = decoded(argument.slice(6)).split('\0')
      logIn(who, password)
    } else if (verb === 'AUTH' && argument.startsWith('LOGIN ')) {
      name = decoded(argument.slice(6))
      expecting = 'password'
      say('334 UGFzc3dvcmQ6')
    } else if (verb === 'AUTH' && argument === 'LOGIN') {
      expecting = 'user'
      say('334 VXNlcm5hbWU6')
    } else if (verb === 'MAIL') {
      mail = { from: /<([^>]*)>/.exec(argument)?.[1] ?? '', to: [] }
      say('250 fine')
    } else if (verb === 'RCPT') {
      mail.to.push(/<([^>]*)>/.exec(argument)?.[1] ?? '')
      say('250 fine')
    } else if (verb === 'DATA') {
      expecting = 'data'
      say('354 go on')
    } else if (verb === 'QUIT') {
      say('221 bye')
      socket.end()
    } else say(verb === 'RSET' || verb === 'NOOP' ? '250 fine' : '502 what?')
  }

  const taken = (): void => {
    for (;;) {
      const mark = expecting === 'data' ? '\r\n.\r\n' : '\r\n'
      const at = rest.indexOf(mark)
      if (at < 0 || upgraded) return
      const line = rest.slice(0, at)
      rest = rest.slice(at + mark.length)
      if (expecting === 'data') {
        expecting = 'command'
        keep({ ...mail, data: line.replace(/\r\n\.\./g, '\r\n.'), user, isSecure })
        say(options.says?.('END', '') ?? '250 2.0.0 queued as 4711')
      } else if (expecting === 'user') {
        name = decoded(line)
        expecting = 'password'
        say('334 UGFzc3dvcmQ6')
      } else if (expecting === 'password') logIn(name, decoded(line))
      else command(line)
    }
  }
  socket.on('data', (bytes: Buffer) => {
    rest += bytes.toString('utf8')
    taken()
  })
  // After STARTTLS nobody greets again.
  if (!isSecure || options.isImplicit === true) say(options.says?.('GREETING', '') ?? '220 mail.test ready')
}
