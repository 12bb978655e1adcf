import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './errors'

/** Addresses at which the console is: it shows the page itself, so that every one of them survives a reload. */
export const consolePages = [
  '/',
  '/accounts/:id',
  '/verdicts/:id',
  '/clusters',
  '/clusters/:id',
  '/policy',
] as const

const assets = '/assets/:file'
/** What is served of a console beside the API: a page, and files whose names change with what is in them. */
export const consoleAddresses: readonly string[] = [...consolePages, assets]

/**
 * Serves the console from a folder that `npm run build` made, out of memory. The page is asked for anew each time; the
 * rest is kept for ever. Throws where the folder holds no console.
 */
export function addConsole(app: FastifyInstance, folder: string): void {
  const page = readFile(folder, 'index.html')
  const files = new Map(
    readdirSync(join(folder, 'assets'))
      .filter((name) => types[extensionOf(name)] !== undefined)
      .map((name) => [name, readFile(join(folder, 'assets'), name)]),
  )
  for (const path of consolePages) {
    app.get(path, { config: { role: 'open' } }, (request, reply) =>
      send(request, reply, { file: page, caching: 'no-cache' }),
    )
  }
  app.get<{ Params: { file: string } }>(assets, { config: { role: 'open' } }, (request, reply) => {
    const file = files.get(request.params.file)
    if (file === undefined) {
      throw new ApiError(
        'unknown-route',
        'there is no such file of the console; it was built anew, load the page again',
      )
    }
    return send(request, reply, { file, caching: 'public, max-age=31536000, immutable' })
  })
}

/** Whether a folder holds a console. */
export function holdsConsole(folder: string): boolean {
  return existsSync(join(folder, 'index.html'))
}

interface StaticFile {
  readonly type: string
  readonly tag: string
  /** As it is, and as the build has compressed it. */
  readonly bytes: Partial<Record<Encoding, Buffer>>
}
type Encoding = 'br' | 'gzip' | 'identity'

function readFile(folder: string, name: string): StaticFile {
  const path = join(folder, name)
  const identity = readFileSync(path)
  const bytes: StaticFile['bytes'] = { identity }
  if (existsSync(`${path}.br`)) bytes.br = readFileSync(`${path}.br`)
  if (existsSync(`${path}.gz`)) bytes.gzip = readFileSync(`${path}.gz`)
  const tag = createHash('sha256').update(identity).digest('base64url').slice(0, 22)
  return { type: types[extensionOf(name)]!, tag: `"${tag}"`, bytes }
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { file, caching }: { readonly file: StaticFile; readonly caching: string },
): FastifyReply {
  const { type, tag, bytes } = file
  const accepted = request.headers['accept-encoding'] ?? ''
  const encoding = (['br', 'gzip'] as const).find(
    (one) => bytes[one] !== undefined && new RegExp(`\\b${one}\\b(?!;q=0(?:\\.0*)?(?:,|$))`).test(accepted),
  )
  reply.headers({
    'content-security-policy': pagePolicy,
    'cache-control': caching,
    vary: 'accept-encoding',
    etag: tag,
  })
  if (isHeld(tag, request.headers['if-none-match'])) return reply.code(304).send()
  if (encoding !== undefined) reply.header('content-encoding', encoding)
  return reply.type(type).send(bytes[encoding ?? 'identity'])
}

/** Whether who asks has this already: a proxy that packs anew what it passes on makes a strong tag a weak one. */
function isHeld(tag: string, held = ''): boolean {
  return held.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
}

/** Everything comes from here, nothing is written into the page, and no text becomes markup. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const types: Readonly<Partial<Record<string, string>>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
