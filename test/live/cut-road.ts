// A road to a server that can be cut: connections stay open, and nothing comes through until it is mended; then all
// that was sent meanwhile does. Used by lease.test.ts.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type CutRoad = AsyncDisposable &
  Readonly<{
    port: number
    cut(): void
    mend(): void
  }>

export async function openCutRoad(toPort: number): Promise<CutRoad> {
  const sockets = new Set<Socket>()
  let held: (() => void)[] | undefined
  const pass = (step: () => void): void => void (held === undefined ? step() : held.push(step))

  const join = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('data', bytes => pass(() => to.write(bytes)))
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      pass(() => to.end())
    })
  }
  const server = createServer(near => {
    const far = connect(toPort, '127.0.0.1')
    join(near, far)
    join(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      held ??= []
    },
    mend() {
      const steps = held ?? []
      held = undefined
      for (const step of steps) step()
    },
    async [Symbol.asyncDispose]() {
      for (const each of sockets) each.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
