// The little of nodemailer that is used here, as its documents describe it (https://nodemailer.com/smtp/).
declare module 'nodemailer' {
  export type TransportOptions = Readonly<{
    pool: true
    maxConnections: number
    // After the connection broke in the middle.
    maxRequeues: number
    host: string
    port: number
    // Whatever it connects by.
    getSocket(
      options: unknown,
      done: (error: Error | null, found?: Readonly<{ connection: import('node:net').Socket }>) => void,
    ): void
    // TLS from the first byte.
    secure: boolean
    // STARTTLS or nothing; never STARTTLS.
    requireTLS: boolean
    ignoreTLS: boolean
    name?: string
    auth?: Readonly<{ user: string; pass: string }>
    authMethod?: string
    tls: import('node:tls').ConnectionOptions
    connectionTimeout: number
    greetingTimeout: number
    socketTimeout: number
    disableFileAccess: true
    disableUrlAccess: true
  }>

  export type Mail = Readonly<{
    from: string
    to: string
    // Left out: as the headers say.
    envelope?: Readonly<{ from: string; to: string | readonly Readonly<{ address: string; name: string }>[] }>
    subject: string
    text: string
    html?: string
    messageId: string
    inReplyTo?: string
    references?: readonly string[]
    headers: Readonly<Record<string, string>>
    attachments: readonly Readonly<{
      filename: string
      content: Uint8Array
      contentType: string
      cid: string
      contentDisposition: 'inline'
    }>[]
  }>

  export type Sent = Readonly<{
    accepted: readonly unknown[]
    rejected: readonly unknown[]
    // Of those whom the server refused while it took others; left out: of nobody.
    rejectedErrors?: readonly import('./verdict.ts').MailFailure[]
    response: string
  }>

  export type Transporter = Readonly<{ sendMail(mail: Mail): Promise<Sent>; close(): void }>

  export function createTransport(options: TransportOptions): Transporter
}

// As https://nodemailer.com/extras/mailcomposer describes it.
declare module 'nodemailer/lib/mail-composer' {
  class MailComposer {
    constructor(mail: import('nodemailer').Mail)
    compile(): Readonly<{ getEnvelope(): Readonly<{ from: string; to: readonly string[] }> }>
  }

  // biome-ignore lint/style/noDefaultExport: its only one
  export { MailComposer as default }
}
