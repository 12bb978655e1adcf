import { avroSchema, eventNames } from './record-schemas'
import type { AvroField, AvroRecord, AvroType, RecordName } from './record-schemas'

/** A JSON Schema, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * What a record looks like as JSON, made of its Avro schema. Fields that it does not name are allowed, since a newer
 * writer may add some; records inside records stand where they are used, so that the schema can be read alone.
 */
export function jsonSchemaOf(name: RecordName): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:assay:${name}`,
    ...recordSchema(avroSchema(name), { isEvent: eventNames.includes(name) }),
  }
}

interface Place {
  /** An event in JSON may give its times as text, and must not leave what is required empty. */
  readonly isEvent: boolean
}

function recordSchema({ name, doc, fields }: AvroRecord, place: Place): JsonSchema {
  return {
    title: name,
    description: doc,
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field, place)])),
    required: fields.filter(({ type }) => !isOptional(type)).map((field) => field.name),
  }
}

function fieldSchema({ doc, type, values }: AvroField, place: Place): JsonSchema {
  if (!isOptional(type)) return { description: doc, ...typeSchema(type, values, place) }
  const [, inner] = type
  const schema = typeSchema(inner!, values, { isEvent: false })
  const isTime = typeof inner === 'object' && 'logicalType' in inner && place.isEvent
  return { description: doc, anyOf: [...(isTime ? eventTimes : [schema]), { type: 'null' }] }
}

function typeSchema(type: AvroType, values: readonly string[] | undefined, place: Place): JsonSchema {
  if (values !== undefined) return { type: 'string', enum: values }
  switch (type) {
    case 'string':
      return place.isEvent ? { type: 'string', minLength: 1 } : { type: 'string' }
    case 'boolean':
      return { type: 'boolean' }
    case 'int':
    case 'long':
      return { type: 'integer' }
    case 'double':
      return { type: 'number' }
    case 'null':
      return { type: 'null' }
  }
  if (isOptional(type)) return { anyOf: type.map((one) => typeSchema(one, undefined, place)) }
  switch (type.type) {
    case 'record':
      return recordSchema(type, place)
    case 'array':
      return { type: 'array', items: typeSchema(type.items, undefined, place) }
    case 'long':
      return place.isEvent ? { anyOf: eventTimes } : { type: 'integer' }
  }
}

const eventTimes: readonly JsonSchema[] = [{ type: 'integer' }, { type: 'string', format: 'date-time' }]

function isOptional(type: AvroType): type is readonly AvroType[] {
  return Array.isArray(type)
}
