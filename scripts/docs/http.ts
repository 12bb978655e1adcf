import { openApiDocument } from '../../src/contract/open-api'
import { code, page, prose, table } from './markdown'

interface Operation {
  readonly summary: string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly responses: Readonly<Record<string, Answer>>
}
interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly description?: string
  readonly schema: Schema
}
interface Answer {
  readonly description: string
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}
export interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
}

export function httpPage(): string {
  const { paths, components } = openApiDocument() as {
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, Schema> }
  }
  return page(
    'HTTP API',
    'An instance listens at `http.host` and `http.port` ([settings](settings.md#http)). Changing anything needs a token, and ' +
      'so does reading where there is a file of tokens ([roles](../how-to/give-access.md)). The same as OpenAPI 3.1 at `/openapi.json` and in [schemas/openapi.json](../../schemas/openapi.json); ' +
      'in TypeScript, [assay/client](../../src/client/README.md). Errors: [messages](messages.md#errors-of-the-http-api).',
    ...Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, operation]) => describe(method, path, operation)),
    ),
    '## Answers',
    ...Object.entries(components.schemas)
      .filter(([name]) => name !== 'Policy' && name !== 'Document')
      .flatMap(([name, schema]) => [`### ${name}`, fields(schema)]),
  )
}

function describe(method: string, path: string, operation: Operation): string[] {
  const { summary, parameters, requestBody, security, responses } = operation
  const body = Object.values(requestBody?.content ?? {})[0]?.schema
  return [
    `## ${method.toUpperCase()} ${path}`,
    `${summary}${security === undefined ? '' : ` ${roleOf(security)}`}`,
    ...(parameters.length === 0
      ? []
      : [
          table(
            ['parameter', 'in', 'type', 'meaning'],
            parameters.map((one) => [code(one.name), one.in, typeOf(one.schema), one.description ?? '']),
          ),
        ]),
    ...(body === undefined ? [] : ['The body is JSON:', fields(body)]),
    table(
      ['status', 'answer'],
      Object.entries(responses).map(([status, { description, content }]) => {
        const answer = Object.entries(content ?? {})[0]
        const isError = Number(status) >= 400 && !description.endsWith('.')
        return [status, isError ? description.split(', ').map(code).join(', ') : answerOf(answer)]
      }),
    ),
  ]
}

/** Who may ask, by the requirements of an operation; an empty one stands for nobody's token. */
function roleOf(security: readonly Readonly<Record<string, readonly string[]>>[]): string {
  const role = code(security[0]!['token']![0]!)
  const isRead = security.some((one) => Object.keys(one).length === 0)
  return isRead ? `Role: ${role}.` : `Needs a token, of the role ${role}.`
}

function answerOf(answer: readonly [type: string, { readonly schema: Schema }] | undefined): string {
  if (answer === undefined) return ''
  const [type, { schema }] = answer
  return schema.$ref === undefined ? code(type) : typeOf(schema)
}

function fields(schema: Schema): string {
  const { properties = {}, required = [] } = schema
  return table(
    ['field', 'type', 'meaning'],
    Object.entries(properties).map(([name, property]) => [
      code(name),
      `${typeOf(property)}${required.includes(name) ? '' : ', optional'}`,
      prose(property.description ?? ''),
    ]),
  )
}

/** A type in words, with its bounds. */
export function typeOf(schema: Schema): string {
  const { $ref, enum: words, const: only, anyOf, type, items, properties } = schema
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1)!
    const elsewhere = { Policy: '[policy](policy.md)', Document: 'the document itself' }[name]
    return elsewhere ?? `[${name}](#${name.toLowerCase()})`
  }
  if (words !== undefined) return words.map(code).join(', ')
  if (only !== undefined) return code(JSON.stringify(only))
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ')
  if (type === 'array') return `list of ${typeOf(items ?? {})}`
  if (properties !== undefined) {
    return `object of ${Object.entries(properties)
      .map(([name, one]) => `${code(name)} (${typeOf(one)})`)
      .join(', ')}`
  }
  return `${type ?? 'any'}${bounds(schema)}`
}

function bounds({ minimum, maximum, minLength, maxLength, default: value }: Schema): string {
  const isOpen = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER
  const from = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum
  const range =
    from !== undefined && !isOpen
      ? ` from ${from} to ${maximum}`
      : from !== undefined
        ? ` of ${from} or more`
        : minLength !== undefined && maxLength !== undefined
          ? ` of ${minLength} to ${maxLength} bytes`
          : ''
  return `${range}${value === undefined ? '' : `, default ${code(JSON.stringify(value))}`}`
}
