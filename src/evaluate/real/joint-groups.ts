import { KeyedHash } from '../../model/hash'
import { JointActions } from '../../views/crew/joint-actions'
import type { Hash64, JointActionsOptions, JointPair } from '../../views/crew/joint-actions'
import { groupsOf } from '../../views/network/groups'
import { ObjectSample } from '../../views/trace/object-sample'

/** Somebody does something to an object, which stands for its owner. */
export interface RealAct {
  readonly actor: string
  readonly object: string
  readonly timeMs: number
}

/** The groups that acts in order of time come to, as the ids of their actors, when nothing or all is thinned. */
export function groupsIn(
  acts: readonly RealAct[],
  { horizonMs, isThinned }: { readonly horizonMs: number; readonly isThinned: boolean },
): string[][] {
  const names = new Names()
  const sample = new ObjectSample()
  const joint = new JointActions({ horizonMs, ...(isThinned ? {} : unthinned) })
  const pairs: JointPair[] = []
  let endMs = Number.NEGATIVE_INFINITY
  for (const { actor, object, timeMs } of acts) {
    if (timeMs >= endMs) {
      if (endMs !== Number.NEGATIVE_INFINITY) pairs.push(...joint.closeEpoch(endMs))
      endMs = (Math.floor(timeMs / epochMs) + 1) * epochMs
      sample.advance(timeMs)
    }
    const who = names.hashOf(actor)
    const what = names.hashOf(object)
    if (isThinned && !sample.keeps(family, what.high, what.low, who.high, who.low, timeMs)) continue
    joint.add(family, who.high, who.low, what.high, what.low, what.low, sample.others, timeMs)
  }
  pairs.push(...joint.closeEpoch(endMs))
  return groupsOf(pairs.map(({ a, b }) => ({ a: names.nameOf(a), b: names.nameOf(b) })))
}

/** Nothing is left out, so nothing stands for more than itself. */
export const unthinned: Partial<JointActionsOptions> = {
  keptPerObject: Array<number>(9).fill(Number.POSITIVE_INFINITY),
}

/** The hashes of ids and back. */
export class Names {
  private readonly hash = new KeyedHash(new Uint8Array(8))
  private readonly hashes = new Map<string, Hash64>()
  private readonly names = new Map<string, string>()

  hashOf(name: string): Hash64 {
    const known = this.hashes.get(name)
    if (known !== undefined) return known
    const bytes = encoder.encode(name)
    this.hash.update(bytes, 0, bytes.length)
    const hashed = { high: this.hash.high, low: this.hash.low }
    this.hashes.set(name, hashed)
    this.names.set(`${hashed.high} ${hashed.low}`, name)
    return hashed
  }

  nameOf({ high, low }: Hash64): string {
    return this.names.get(`${high} ${low}`)!
  }
}

const encoder = new TextEncoder()
/** All acts are of one family; the forwards', whichever it is, since all are judged alike. */
const family = 2
const epochMs = 10_000
