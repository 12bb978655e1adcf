import { sha256Of } from '../decide/chain'
import type { ChainHead } from '../decide/chain'
import { UsageError } from '../model/errors'
import { checkChain } from './chain-check'
import { differences, nameOf } from './compare'
import type { Difference, Named } from './compare'
import type { Derive } from './derive'
import type { Lines } from './lines'

export interface AuditOptions {
  readonly verdicts: Lines
  readonly chain: Lines
  /** How the verdicts are derived again; without it only the chain is checked. */
  readonly derive?: Derive | undefined
  /** Only these are derived again; all when there are none. */
  readonly ids: readonly string[]
  /** A chain value that was kept elsewhere. */
  readonly head?: string | undefined
}

/** What an audit came to. */
export interface AuditReport {
  readonly verdicts: number
  readonly links: number
  /** The end of the chain, to be kept elsewhere. */
  readonly head: ChainHead
  /** Records of the log that were folded again, and how many of the verdicts came out to the byte. */
  readonly records: number
  readonly derived: number
  readonly equal: number
  /** In a sentence each, at most a hundred of each part. */
  readonly faults: readonly Fault[]
  /** How many there are of each part. */
  readonly faultCounts: Readonly<Record<FaultPart, number>>
}

export interface Fault {
  readonly part: FaultPart
  readonly sentence: string
}

export const faultParts = ['chain', 'verdicts', 'log', 'derived'] as const
export type FaultPart = (typeof faultParts)[number]

/**
 * Checks the chain in itself, the verdicts against the chain, and the verdicts against what the log gives when it is
 * folded again. What is told of verdicts begins with the first place that differs.
 */
export async function audit({ verdicts, chain, derive, ids, head }: AuditOptions): Promise<AuditReport> {
  const faults = new Faults()
  const found = await namesIn(verdicts)
  const checked = await checkChain(chain)
  for (const fault of checked.faults) faults.add('chain', fault)
  if (head !== undefined && !checked.holds(head)) {
    faults.add(
      'chain',
      `${head} is none of the values of the chain: it is not the chain that this was kept of`,
    )
  }
  const { links } = checked
  for (const one of differences(links, found))
    faults.add('verdicts', againstChain(one, links, found, verdicts))
  for (const fault of misnamed(links, found, chain)) faults.add('chain', fault)

  const isWanted = wanted(ids, [...found, ...links])
  const derived = derive && (await deriveAgain(derive, { found, links, isWanted, verdicts, faults }))
  return {
    verdicts: found.length,
    links: links.length,
    head: checked.head,
    ...(derived ?? { records: 0, derived: 0, equal: 0 }),
    faults: faults.told,
    faultCounts: faults.counts,
  }
}

class Faults {
  readonly told: Fault[] = []
  readonly counts: Record<FaultPart, number> = { chain: 0, verdicts: 0, log: 0, derived: 0 }

  add(part: FaultPart, sentence: string): void {
    if (++this.counts[part] <= mostTold) this.told.push({ part, sentence })
  }
}

async function namesIn(lines: Lines): Promise<Named[]> {
  const names: Named[] = []
  await lines.read((line) => names.push({ ...identityOf(line), sha256: sha256Of(line) }))
  return names
}

/** What a line calls itself; nothing where it is no verdict. */
function identityOf(line: Uint8Array): Omit<Named, 'sha256'> {
  const { verdictId, revision } = parsed(line)
  return typeof verdictId === 'string' && typeof revision === 'number' ? { verdictId, revision } : {}
}

function parsed(line: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(Buffer.from(line).toString('utf8'))) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}

function againstChain(
  one: Difference,
  links: readonly Named[],
  found: readonly Named[],
  { placeOf }: Lines,
): string {
  switch (one.kind) {
    case 'altered': {
      const link = links[one.expected]!
      // A link that cannot be read says nothing of its verdict, neither good nor bad.
      return link.verdictId === undefined
        ? `${placeOf(one.found)} cannot be held against its link, number ${one.expected + 1} of the chain, which cannot be read`
        : `${placeOf(one.found)} is not ${spoken(link)} as it was put out: it was altered`
    }
    case 'reordered':
      return `${placeOf(one.found)} is ${spoken(found[one.found]!)}, which the chain has as number ${one.expected + 1}: the order was changed`
    case 'removed':
      return `${spoken(links[one.expected]!)}, number ${one.expected + 1} of the chain, is missing: it was removed`
    case 'added':
      return `${placeOf(one.found)} (${spoken(found[one.found]!)}) is not in the chain: it was added`
  }
}

/** Links that have the hash of a verdict and another name than it. */
function* misnamed(links: readonly Named[], found: readonly Named[], { placeOf }: Lines): Generator<string> {
  const names = new Map(found.map((one) => [one.sha256, one]))
  for (const [index, link] of links.entries()) {
    const verdict = names.get(link.sha256)
    if (verdict !== undefined && nameOf(verdict) !== nameOf(link)) {
      yield `${placeOf(index)} names ${spoken(link)}, and the verdict of this hash is ${spoken(verdict)}`
    }
  }
}

function spoken({ verdictId, revision }: Named): string {
  return verdictId === undefined ? 'no verdict' : `${verdictId} revision ${revision}`
}

function wanted(ids: readonly string[], known: readonly Named[]): (one: Named) => boolean {
  if (ids.length === 0) return () => true
  const there = new Set(known.map(({ verdictId }) => verdictId))
  const unknown = ids.find((id) => !there.has(id))
  if (unknown !== undefined) {
    throw new UsageError(`${unknown} is none of the verdicts; give the verdictId as a line of them has it`)
  }
  const asked = new Set<string | undefined>(ids)
  return ({ verdictId }) => asked.has(verdictId)
}

async function deriveAgain(
  derive: Derive,
  given: {
    readonly found: readonly Named[]
    readonly links: readonly Named[]
    readonly isWanted: (one: Named) => boolean
    readonly verdicts: Lines
    readonly faults: Faults
  },
): Promise<Pick<AuditReport, 'records' | 'derived' | 'equal'>> {
  const { isWanted, verdicts, faults } = given
  const places = given.found.flatMap((one, index) => (isWanted(one) ? [index] : []))
  const found = places.map((index) => given.found[index]!)
  const open = new Set([...found, ...given.links.filter(isWanted)].map(nameOf))
  const isSome = found.length < given.found.length
  const hashes = new Set(found.map(({ sha256 }) => sha256))
  const derived: Named[] = []
  /** The bytes of those that are not there as they were derived, to tell how they differ. */
  const kept = new Map<number, Uint8Array>()
  const { records, damages } = await derive(
    (line) => {
      const one = { ...identityOf(line), sha256: sha256Of(line) }
      if (!isWanted(one)) return
      if (!hashes.has(one.sha256) && kept.size < mostTold) kept.set(derived.length, line.slice())
      derived.push(one)
      open.delete(nameOf(one))
    },
    () => isSome && open.size === 0,
  )
  for (const damage of damages) faults.add('log', damage)
  const differ = differences(derived, found)
  const lines = await linesAt(
    verdicts,
    differ.flatMap((one) => (one.kind === 'altered' ? [places[one.found]!] : [])).slice(0, mostTold),
  )
  const underived = differ.filter(({ kind }) => kind === 'added').length
  for (const one of differ) {
    // What rests on the records behind a damage cannot be derived, and that is told once.
    if (damages.length > 0 && one.kind === 'added') continue
    faults.add('derived', againstLog(one, { derived, found, kept, lines, places, verdicts }))
  }
  if (damages.length > 0 && underived > 0) {
    faults.add(
      'derived',
      `${underived} verdicts could not be derived again, since the log does not hold all that they rest on`,
    )
  }
  const unequal = new Set(differ.flatMap((one) => ('found' in one ? [one.found] : [])))
  return { records, derived: derived.length, equal: found.length - unequal.size }
}

async function linesAt(lines: Lines, indexes: readonly number[]): Promise<ReadonlyMap<number, Uint8Array>> {
  const at = new Map<number, Uint8Array>()
  if (indexes.length === 0) return at
  const asked = new Set(indexes)
  let index = 0
  await lines.read((line) => {
    if (asked.has(index)) at.set(index, line.slice())
    index++
  })
  return at
}

function againstLog(
  one: Difference,
  given: {
    readonly derived: readonly Named[]
    readonly found: readonly Named[]
    readonly kept: ReadonlyMap<number, Uint8Array>
    readonly lines: ReadonlyMap<number, Uint8Array>
    readonly places: readonly number[]
    readonly verdicts: Lines
  },
): string {
  const { derived, found, places, verdicts } = given
  const placeOf = (index: number): string => verdicts.placeOf(places[index]!)
  switch (one.kind) {
    case 'altered': {
      const is = given.lines.get(places[one.found]!)
      const was = given.kept.get(one.expected)
      const how = is === undefined || was === undefined ? '' : `: ${firstDifference(is, was)}`
      return `${placeOf(one.found)} is not what the log gives for ${spoken(derived[one.expected]!)}${how}`
    }
    case 'reordered':
      return `${placeOf(one.found)} is ${spoken(found[one.found]!)}, which the log gives as number ${one.expected + 1}`
    case 'removed':
      return `the log gives ${spoken(derived[one.expected]!)} as number ${one.expected + 1}, and no line is that`
    case 'added':
      return `the log does not give ${placeOf(one.found)} (${spoken(found[one.found]!)})`
  }
}

/** The first field of a verdict that is another, or the first byte where all fields are the same. */
export function firstDifference(is: Uint8Array, was: Uint8Array): string {
  const [isFields, wasFields] = [parsed(is), parsed(was)]
  const field = [...new Set([...Object.keys(wasFields), ...Object.keys(isFields)])].find(
    (name) => JSON.stringify(isFields[name]) !== JSON.stringify(wasFields[name]),
  )
  if (field !== undefined && Object.keys(isFields).length > 0) {
    return `its ${field} is ${shown(isFields[field])}, and should be ${shown(wasFields[field])}`
  }
  const at = is.findIndex((byte, index) => byte !== was[index])
  return `it differs from byte ${at < 0 ? Math.min(is.length, was.length) : at} on`
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) return 'not there'
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
}

const mostTold = 100
const mostShown = 60
