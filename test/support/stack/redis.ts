import { once } from 'node:events'
import { connect } from 'node:net'
import { inNewHome } from './home'
import type { Service } from './home'
import { program } from './install'
import { freePorts, host } from './ports'

/** A Redis that forgets everything when it is killed or started again. */
export interface Redis extends Service {
  readonly url: string
  /** Forgets everything. */
  flush(): Promise<void>
  stop(): Promise<void>
}

export async function startRedis(): Promise<Redis> {
  const found = await program('redis-server', ['redis-server', 'redis-tools'])
  return inNewHome(async (home) => {
    const [port] = await freePorts(1)
    const command = (name: string) => ask(port!, name)
    const service = await home.run({
      name: 'redis',
      ...found,
      args: [
        '--port',
        String(port!),
        '--bind',
        host,
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        home.folder,
      ],
      answers: () => command('PING'),
    })
    return Object.assign(service, {
      url: `redis://${host}:${port!}`,
      flush: () => command('FLUSHALL'),
      stop: () => home.close(),
    })
  })
}

/** Sends one command and resolves when Redis has done it. */
async function ask(port: number, command: string): Promise<void> {
  const socket = connect({ host, port }).setEncoding('utf8').setTimeout(2_000)
  socket.once('timeout', () => socket.destroy(new Error(`Redis does not answer ${command}`)))
  try {
    socket.write(`${command}\r\n`)
    const [reply] = (await once(socket, 'data')) as [string]
    if (reply.startsWith('-')) throw new Error(`Redis answers ${command} with ${reply.trim()}`)
  } finally {
    socket.destroy()
  }
}
