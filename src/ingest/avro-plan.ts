import type { AvroNode, RecordNode } from './avro-schema'

/**
 * How the fields of one writer's record are read, in the order in which they are written: made once for a schema, and
 * run down for each record. The decoder meets no object where a field is as most are.
 */
export interface RecordPlan {
  /** What each field of the record is; one of the numbers below. */
  readonly actions: Uint8Array
  /** Which field of the contract it is, -1 for one of the writer's own. */
  readonly fields: Int8Array
  /** The byte that says that an optional field is empty; -1 for a field that always has a value. */
  readonly emptyBytes: Int8Array
  /** How many optional fields stand in a row from here on, each of which is empty with a 0. */
  readonly emptyRuns: Uint16Array
  /** How a field is read that is none of these, or does not look like one. */
  readonly nodes: readonly AvroNode[]
}

/** Read by its node: lists, enums, unions of more than two, and whatever else is seldom. */
export const walk = 0
/** A text of the contract. */
export const takeText = 1
/** A number of the contract that is taken as it is. */
export const takeNumber = 2
/** A text or bytes that nobody asks for. */
export const passText = 3

/** Plans how the fields of a record are read. */
export function planOf({ fields }: RecordNode): RecordPlan {
  const taken = new Set<number>()
  const steps = fields.map(({ field, node }) => {
    // A second field of one name replaces the first even where it is empty, which the plan would pass over.
    const isAgain = field >= 0 && taken.has(field)
    taken.add(field)
    const { emptyByte, value } = isAgain ? { emptyByte: -1, value: node } : optional(node)
    return { field, node, emptyByte, action: isAgain ? walk : actionFor(value, field) }
  })
  const emptyRuns = new Uint16Array(steps.length)
  for (let step = steps.length - 1, run = 0; step >= 0; step--) {
    run = steps[step]!.emptyByte === 0 ? run + 1 : 0
    emptyRuns[step] = run
  }
  return {
    actions: Uint8Array.from(steps, ({ action }) => action),
    fields: Int8Array.from(steps, ({ field }) => field),
    emptyBytes: Int8Array.from(steps, ({ emptyByte }) => emptyByte),
    emptyRuns,
    nodes: steps.map(({ node }) => node),
  }
}

/** The value of a union of null and one other, and the byte of its null; any other node is its own value. */
function optional(node: AvroNode): { readonly emptyByte: number; readonly value: AvroNode } {
  if (node.type === 'union' && node.branches.length === 2) {
    const empty = node.branches.findIndex(({ type }) => type === 'null')
    // Branch numbers are in zigzag form: 0 is 0, and 1 is 2.
    if (empty >= 0) return { emptyByte: empty * 2, value: node.branches[1 - empty]! }
  }
  return { emptyByte: -1, value: node }
}

function actionFor(value: AvroNode, field: number): number {
  if (field < 0) return value.type === 'string' || value.type === 'bytes' ? passText : walk
  if (value.type === 'string') return takeText
  const isNumber = value.type === 'int' || value.type === 'long'
  return isNumber && value.unitsPerMs === 1 ? takeNumber : walk
}
