import { Type } from 'avsc'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asAvro } from '../../src/contract/as-avro'
import type { WriterSchema } from '../../src/contract/as-avro'
import { RegistryClient } from '../../src/log/registry/registry-client'

/** Lines as the Avro records of a producer that writes with some version of the event's schema. */

export const eventSchema = JSON.parse(
  readFileSync(join(__dirname, '../../schemas/event.avsc'), 'utf8'),
) as WriterSchema

/** Gives the body of a record; the id of the schema goes before it or into a header. */
export function avroOf(schema: WriterSchema): (line: string) => Buffer {
  const type = Type.forSchema(schema as never, { wrapUnions: false })
  return (line) => type.toBuffer(asAvro(schema, line))
}

/** The five bytes that say which schema a record is written with. */
export function frameOf(id: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes.writeInt32BE(id, 1)
  return bytes
}

/** The ids of schemas, each registered under a subject of its own; a registry that is new gives the same ones again. */
export async function registered(url: string, schemas: readonly WriterSchema[]): Promise<number[]> {
  const nobody = { username: undefined, password: undefined, token: undefined }
  const asked = new RegistryClient({ url, timeoutMs: 10_000, ...nobody })
  const ids: number[] = []
  for (const [index, schema] of schemas.entries()) {
    ids.push((await asked.register(`version-${index}-value`, JSON.stringify(schema)))!)
  }
  return ids
}
