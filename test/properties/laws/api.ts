import { request } from 'node:http'
import fc from 'fast-check'
import { responses } from '../../../src/http/schemas'
import type { HttpServer } from '../../../src/http/server'
import { flow, smallStanding, startServed, tiesOf } from '../../support/served'
import { anyLaw } from './law'

interface Asked {
  readonly method: string
  readonly path: string
  readonly body: string | null
  readonly type: string | null
  readonly encoding: string | null
}

const paths = [
  '/livez',
  '/readyz',
  '/openapi.json',
  '/api/v1/verdicts',
  '/api/v1/verdicts/v-1',
  '/api/v1/verdicts/v-1/explanation',
  '/api/v1/accounts/daily-bread',
  '/api/v1/accounts/daily-bread/verdicts',
  '/api/v1/accounts/daily-bread/corrections',
  '/api/v1/clusters',
  '/api/v1/clusters/c-1',
  '/api/v1/clusters/c-1/ties',
  '/api/v1/why-not/daily-bread',
  '/api/v1/policy',
  '/api/v1/policy/comparison',
  '/api/v1/feedback',
  '/api/v1/flow',
]
const printable = fc.string({
  unit: fc.constantFrom(...Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at))),
  maxLength: 12,
})
const encoded = fc
  .string({ unit: 'binary', maxLength: 8 })
  .map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '')))
const piece = fc.oneof(
  printable,
  encoded,
  fc.constantFrom('%', '%00', '%ff', '%2F', '..', '//', '%E0%A4%A', '__proto__', 'constructor'),
)
const name = fc.oneof(
  fc.constantFrom(
    'limit',
    'cursor',
    'offence',
    'mode',
    'kind',
    'fromMs',
    'toMs',
    'contentId',
    'lang',
    '__proto__',
    'limit[]',
  ),
  piece,
)
const worth = fc.oneof(
  piece,
  fc.constantFrom(
    '0',
    '1',
    '-1',
    '1e3',
    '0x10',
    ' 5',
    '1.5',
    'NaN',
    '9007199254740993',
    'click',
    'live',
    'cursor',
    'p0',
    'k0',
    'eyJhIjoxfQ',
    '%20',
    '',
  ),
)
const query = fc
  .array(fc.tuple(name, worth), { maxLength: 4 })
  .map((all) => all.map(([one, value]) => `${one}=${value}`).join('&'))
const asked: fc.Arbitrary<Asked> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'DELETE'),
  path: fc
    .tuple(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...paths) },
        piece.map((one) => `/${one}`),
      ),
      fc.option(piece),
      fc.option(query),
    )
    .map(([path, more, asking]) =>
      `${path}${more === null ? '' : `/${more}`}${asking === null ? '' : `?${asking}`}`.replace(
        /[^\x21-\x7e]/g,
        '',
      ),
    ),
  body: fc.option(
    fc.oneof(
      fc.jsonValue({ maxDepth: 3 }).map((one) => JSON.stringify(one)),
      fc.string({ maxLength: 20 }),
      fc.constantFrom(
        '{"verdictId":"v-1","decision":"overturned","actorId":"r"}',
        '{"__proto__":{}}',
        '['.repeat(500),
      ),
    ),
  ),
  type: fc.option(
    fc.constantFrom(
      'application/json',
      'application/json; charset=utf-16',
      'text/plain',
      'application/xml',
      'multipart/form-data',
      '*/*',
      'application/',
      ';',
    ),
  ),
  encoding: fc.option(fc.constantFrom('gzip', 'br', 'identity')),
})

let server: HttpServer | undefined
let failure: unknown

async function serving(): Promise<HttpServer> {
  if (server !== undefined) return server
  server = await startServed({
    standing: await smallStanding(),
    whyNot: () => undefined,
    ties: tiesOf,
    flow: () => flow,
    nowMs: () => 0,
    onError: (error) => (failure = error),
  })
  return server
}

export const apiLaw = anyLaw({
  name: 'api',
  runs: 300,
  arbitrary: asked,
  /** No question is a bug: it is answered, or refused in the one shape of errors. */
  async check(question: Asked) {
    const { address } = await serving()
    failure = undefined
    const { status, body } = await answerTo(address.port, question)
    if (failure !== undefined || status === 500)
      throw new Error(`answered with ${status}`, { cause: failure })
    if (status < 400 || question.method === 'HEAD') return
    const { error } = responses.Error.safeParse(JSON.parse(body))
    if (error !== undefined) throw new Error(`an error of another shape: ${body.slice(0, 200)}`)
  },
  close: async () => {
    await server?.close()
    server = undefined
  },
})

function answerTo(
  port: number,
  { method, path, body, type, encoding }: Asked,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    // Node sends the body of a GET without saying how long it is, and the next request would begin in it.
    const headers = {
      ...(body === null ? {} : { 'content-length': Buffer.byteLength(body) }),
      ...(type === null ? {} : { 'content-type': type }),
      ...(encoding === null ? {} : { 'content-encoding': encoding }),
    }
    const asking = request(
      { host: '127.0.0.1', port, method, path, headers, timeout: 60_000 },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('end', () => {
          resolve({ status: response.statusCode!, body: text })
        })
      },
    )
    asking.on('timeout', () => asking.destroy(new Error('no answer within a minute')))
    asking.on('error', reject)
    asking.end(body ?? undefined)
  })
}
