import { AssignerProtocol, type PartitionAssigner } from 'kafkajs'
import type { TopicPartition } from './topic-partition'

/** What is handed out: a partition, and how much work it is. */
export interface Unit extends TopicPartition {
  readonly weight: number
}

export interface Member {
  readonly id: string
  readonly topics: readonly string[]
  /** What it worked on until now, as far as it says; others may say the same. */
  readonly owned: readonly TopicPartition[]
}

/** Loads that differ by no more than this share of the mean are left as they are: moving costs a restore. */
export const tolerance = 0.1

/**
 * Hands every unit to one member that reads its topic. Raw partitions are spread so that members differ by one at most;
 * tasks so that the loads, raw partitions included, differ by no more than `tolerance` of the mean or the heaviest
 * unit. As much as this allows stays where it is. The same members and units always give the same answer.
 */
export function assignUnits(
  members: readonly Member[],
  { raw, tasks }: { readonly raw: readonly Unit[]; readonly tasks: readonly Unit[] },
): ReadonlyMap<string, readonly Unit[]> {
  const shares = [...members].sort((a, b) => compare(a.id, b.id)).map((member) => new Share(member))
  const ownerOf = claims(shares)
  const total = [...raw, ...tasks].reduce((sum, { weight }) => sum + weight, 0)
  const most = (total / Math.max(1, shares.length)) * (1 + tolerance)

  const rawLeft = stay(sorted(raw), ownerOf, quota(raw.length, shares))
  for (const unit of rawLeft) least(shares, unit, ownerOf, ({ units }) => units.length)?.add(unit)

  const tasksLeft = stay(sorted(tasks), ownerOf, (share, { weight }) => share.load + weight <= most)
  for (const unit of tasksLeft) least(shares, unit, ownerOf, ({ load }) => load)?.add(unit)
  evenOut(shares, new Set(tasks.map(keyOf)), (most * tolerance) / (1 + tolerance))

  return new Map(shares.map(({ member, units }) => [member.id, units]))
}

/** What one member gets. */
class Share {
  units: Unit[] = []
  load = 0

  constructor(readonly member: Member) {}

  reads({ topic }: Unit): boolean {
    return this.member.topics.includes(topic)
  }

  add(unit: Unit): void {
    this.units.push(unit)
    this.load += unit.weight
  }

  remove(unit: Unit): void {
    this.units.splice(this.units.indexOf(unit), 1)
    this.load -= unit.weight
  }
}

/** Who owned a partition; of several who say so the first. */
function claims(shares: readonly Share[]): ReadonlyMap<string, Share> {
  const ownerOf = new Map<string, Share>()
  for (const share of shares) {
    for (const owned of share.member.owned) {
      if (!ownerOf.has(keyOf(owned))) ownerOf.set(keyOf(owned), share)
    }
  }
  return ownerOf
}

/** Leaves units with their owners where `mayKeep` says so; gives back the others. */
function stay(
  units: readonly Unit[],
  ownerOf: ReadonlyMap<string, Share>,
  mayKeep: (share: Share, unit: Unit) => boolean,
): readonly Unit[] {
  return units.filter((unit) => {
    const owner = ownerOf.get(keyOf(unit))
    if (owner === undefined || !owner.reads(unit) || !mayKeep(owner, unit)) return true
    owner.add(unit)
    return false
  })
}

/** Everybody may keep the even share, and as many as there are left over one more. */
function quota(units: number, shares: readonly Share[]): (share: Share) => boolean {
  const even = Math.floor(units / Math.max(1, shares.length))
  let leftOver = units - even * shares.length
  return (share) => {
    if (share.units.length < even) return true
    if (share.units.length > even || leftOver === 0) return false
    leftOver--
    return true
  }
}

/** Who has least of those that read the unit; its owner when that is one of several. */
function least(
  shares: readonly Share[],
  unit: Unit,
  ownerOf: ReadonlyMap<string, Share>,
  measure: (share: Share) => number,
): Share | undefined {
  const owner = ownerOf.get(keyOf(unit))
  let best = owner?.reads(unit) === true ? owner : undefined
  for (const share of shares) {
    if (!share.reads(unit)) continue
    if (best === undefined || measure(share) < measure(best)) best = share
  }
  return best
}

/** Sums of fractions are a little off, and a task must not go to and fro because of it. */
const surely = 1 - 1e-9

/** Moves tasks from the most to the least loaded as long as they are too far apart and a task brings them closer. */
function evenOut(shares: readonly Share[], tasks: ReadonlySet<string>, allowed: number): void {
  for (;;) {
    const from = shares.reduce<Share | undefined>(
      (a, b) => (a === undefined || b.load > a.load ? b : a),
      undefined,
    )
    const to = shares.reduce<Share | undefined>(
      (a, b) => (a === undefined || b.load < a.load ? b : a),
      undefined,
    )
    if (from === undefined || to === undefined) return
    const apart = from.load - to.load
    if (apart <= allowed) return
    const movable = from.units.filter(
      (unit) => tasks.has(keyOf(unit)) && unit.weight > 0 && unit.weight < apart * surely && to.reads(unit),
    )
    // The nearest to half of what they are apart brings them closest.
    const [task] = movable.sort((a, b) => Math.abs(a.weight - apart / 2) - Math.abs(b.weight - apart / 2))
    if (task === undefined) return
    from.remove(task)
    to.add(task)
  }
}

/** Heaviest first; otherwise by name, so that the order of the list does not matter. */
function sorted(units: readonly Unit[]): readonly Unit[] {
  return [...units].sort(
    (a, b) => b.weight - a.weight || compare(a.topic, b.topic) || a.partition - b.partition,
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`
}

/** Version of what a member says of itself; one that is newer is taken to say nothing. */
const userDataVersion = 1

export function writeOwned(owned: readonly TopicPartition[]): Buffer {
  return Buffer.from(
    JSON.stringify({ v: userDataVersion, owned: owned.map(({ topic, partition }) => [topic, partition]) }),
  )
}

/** What a member says it owns; nothing when it cannot be understood, since that costs moves and no more. */
export function readOwned(userData: Uint8Array | null | undefined): readonly TopicPartition[] {
  try {
    const { v, owned } = Object(JSON.parse(Buffer.from(userData ?? []).toString('utf8'))) as {
      readonly v?: unknown
      readonly owned?: unknown
    }
    if (v !== userDataVersion || !Array.isArray(owned)) return []
    return owned.flatMap((entry: unknown) => {
      if (!Array.isArray(entry)) return []
      const [topic, partition] = entry as readonly unknown[]
      return typeof topic === 'string' && Number.isSafeInteger(partition)
        ? [{ topic, partition: partition as number }]
        : []
    })
  } catch {
    return []
  }
}

/** A member as the group shows it to its leader; undefined when it speaks nothing that we understand. */
export function readMember(memberId: string, metadata: Buffer): Member | undefined {
  try {
    const decoded = AssignerProtocol.MemberMetadata.decode(metadata)
    if (decoded === null || !decoded.topics.every((topic) => typeof topic === 'string')) return undefined
    return { id: memberId, topics: decoded.topics, owned: readOwned(decoded.userData) }
  } catch {
    return undefined
  }
}

/**
 * `assignUnits` for a group of kafkajs: partitions of the control topic are tasks, each of which costs a share
 * of what all others together cost, which weigh 1 each.
 */
export function weightedAssigner({
  controlTopic,
  taskShares,
  owned,
}: {
  readonly controlTopic: string
  readonly taskShares: readonly number[]
  /** What this member owns now. */
  readonly owned: () => readonly TopicPartition[]
}): PartitionAssigner {
  const name = 'assay-weighted'
  const version = 1
  return ({ cluster }) => ({
    name,
    version,
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData: writeOwned(owned()) }),
    }),
    assign: ({ members, topics }) => {
      const rawPartitions = topics
        .filter((topic) => topic !== controlTopic)
        .reduce((sum, topic) => sum + cluster.findTopicPartitionMetadata(topic).length, 0)
      const units = topics.flatMap((topic) =>
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({
          topic,
          partition: partitionId,
          weight: topic === controlTopic ? (taskShares[partitionId] ?? 0) * rawPartitions : 1,
        })),
      )
      const shares = assignUnits(
        members.flatMap(({ memberId, memberMetadata }) => readMember(memberId, memberMetadata) ?? []),
        {
          raw: units.filter(({ topic }) => topic !== controlTopic),
          tasks: units.filter(({ topic }) => topic === controlTopic),
        },
      )
      return Promise.resolve(
        [...shares].map(([memberId, share]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version,
            assignment: byTopic(share),
            userData: Buffer.alloc(0),
          }),
        })),
      )
    },
  })
}

function byTopic(units: readonly TopicPartition[]): Record<string, number[]> {
  const partitions = Object.create(null) as Record<string, number[]>
  for (const { topic, partition } of units) (partitions[topic] ??= []).push(partition)
  for (const list of Object.values(partitions)) list.sort((a, b) => a - b)
  return partitions
}
