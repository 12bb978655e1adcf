import { avroSchema, eventNames, recordNames } from '../../src/contract/record-schemas'
import type { AvroField, AvroRecord, AvroType } from '../../src/contract/record-schemas'
import { code, page, prose, table } from './markdown'

export function recordsPage(): string {
  return page(
    'Records',
    'Made from `schemas/*.avsc`. A time is event time in milliseconds since 1970; in JSON, an event may also give ISO 8601 ' +
      'with an offset. An optional field may be absent or null. Fields that are not named here are passed over.',
    ...recordNames.flatMap((name) => [
      `## ${name}`,
      `${prose(avroSchema(name).doc)} ${files(name)}`,
      fieldTable(avroSchema(name)),
      ...inner(avroSchema(name)),
    ]),
  )

  function files(name: (typeof recordNames)[number]): string {
    const schemas = `[Avro](../../schemas/${name}.avsc), [JSON Schema](../../schemas/${name}.schema.json).`
    return eventNames.includes(name) && name !== 'event' ? `An event. ${schemas}` : schemas
  }
}

function fieldTable({ fields }: AvroRecord): string {
  return table(
    ['field', 'type', 'meaning'],
    fields.map((field) => [code(field.name), typeText(field), prose(field.doc)]),
  )
}

/** Records inside, and words with their meanings. */
function inner({ name, fields }: AvroRecord): string[] {
  return fields.flatMap((field) => {
    const record = recordIn(field.type)
    const words = Object.entries(field.meanings ?? {})
    return [
      ...(words.length === 0
        ? []
        : [
            `**Words of ${code(`${name}.${field.name}`)}**`,
            table(
              ['word', 'meaning'],
              words.map(([word, meaning]) => [code(word), meaning]),
            ),
          ]),
      ...(record === undefined
        ? []
        : [`**${code(record.name)}**: ${record.doc}`, fieldTable(record), ...inner(record)]),
    ]
  })
}

function recordIn(type: AvroType): AvroRecord | undefined {
  if (typeof type === 'string') return undefined
  if (isUnion(type)) return type.map(recordIn).find((found) => found !== undefined)
  if (type.type === 'record') return type
  return type.type === 'array' ? recordIn(type.items) : undefined
}

function typeText({ type, values, meanings }: AvroField): string {
  const words = values !== undefined && meanings === undefined ? `: ${values.map(code).join(', ')}` : ''
  return isUnion(type) ? `${nameOf(type[1]!)}${words}, optional` : `${nameOf(type)}${words}`
}

function nameOf(type: AvroType): string {
  if (typeof type === 'string') return type
  if (isUnion(type)) return type.map(nameOf).join(' or ')
  if (type.type === 'record') return type.name
  return type.type === 'array' ? `list of ${nameOf(type.items)}` : 'time'
}

function isUnion(type: AvroType): type is readonly AvroType[] {
  return Array.isArray(type)
}
