import type { ClusterReport, Membership } from '../../model/cluster'
import type { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { RecordTable } from '../../state/record-table'

/**
 * Who belongs to a crew, as the network view tells it. What it tells at the end of an epoch holds from the next epoch
 * on, however early it arrives.
 */
export class CrewMembers {
  private members = new RecordTable(3)
  private waiting: { readonly endMs: number; readonly memberships: readonly Membership[] }[] = []
  private left = 0

  get byteLength(): number {
    return this.members.byteLength
  }

  /** Takes what was decided at the end of an epoch. */
  add({ endMs, memberships }: Pick<ClusterReport, 'endMs' | 'memberships'>): void {
    if (memberships.length > 0) this.waiting.push({ endMs, memberships })
  }

  /** Lets everything take effect that was decided up to the beginning of an epoch; gives who is new, or was cleared. */
  takeEffect(startMs: number): readonly Membership[] {
    if (this.waiting.length === 0 || this.waiting[0]!.endMs > startMs) return nobody
    const news: Membership[] = []
    while (this.waiting.length > 0 && this.waiting[0]!.endMs <= startMs) {
      for (const membership of this.waiting.shift()!.memberships) {
        const at = this.members.add(...halvesOf(membership.node)) + 2
        const wasMember = this.members.words[at] !== 0
        const isMember = membership.cluster !== null
        this.members.words[at] = membership.cluster === null ? 0 : numberOf(membership.cluster)
        if (wasMember && !isMember) this.left++
        if ((!wasMember && isMember) || membership.isCleared === true) news.push(membership)
      }
    }
    if (this.left > 1000 && this.left > this.members.size / 2) this.sweep()
    return news
  }

  has(high: number, low: number): boolean {
    return this.crewOf(high, low) !== 0
  }

  /** The number of the crew that an actor belongs to, 0 for none. */
  crewOf(high: number, low: number): number {
    if (this.members.size === 0) return 0
    const at = this.members.find(high, low)
    return at < 0 ? 0 : this.members.words[at + 2]!
  }

  save(out: SnapshotWriter): void {
    this.members.save(out, 'crews')
    out.value('crews.waiting', { waiting: this.waiting, left: this.left })
  }

  load(from: SnapshotReader): void {
    this.members.load(from, 'crews')
    const saved = from.value<{ waiting: { endMs: number; memberships: Membership[] }[]; left: number }>(
      'crews.waiting',
    )
    this.waiting = [...saved.waiting]
    this.left = saved.left
  }

  /** Forgets those who left. */
  private sweep(): void {
    const kept = new RecordTable(3, this.members.size - this.left)
    this.members.forEach((at) => {
      const crew = this.members.words[at + 2]!
      if (crew === 0) return
      const place = kept.add(...this.members.keyAt(at))
      kept.words[place + 2] = crew
    })
    this.members = kept
    this.left = 0
  }
}

/** A cluster by a number that is never 0: FNV-1a over its id. Two of a thousand clusters share one once in 8,000 times. */
export function numberOf(cluster: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < cluster.length; i++) hash = Math.imul(hash ^ cluster.charCodeAt(i), 0x01000193)
  return hash >>> 0 || 1
}

/** The pseudonym that a node's id stands for. */
export function halvesOf(node: string): [high: number, low: number] {
  return [Number.parseInt(node.slice(0, 8), 16), Number.parseInt(node.slice(8), 16)]
}

const nobody: readonly Membership[] = []
