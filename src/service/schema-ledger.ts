import { schemasNamedIn } from '../ingest/frame'
import type { SchemaRef, TopicRecord } from '../ingest/frame'
import type { SchemaOutcome, SchemaResolver } from '../ingest/registry'

/** Where notes are kept that all instances read in one order. */
export interface Notes {
  /** Appends a note, and gives all that were not given yet, up to and with this one. */
  append(note: Note, take: (note: Note) => void): Promise<void>
}

/** What one instance found out; one without either only asks what there is. */
export interface Note {
  /** What a schema is, for ever. */
  readonly known?: { readonly schema: SchemaRef; readonly outcome: KnownOutcome }
  /** Records of a source below a position that name these schemas are put aside, unless the schema was known before. */
  readonly refused?: {
    readonly source: string
    readonly below: number
    readonly schemas: readonly SchemaRef[] | typeof every
  }
}

/** Too many to name: every schema that was not known before. */
const every = 'every'

/** What never changes under the number of a schema. */
type KnownOutcome = Exclude<SchemaOutcome, { readonly kind: 'unknown-schema' | 'schema-unavailable' }>

/**
 * What the registry said, written down before it counts. A registry may lose a schema, or find it again, and an ingest
 * that reads a record again has to come to what it came to before: else a place of the source is passed by as a dead letter
 * and comes again as an event, or the other way round, and the books are not those of the log. So each instance notes what it
 * found, reads what was noted before, and goes by the first word on it:
 *
 * ```
 *  notes      7 unknown: e[0] below 20      7 is a schema      7 unknown: e[0] below 40
 *  7 in e[0]  0 … 19 are put aside          20 … are read      came too late, and says nothing
 * ```
 *
 * What is known once stays readable when the registry has lost it.
 */
export class SchemaLedger {
  private readonly known = new Map<SchemaRef, Known>()
  /** Of schemas that nobody knows: below which position of a source records are put aside. */
  private readonly refused = new Map<SchemaRef, Map<string, number>>()
  /** The same of every schema that was not known before. */
  private readonly everyRefused = new Map<string, number>()
  private hasRead: Promise<void> | undefined

  constructor(
    private readonly resolver: SchemaResolver,
    private readonly notes: Notes,
  ) {}

  /** Whether a record names a schema that has to be settled first. */
  mustSettle(records: Iterable<TopicRecord>): boolean {
    for (const schema of schemasNamedIn(records)) if (!this.known.has(schema)) return true
    return false
  }

  /**
   * Finds out about the schemas of these records of a source, the last of which is right before this position. False when
   * the resolver was closed before: nothing is known of them then.
   */
  async settle(source: string, records: readonly TopicRecord[], below: number): Promise<boolean> {
    this.hasRead ??= this.note({})
    await this.hasRead
    const { resolver } = this
    const missing = resolver.missing(records).filter((schema) => !this.known.has(schema))
    if (!(await resolver.resolve(missing))) return false
    const schemas: SchemaRef[] = []
    for (const schema of schemasNamedIn(records)) {
      if (this.known.has(schema)) continue
      const outcome = resolver.of(schema)
      if (isKnown(outcome)) await this.note({ known: { schema, outcome } })
      else schemas.push(schema)
    }
    // A batch of nothing but made up names must not become a note that no topic takes.
    const named = schemas.length > mostNamed ? every : schemas
    if (schemas.length > 0) await this.note({ refused: { source, below, schemas: named } })
    return true
  }

  /** What a schema is to a record at a place of a source. */
  of(schema: SchemaRef, source: string, position: number): SchemaOutcome {
    const known = this.known.get(schema)
    if (known !== undefined) return position < (known.from.get(source) ?? 0) ? unknown : known.outcome
    const outcome = this.resolver.of(schema)
    return isKnown(outcome) ? unknown : outcome
  }

  /** Since when the registry has not answered, for as long as it does not. */
  get outageSinceMs(): number | undefined {
    return this.resolver.outageSinceMs
  }

  private note(note: Note): Promise<void> {
    return this.notes.append(note, (given) => {
      this.take(given)
    })
  }

  private take({ known, refused }: Note): void {
    if (known !== undefined && !this.known.has(known.schema)) {
      keep(this.known, known.schema, {
        outcome: known.outcome,
        from: furthest(this.everyRefused, this.refused.get(known.schema)),
      })
      this.refused.delete(known.schema)
    }
    if (refused === undefined) return
    const { source, below, schemas } = refused
    if (schemas === every) {
      this.everyRefused.set(source, Math.max(below, this.everyRefused.get(source) ?? 0))
      return
    }
    const upTo = new Map([[source, below]])
    for (const schema of schemas) {
      if (!this.known.has(schema)) keep(this.refused, schema, furthest(upTo, this.refused.get(schema)))
    }
  }
}

interface Known {
  readonly outcome: KnownOutcome
  /** From where on in each source it counts; from the beginning where it says nothing. */
  readonly from: ReadonlyMap<string, number>
}

function isKnown(outcome: SchemaOutcome): outcome is KnownOutcome {
  return outcome.kind !== 'unknown-schema' && outcome.kind !== 'schema-unavailable'
}

/** By source the larger of two positions. */
function furthest(
  one: ReadonlyMap<string, number>,
  other: ReadonlyMap<string, number> = new Map<string, number>(),
): Map<string, number> {
  const both = new Map(one)
  for (const [source, below] of other) both.set(source, Math.max(below, both.get(source) ?? 0))
  return both
}

/** Puts it in as the newest, and lets the oldest go where there are too many: of everybody the same. */
function keep<T>(map: Map<SchemaRef, T>, schema: SchemaRef, value: T): void {
  map.delete(schema)
  map.set(schema, value)
  if (map.size > mostKept) map.delete(map.keys().next().value!)
}

const unknown: SchemaOutcome = { kind: 'unknown-schema' }
const mostKept = 10_000
/** Most schemas that a note names: it stays within some ten thousand bytes. */
const mostNamed = 1_000
