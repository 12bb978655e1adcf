import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'

/** Which accounts each crew moved, and by how many of its members. Only what crews do passes here. */
export class CrewReach {
  /** By crew, and of each by account: a bitmap of members by their hash. */
  private readonly reach = new Map<number, Map<number, number>>()
  private readonly crewsOf = new Map<number, Set<number>>()
  private size = 0
  evicted = 0

  /** Notes that a member of a crew did something on an account. */
  add(crew: number, account: number, actor: number): void {
    let accounts = this.reach.get(crew)
    if (accounts === undefined) {
      accounts = new Map()
      this.reach.set(crew, accounts)
    }
    const before = accounts.get(account)
    accounts.set(account, (before ?? 0) | (1 << (actor & 31)))
    if (before !== undefined) return
    const crews = this.crewsOf.get(account) ?? new Set()
    this.crewsOf.set(account, crews.add(crew))
    if (++this.size > mostPairs) this.forgetOldest()
  }

  /** The crews of which five members or more moved an account, and the other accounts that they moved so. */
  of(account: number): number[][] {
    const found: number[][] = []
    for (const crew of this.crewsOf.get(account) ?? []) {
      const accounts = this.reach.get(crew)!
      if (bitCount(accounts.get(account)!) < leastMembers) continue
      const others = [...accounts].filter(
        ([other, bits]) => other !== account && bitCount(bits) >= leastMembers,
      )
      if (others.length > 0) found.push(others.map(([other]) => other))
    }
    return found
  }

  save(out: SnapshotWriter): void {
    const reach = [...this.reach].map(([crew, accounts]): [number, [number, number][]] => [
      crew,
      [...accounts],
    ])
    out.value('crews.reach', { reach, evicted: this.evicted })
  }

  load(from: SnapshotReader): void {
    const saved = from.value<{ reach: [number, [number, number][]][]; evicted: number }>('crews.reach')
    this.evicted = saved.evicted
    for (const [crew, accounts] of saved.reach) {
      this.reach.set(crew, new Map(accounts))
      this.size += accounts.length
      for (const [account] of accounts) {
        this.crewsOf.set(account, (this.crewsOf.get(account) ?? new Set()).add(crew))
      }
    }
  }

  private forgetOldest(): void {
    const [crew, accounts] = this.reach.entries().next().value!
    for (const account of accounts.keys()) this.crewsOf.get(account)!.delete(crew)
    this.reach.delete(crew)
    this.size -= accounts.size
    this.evicted++
  }
}

function bitCount(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}

const leastMembers = 5
const mostPairs = 200_000
