import { join } from 'node:path'
import { holdsConsole } from '../http/console-files'
import type { HttpOptions, HttpServer } from '../http/server'
import { UnreachableError } from '../model/errors'

/** Where the build puts the console, or nothing where it was not built. */
export function consoleFolder(): string | undefined {
  const folder = join(__dirname, '../console')
  return holdsConsole(folder) ? folder : undefined
}

/** The port of a console that nobody chose one for: the same each time, so that an open page finds it again. */
export const usualPort = 8686

/** Serves the console to this machine alone. Without a port it takes the usual one, or a free one where that is taken. */
export async function serveConsole(
  options: Omit<HttpOptions, 'port' | 'console' | 'host' | 'tokens'>,
  port: number | undefined,
): Promise<HttpServer & { readonly url: string }> {
  const folder = consoleFolder()
  if (folder === undefined) {
    throw new UnreachableError('the console has not been built; "npm run build" does it')
  }
  // Only who serves something pays for a server.
  const { startHttp } = await import('../http/server.js')
  const start = (at: number): Promise<HttpServer> =>
    startHttp({ ...options, port: at, console: folder, tokens: [] })
  let server: HttpServer
  try {
    server = await start(port ?? usualPort)
  } catch (error) {
    if (port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    server = await start(0)
  }
  return {
    address: server.address,
    close: () => server.close(),
    url: `http://${server.address.address}:${server.address.port}/`,
  }
}
