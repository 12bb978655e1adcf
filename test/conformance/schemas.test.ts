import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'avsc'
import { actionFields, actions, entries, entryFields, judgedKinds, kinds } from '../../src/model/event'
import { fullExamples } from '../support/contract-examples'

const root = join(__dirname, '../..')
const schemas = new Map(
  readdirSync(join(root, 'schemas'))
    .filter((file) => file.endsWith('.avsc'))
    .map((file) => [file.replace('.avsc', ''), readSchema(file)]),
)

describe('every schema', () => {
  it('belongs to one record of the contract', () => {
    const results = ['event', 'verdict', 'correction', 'dead-letter']
    expect([...schemas.keys()].sort()).toEqual([...kinds, ...results].sort())
  })

  it.each([...schemas])('%s parses, and its name is the name of its file', (name, schema) => {
    expect(Type.forSchema(avro(schema)).name).toBe(`assay.${pascalCase(name)}`)
  })

  it.each([...schemas])('%s says of itself and of each field what it means', (_name, schema) => {
    const silent = recordsIn(schema).flatMap((record) => [
      ...(record.doc ? [] : [record.name]),
      ...record.fields.filter((field) => !field.doc).map((field) => `${record.name}.${field.name}`),
    ])
    expect(silent).toEqual([])
  })

  it.each([...schemas])(
    '%s writes an optional field as a union with null, and null where nothing is said',
    (_name, schema) => {
      for (const field of fieldsIn(schema)) {
        if (!Array.isArray(field.type)) expect(field).not.toHaveProperty('default')
        else expect(field).toMatchObject({ type: ['null', expect.anything()], default: null })
      }
    },
  )

  it.each([...schemas])('%s gives each word of a vocabulary a meaning', (_name, schema) => {
    for (const { values = [], vocabulary, meanings = {} } of fieldsIn(schema)) {
      if (vocabulary !== undefined) expect(Object.keys(meanings)).toEqual(values)
    }
  })
})

describe('the types in src/model/records.ts', () => {
  it('are what the generator makes of the schemas; if not, run npm run generate', () => {
    const script = join(root, 'scripts/generate-records.mjs')
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

describe('the words of src/model/event.ts are those of the schemas', () => {
  it.each(kinds)('%s: its kind, its action and its entry', (kind) => {
    const { [kind]: action } = actionFields
    const { [kind]: entry } = entryFields
    const expected = { kind: [kind], ...wordsOf(action), ...wordsOf(entry) }
    expect(valuesByField(schemaOf(kind))).toEqual(expected)
  })

  it.each(kinds)('%s: it cannot do without its action', (kind) => {
    const { [kind]: action } = actionFields
    if (action !== undefined) expect(fieldOf(schemaOf(kind), action.field)?.type).toBe('string')
  })

  it('the schema for all kinds knows every kind, action and entry', () => {
    const { kind, ...words } = valuesByField(schemaOf('event'))
    expect(kind).toEqual(kinds)
    expect(new Set(Object.values(words).flat())).toEqual(new Set([...actions, ...entries]))
  })

  it('only the judged kinds are corrected', () => {
    expect(valuesByField(schemaOf('correction'))).toEqual({ kind: judgedKinds })
  })
})

describe('the schema for all kinds', () => {
  it.each(kinds)('has every field of %s, with the same type and words', (kind) => {
    for (const field of schemaOf(kind).fields) {
      const same = fieldOf(schemaOf('event'), field.name)
      expect([field.name, same && bare(same)]).toEqual([field.name, bare(field)])
      if (field.name !== 'kind') expect(same?.values).toEqual(field.values)
    }
  })

  it('has no field that no kind has', () => {
    const known = new Set(kinds.flatMap((kind) => schemaOf(kind).fields.map((field) => field.name)))
    expect(schemaOf('event').fields.filter((field) => !known.has(field.name))).toEqual([])
  })
})

describe('a record', () => {
  it.each(Object.entries(fullExamples()))(
    '%s comes back as it was written, every field filled',
    (name, example) => {
      const type = Type.forSchema(avro(schemaOf(name)))
      expect(Object.keys(example).sort()).toEqual(
        schemaOf(name)
          .fields.map((field) => field.name)
          .sort(),
      )
      expect(plain(type.fromBuffer(type.toBuffer(example)))).toEqual(example)
    },
  )

  it.each(Object.entries(fullExamples()))('%s may leave out what is optional', (name, example) => {
    const type = Type.forSchema(avro(schemaOf(name)))
    const optional = schemaOf(name).fields.filter((field) => Array.isArray(field.type))
    const without = { ...example, ...Object.fromEntries(optional.map((field) => [field.name, undefined])) }
    const withNulls = { ...example, ...Object.fromEntries(optional.map((field) => [field.name, null])) }
    expect(plain(type.fromBuffer(type.toBuffer(without)))).toEqual(withNulls)
  })

  it('with a word that we do not know yet still decodes', () => {
    const type = Type.forSchema(avro(schemaOf('click')))
    const ahead = { ...fullExamples().click, referrer: 'wristwatch' }
    expect(plain(type.fromBuffer(type.toBuffer(ahead)))).toEqual(ahead)
  })
})

describe('a schema that has grown by an optional field', () => {
  it.each(Object.entries(fullExamples()))(
    'reads %s records from before, and is read from before',
    (name, example) => {
      const before = Type.forSchema(avro(schemaOf(name)))
      const after = Type.forSchema(avro(grown(schemaOf(name))))

      const old: unknown = after.fromBuffer(before.toBuffer(example), after.createResolver(before))
      expect(plain(old)).toEqual({ ...example, addedLater: null })

      const young: unknown = before.fromBuffer(
        after.toBuffer({ ...example, addedLater: 'x' }),
        before.createResolver(after),
      )
      expect(plain(young)).toEqual(example)
    },
  )
})

interface RecordSchema {
  readonly type: 'record'
  readonly name: string
  readonly doc?: string
  readonly fields: readonly Field[]
}

interface Field {
  readonly name: string
  readonly doc?: string
  readonly type: Schema
  readonly default?: null
  readonly values?: readonly string[]
  readonly vocabulary?: string
  readonly meanings?: Readonly<Record<string, string>>
}

type Schema =
  | string
  | RecordSchema
  | { readonly type: 'array'; readonly items: Schema }
  | { readonly type: 'long'; readonly logicalType: string }
  | readonly Schema[]

function readSchema(file: string): RecordSchema {
  return JSON.parse(readFileSync(join(root, 'schemas', file), 'utf8')) as RecordSchema
}

function schemaOf(name: string): RecordSchema {
  const schema = schemas.get(name)
  if (schema === undefined) throw new Error(`schemas/${name}.avsc is missing`)
  return schema
}

/** What avsc takes: its own typings leave out unions inside records, and attributes of our own. */
function avro(schema: RecordSchema): Parameters<typeof Type.forSchema>[0] {
  return schema as unknown as Parameters<typeof Type.forSchema>[0]
}

function recordsIn(schema: Schema): RecordSchema[] {
  if (typeof schema === 'string') return []
  if (isUnion(schema)) return schema.flatMap(recordsIn)
  if (schema.type === 'record') return [schema, ...schema.fields.flatMap((field) => recordsIn(field.type))]
  return schema.type === 'array' ? recordsIn(schema.items) : []
}

function isUnion(schema: Schema): schema is readonly Schema[] {
  return Array.isArray(schema)
}

function fieldsIn(schema: RecordSchema): Field[] {
  return recordsIn(schema).flatMap((record) => record.fields)
}

function fieldOf(schema: RecordSchema, name: string): Field | undefined {
  return schema.fields.find((field) => field.name === name)
}

/** The type of a field, whether it may be left out or not. */
function bare({ type }: Field): Schema | undefined {
  return isUnion(type) ? type[1] : type
}

function valuesByField(schema: RecordSchema): Record<string, readonly string[]> {
  return Object.fromEntries(schema.fields.flatMap(({ name, values }) => (values ? [[name, values]] : [])))
}

function wordsOf(
  words: { field: string; values: readonly string[] } | undefined,
): Record<string, readonly string[]> {
  return words === undefined ? {} : { [words.field]: words.values }
}

function grown(schema: RecordSchema): RecordSchema {
  const added: Field = { name: 'addedLater', type: ['null', 'string'], default: null }
  return { ...schema, fields: [...schema.fields, added] }
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase())
}

/** A decoded record without the classes that avsc makes for it. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
