// Writes src/model/records.ts from schemas/*.avsc, so that the types never say anything but what the schemas say.
// `npm run generate` writes it; with --check nothing is written, and a difference is a failure.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const schemaFolder = join(root, 'schemas')
const target = join(root, 'src/model/records.ts')

const wanted = await recordsFrom(readSchemas())
if (!process.argv.includes('--check')) {
  writeFileSync(target, wanted)
} else if (read(target) !== wanted) {
  process.stderr.write('src/model/records.ts is not what schemas/ says; run npm run generate\n')
  process.exitCode = 1
}

/**
 * @typedef {{ type: 'record', name: string, doc: string, fields: Field[] }} RecordSchema
 * @typedef {string | RecordSchema | { type: 'array', items: Schema } | { type: string } | Schema[]} Schema
 * @typedef {{ name: string, doc: string, type: Schema, values?: string[], vocabulary?: string,
 *   meanings?: Record<string, string> }} Field
 */

/** @returns {RecordSchema[]} */
function readSchemas() {
  const files = readdirSync(schemaFolder).filter((file) => file.endsWith('.avsc'))
  return files.sort().map((file) => JSON.parse(readFileSync(join(schemaFolder, file), 'utf8')))
}

/** The whole file; a record that lies inside another follows it, and a vocabulary follows the record that uses it. */
async function recordsFrom(/** @type {RecordSchema[]} */ schemas) {
  const parts = schemas.flatMap(declarations)
  const head =
    '/** The records of the contract. Made from schemas/ by `npm run generate`; change them there. */'
  const options = await resolveConfig(target)
  return format([head, ...parts].join('\n\n'), { ...options, parser: 'typescript' })
}

/** @returns {string[]} */
function declarations(/** @type {RecordSchema} */ record) {
  const fields = record.fields.map((field) => [...comment(field.doc), property(field)].join('\n'))
  return [
    [...comment(record.doc), `export interface ${record.name} {`, ...fields, '}'].join('\n'),
    ...record.fields.flatMap(vocabulary),
    ...record.fields.flatMap((field) => recordsInside(field.type).flatMap(declarations)),
  ]
}

function property(/** @type {Field} */ field) {
  const isOptional = Array.isArray(field.type)
  const type = typeOf(field.type, field)
  return isOptional ? `readonly ${field.name}?: ${type} | null` : `readonly ${field.name}: ${type}`
}

/** @returns {string} */
function typeOf(/** @type {Schema} */ schema, /** @type {Field} */ field) {
  if (Array.isArray(schema)) return typeOf(optionalOf(schema, field), field)
  const name = typeof schema === 'string' ? schema : schema.type
  switch (name) {
    case 'string':
      return field.vocabulary ?? field.values?.map(quoted).join(' | ') ?? 'string'
    case 'boolean':
      return 'boolean'
    case 'int':
    case 'long':
    case 'double':
      return 'number'
    case 'array':
      return `readonly ${typeOf(schema.items, field)}[]`
    case 'record':
      return schema.name
    default:
      throw new Error(
        `${field.name} has the type ${JSON.stringify(schema)}; records are made of string, boolean, int, long, double, array and record`,
      )
  }
}

function optionalOf(/** @type {Schema[]} */ union, /** @type {Field} */ field) {
  if (union.length === 2 && union[0] === 'null') return union[1]
  throw new Error(
    `${field.name} is ${JSON.stringify(union)}; an optional field is ["null", type], nothing else`,
  )
}

/** A named list of values, as a constant to loop over and a type of its own. */
function vocabulary(/** @type {Field} */ { vocabulary: name, values = [], meanings = {}, doc }) {
  if (name === undefined) return []
  const list = pluralOf(name[0].toLowerCase() + name.slice(1))
  const lines = values.flatMap((value) => [`// ${meanings[value]}`, `${quoted(value)},`])
  return [
    [...comment(doc), `export const ${list} = [`, ...lines, '] as const'].join('\n') +
      `\nexport type ${name} = (typeof ${list})[number]`,
  ]
}

function pluralOf(/** @type {string} */ noun) {
  return noun.endsWith('s') ? `${noun}es` : `${noun}s`
}

/** @returns {RecordSchema[]} */
function recordsInside(/** @type {Schema} */ schema) {
  if (Array.isArray(schema)) return schema.flatMap(recordsInside)
  if (typeof schema === 'string') return []
  if (schema.type === 'record') return [schema]
  return schema.type === 'array' ? recordsInside(schema.items) : []
}

/** One line where it fits, else as many as it takes. */
function comment(/** @type {string} */ text) {
  if (text.length <= 100) return [`/** ${text} */`]
  const lines = ['']
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`
    if (longer.length <= 104) lines[lines.length - 1] = longer
    else lines.push(` ${word}`)
  }
  return ['/**', ...lines.map((line) => ` *${line}`), ' */']
}

function quoted(/** @type {string} */ value) {
  return `'${value}'`
}

function read(/** @type {string} */ file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
