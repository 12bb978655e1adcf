import { UnreachableError } from '../model/errors'
import { kinds } from '../model/event'
import { fieldNames } from './fields'

/** A writer's schema, ready for reading: each field of a record knows which field of the contract it is. */
export type AvroNode = PlainNode | EnumNode | FixedNode | ArrayNode | MapNode | UnionNode | RecordNode

interface PlainNode {
  readonly type: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'
  readonly leastBytes: number
  /** How many of a moment's units make one millisecond; 1 for what is no moment, NaN for one without an offset. */
  readonly unitsPerMs: number
}

interface EnumNode {
  readonly type: 'enum'
  readonly leastBytes: 1
  /** The symbols in the contract's spelling: an Avro symbol can hold no hyphen, and often is in upper case. */
  readonly symbols: readonly Uint8Array[]
}

interface FixedNode {
  readonly type: 'fixed'
  readonly leastBytes: number
}

export interface ArrayNode {
  readonly type: 'array'
  readonly leastBytes: 1
  readonly items: AvroNode
}

interface MapNode {
  readonly type: 'map'
  readonly leastBytes: 1
  readonly values: AvroNode
}

export interface UnionNode {
  readonly type: 'union'
  readonly leastBytes: 1
  readonly branches: readonly AvroNode[]
}

export interface RecordNode {
  readonly type: 'record'
  /** 0 while the record is being compiled, which is what a record inside itself sees. */
  leastBytes: number
  /** Those that take any bytes: of records in records that take none a few lines can claim any number. */
  readonly fields: { readonly field: number; readonly node: AvroNode }[]
  /** The kind that the record's name tells, for records that do not say it in a field. */
  readonly kindSymbol: Uint8Array | undefined
}

/** Compiles a schema from its JSON; throws when it is none that events can be read with. */
export function compileAvroSchema(json: string): AvroNode {
  let schema: unknown
  try {
    schema = JSON.parse(json)
  } catch {
    throw unusable('is no JSON')
  }
  const root = compile(schema, { names: new Map(), namespace: '', depth: 1 })
  const records = root.type === 'union' ? root.branches : [root]
  if (!records.every(({ type }) => type === 'record' || type === 'null')) {
    throw unusable('describes no record')
  }
  return root
}

interface Scope {
  readonly names: Map<string, AvroNode>
  readonly namespace: string
  readonly depth: number
}

const leastBytes = { null: 0, boolean: 1, int: 1, long: 1, float: 4, double: 8, bytes: 1, string: 1 } as const
const maxSchemaDepth = 64
const textEncoder = new TextEncoder()

function compile(schema: unknown, scope: Scope): AvroNode {
  if (scope.depth > maxSchemaDepth) throw unusable(`is deeper than ${maxSchemaDepth} levels`)
  const inside = { ...scope, depth: scope.depth + 1 }
  if (typeof schema === 'string') return plain(schema) ?? named(schema, scope)
  if (Array.isArray(schema)) {
    return { type: 'union', leastBytes: 1, branches: schema.map((branch) => compile(branch, inside)) }
  }
  if (!isObject(schema)) throw unusable(`has ${JSON.stringify(schema)} where a type should stand`)
  switch (schema['type']) {
    case 'record':
    case 'error':
      return record(schema, inside)
    case 'enum':
      return remember(schema, inside, {
        type: 'enum',
        leastBytes: 1,
        symbols: list(schema, 'symbols').map(symbol),
      })
    case 'fixed':
      return remember(schema, inside, { type: 'fixed', leastBytes: size(schema) })
    case 'array':
      return { type: 'array', leastBytes: 1, items: compile(schema['items'], inside) }
    case 'map':
      return { type: 'map', leastBytes: 1, values: compile(schema['values'], inside) }
    default: {
      const node = compile(schema['type'], inside)
      const units = unitsPerMs.get(schema['logicalType'])
      return units !== undefined && node.type === 'long' ? { ...node, unitsPerMs: units } : node
    }
  }
}

/** The units of Avro's moments other than milliseconds; a local time is a moment only where its place is known. */
const unitsPerMs = new Map<unknown, number>([
  ['timestamp-micros', 1e3],
  ['timestamp-nanos', 1e6],
  ['local-timestamp-millis', Number.NaN],
  ['local-timestamp-micros', Number.NaN],
  ['local-timestamp-nanos', Number.NaN],
])

function plain(type: string): PlainNode | undefined {
  if (!Object.hasOwn(leastBytes, type)) return undefined
  const name = type as keyof typeof leastBytes
  return { type: name, leastBytes: leastBytes[name], unitsPerMs: 1 }
}

function named(name: string, { names, namespace }: Scope): AvroNode {
  const found = names.get(`${namespace}.${name}`) ?? names.get(name) ?? names.get(`.${name}`)
  if (found === undefined) throw unusable(`uses the type ${name} before it is declared`)
  return found
}

function record(schema: Readonly<Record<string, unknown>>, scope: Scope): RecordNode {
  const name = String(schema['name']).split('.').at(-1)!.toLowerCase()
  const isKind = (kinds as readonly string[]).includes(name)
  const node: RecordNode = {
    type: 'record',
    leastBytes: 0,
    fields: [],
    kindSymbol: isKind ? textEncoder.encode(name) : undefined,
  }
  remember(schema, scope, node)
  const inside = { ...scope, namespace: namespaceOf(schema, scope) }
  for (const declared of list(schema, 'fields')) {
    if (!isObject(declared) || typeof declared['name'] !== 'string')
      throw unusable('has a field without a name')
    const value = compile(declared['type'], inside)
    if (value.leastBytes === 0) continue
    node.fields.push({ field: (fieldNames as readonly string[]).indexOf(declared['name']), node: value })
  }
  node.leastBytes = node.fields.reduce((total, field) => total + field.node.leastBytes, 0)
  return node
}

function remember<T extends AvroNode>(schema: Readonly<Record<string, unknown>>, scope: Scope, node: T): T {
  const name = String(schema['name']).split('.').at(-1)!
  scope.names.set(`${namespaceOf(schema, scope)}.${name}`, node)
  return node
}

/** A name with dots brings its namespace along. */
function namespaceOf(schema: Readonly<Record<string, unknown>>, { namespace }: Scope): string {
  const parts = String(schema['name']).split('.').slice(0, -1)
  if (parts.length > 0) return parts.join('.')
  return typeof schema['namespace'] === 'string' ? schema['namespace'] : namespace
}

function symbol(name: unknown): Uint8Array {
  return textEncoder.encode(String(name).toLowerCase().replaceAll('_', '-'))
}

function list(schema: Readonly<Record<string, unknown>>, key: string): readonly unknown[] {
  const found = schema[key]
  if (Array.isArray(found)) return found
  throw unusable(`lacks the list "${key}" in ${String(schema['name'])}`)
}

function size(schema: Readonly<Record<string, unknown>>): number {
  const found = schema['size']
  if (typeof found === 'number' && Number.isInteger(found) && found >= 0) return found
  throw unusable(`lacks the size of ${String(schema['name'])}`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unusable(what: string): UnreachableError {
  return new UnreachableError(
    `the Avro schema should describe records with the fields of the contract, but ${what}; see schemas/ for ones that do`,
  )
}
