/** A version of a record's schema, as a producer holds it. */
export interface WriterSchema {
  readonly fields: readonly { readonly name: string; readonly default?: unknown }[]
}

/**
 * An event, as a line of JSON, as the record that a producer with some version of the schema writes: every field of that
 * version is there, by its default where the line lacks it, and what the version does not know is left out.
 */
export function asAvro({ fields }: WriterSchema, line: string): Record<string, unknown> {
  const event = JSON.parse(line) as Record<string, unknown>
  for (const name of times) if (typeof event[name] === 'string') event[name] = Date.parse(event[name])
  return Object.fromEntries(fields.map(({ name, default: value = null }) => [name, event[name] ?? value]))
}

const times = ['occurredAt', 'actorCreatedAt']
