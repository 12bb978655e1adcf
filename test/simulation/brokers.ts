import type { Chance, Process, Scheduler } from './scheduler'

/** A record as a partition keeps it. */
export interface StoredRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer>>
  readonly timestampMs: number
}

interface Member {
  readonly id: string
  metadata: Buffer
  readonly sessionMs: number
  lastSeenMs: number
  /** Answers a join that waits for the others. */
  joining: ((outcome: Joined) => void) | undefined
  syncing: ((outcome: Buffer | GroupError) => void) | undefined
}

/** What a member learns when all have joined. */
export interface Joined {
  readonly memberId: string
  readonly generation: number
  readonly isLeader: boolean
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]
}

/** What the coordinator of a group refuses with, by the names of Kafka. */
export class GroupError extends Error {
  readonly retriable = true

  constructor(readonly type: 'REBALANCE_IN_PROGRESS' | 'UNKNOWN_MEMBER_ID' | 'ILLEGAL_GENERATION') {
    super(type)
  }
}

/** How the network and the brokers are at the moment. */
export interface Weather {
  /** No broker answers. */
  areDown: boolean
  /** Share of sends whose records are stored and whose answer is lost. */
  lostAnswers: number
  /** Share of sends that are lost on the way. */
  lostRequests: number
  /** Share of sends that are refused for good, as where a right was taken away. */
  refusals: number
  /** Share of sends that arrive late, when their sender has long given them up. */
  lateArrivals: number
  /** Share of answers of fetches that come a second time, from where they were. */
  staleFetches: number
  /** How much slower than usual. */
  slowness: number
}

/**
 * Brokers of Kafka as far as assay sees them: partitions that keep records in the order of their arrival, and groups that share
 * out partitions among members. They are a process of their own: what has been sent arrives, whatever becomes of its sender.
 */
export class Brokers {
  readonly topics = new Map<string, StoredRecord[][]>()
  readonly configs = new Map<string, ReadonlyMap<string, string>>()
  readonly weather: Weather = {
    areDown: false,
    lostAnswers: 0,
    lostRequests: 0,
    refusals: 0,
    lateArrivals: 0,
    staleFetches: 0,
    slowness: 1,
  }
  /** Most records of a raw partition that come in one fetch, so that a small stream takes its time. */
  rawFetch: { readonly records: number; readonly everyMs: number } | undefined
  /** How long an instance is busy with a raw record, whichever partition it is of; without it that takes no time. */
  workMs: number | undefined
  /** How many times as long as it was asked to a fetch waits that finds nothing. */
  waitFactor = 1
  readonly rawTopics = new Set<string>()
  /** Sends on their way whose sender has given them up. */
  lateUnderWay = 0
  private readonly groups = new Map<string, Group>()
  private readonly waiting = new Map<string, Set<() => void>>()

  constructor(
    readonly scheduler: Scheduler,
    private readonly nowMs: () => number,
  ) {}

  get chance(): Chance {
    return this.scheduler.chance
  }

  createTopic(topic: string, partitions: number, config: ReadonlyMap<string, string> = new Map()): boolean {
    if (this.topics.has(topic)) return false
    this.topics.set(
      topic,
      Array.from({ length: partitions }, () => []),
    )
    this.configs.set(topic, config)
    return true
  }

  recordsOf(topic: string, partition: number): StoredRecord[] {
    return this.topics.get(topic)![partition]!
  }

  append(topic: string, partition: number, records: readonly Omit<StoredRecord, 'timestampMs'>[]): number {
    const stored = this.recordsOf(topic, partition)
    const first = stored.length
    const timestampMs = this.nowMs()
    for (const record of records) stored.push({ ...record, timestampMs })
    const name = `${topic}/${partition}`
    const waiting = this.waiting.get(name)
    this.waiting.delete(name)
    for (const wake of waiting ?? []) wake()
    return first
  }

  /** Calls once when something is appended to one of these partitions, or after so long. */
  whenAppended(partitions: readonly string[], timeoutMs: number, wake: () => void): void {
    let isDone = false
    const once = (): void => {
      if (isDone) return
      isDone = true
      timer.isCancelled = true
      for (const name of partitions) this.waiting.get(name)?.delete(once)
      wake()
    }
    const timer = this.scheduler.after(timeoutMs, once, this.scheduler.world)
    for (const name of partitions) {
      const waiting = this.waiting.get(name) ?? new Set()
      this.waiting.set(name, waiting.add(once))
    }
  }

  /** How long a message takes. */
  latencyMs(): number {
    return this.chance.between(0.3, this.chance.is(0.05) ? 60 : 6) * this.weather.slowness
  }

  /**
   * Sends a request and answers it: `serve` runs where the brokers are, its outcome comes back to who asked. Without
   * brokers it fails after a while.
   */
  ask<Answer>(serve: (answer: (outcome: Answer | Error) => void) => void): Promise<Answer> {
    const { scheduler } = this
    const asker: Process = scheduler.current
    return new Promise((resolve, reject) => {
      const answer = (outcome: Answer | Error): void => {
        scheduler.after(
          this.latencyMs(),
          () => {
            if (outcome instanceof Error) reject(outcome)
            else resolve(outcome)
          },
          asker,
        )
      }
      const arrive = (): void => {
        if (this.weather.areDown) answer(new BrokerError('Connection error: connect ECONNREFUSED'))
        else serve(answer)
      }
      scheduler.after(this.latencyMs(), arrive, scheduler.world)
    })
  }

  groupOf(name: string): Group {
    let group = this.groups.get(name)
    if (group === undefined) this.groups.set(name, (group = new Group(this.scheduler)))
    return group
  }
}

/** An error as kafkajs throws it. */
export class BrokerError extends Error {
  override readonly name = 'KafkaJSConnectionError'
  readonly retriable = true
}

/** What a broker will not do, however often it is asked. */
export class RefusedError extends Error {
  override readonly name = 'KafkaJSProtocolError'
  readonly retriable = false
  readonly type = 'TOPIC_AUTHORIZATION_FAILED'
}

/** Who is in a group and what the group is at, as the coordinator of Kafka keeps it: everybody stops when it assigns anew. */
export class Group {
  readonly committed = new Map<string, number>()
  generation = 0
  private state: 'stable' | 'joining' | 'syncing' = 'stable'
  private readonly members = new Map<string, Member>()
  private leader: string | undefined
  private nextMember = 0
  /** What each member was assigned last. */
  private readonly given = new Map<string, Buffer>()

  constructor(private readonly scheduler: Scheduler) {}

  get size(): number {
    return this.members.size
  }

  join(
    { memberId, metadata, sessionMs }: { memberId: string; metadata: Buffer; sessionMs: number },
    answer: (outcome: Joined | Error) => void,
  ): void {
    if (memberId !== '' && !this.members.has(memberId)) {
      answer(new GroupError('UNKNOWN_MEMBER_ID'))
      return
    }
    const id =
      memberId === '' ? `member-${this.scheduler.chance.whole(0, 999)}-${this.nextMember++}` : memberId
    const known = this.members.get(id)
    const member: Member = known ?? {
      ...{ id, metadata, sessionMs, lastSeenMs: 0, joining: undefined, syncing: undefined },
    }
    this.members.set(id, member)
    member.metadata = metadata
    member.lastSeenMs = this.scheduler.nowMs
    member.joining = answer
    if (known === undefined) this.watch(member)
    const wasAlone = this.members.size === 1
    this.rebalance(wasAlone ? initialDelayMs : rebalanceMs)
    this.completeJoin()
  }

  /** Lets everybody join anew, as when a coordinator moves. */
  rebalance(withinMs = rebalanceMs): void {
    if (this.state === 'joining' || this.members.size === 0) return
    this.state = 'joining'
    for (const { syncing } of this.members.values()) syncing?.(new GroupError('REBALANCE_IN_PROGRESS'))
    for (const member of this.members.values()) member.syncing = undefined
    const { generation } = this
    this.scheduler.after(
      withinMs,
      () => {
        if (this.state !== 'joining' || this.generation !== generation) return
        // Who did not come in time is out.
        for (const [id, { joining }] of this.members) if (joining === undefined) this.members.delete(id)
        this.completeJoin()
      },
      this.scheduler.world,
    )
  }

  sync({ memberId, generation, assignments }: SyncRequest, answer: (outcome: Buffer | Error) => void): void {
    const member = this.members.get(memberId)
    const problem = this.problemOf(memberId, generation)
    if (member === undefined || problem !== undefined) {
      answer(problem ?? new GroupError('UNKNOWN_MEMBER_ID'))
      return
    }
    member.lastSeenMs = this.scheduler.nowMs
    if (this.state === 'joining') {
      answer(rebalancing())
      return
    }
    if (this.state === 'stable') {
      answer(this.given.get(memberId)!)
      return
    }
    member.syncing = answer
    if (memberId !== this.leader) return
    this.state = 'stable'
    for (const one of this.members.values()) {
      const given = assignments.find((assigned) => assigned.memberId === one.id)
      this.given.set(one.id, given?.memberAssignment ?? Buffer.alloc(0))
    }
    for (const one of this.members.values()) {
      one.syncing?.(this.given.get(one.id)!)
      one.syncing = undefined
    }
  }

  heartbeat(memberId: string, generation: number): GroupError | undefined {
    const member = this.members.get(memberId)
    if (member !== undefined) member.lastSeenMs = this.scheduler.nowMs
    return this.problemOf(memberId, generation) ?? (this.state === 'joining' ? rebalancing() : undefined)
  }

  commit(memberId: string, generation: number, offsets: ReadonlyMap<string, number>): GroupError | undefined {
    const problem = this.problemOf(memberId, generation)
    if (problem === undefined) for (const [name, offset] of offsets) this.committed.set(name, offset)
    return problem
  }

  leave(memberId: string): void {
    if (!this.members.delete(memberId)) return
    this.rebalance()
    this.completeJoin()
  }

  private problemOf(memberId: string, generation: number): GroupError | undefined {
    if (!this.members.has(memberId)) return new GroupError('UNKNOWN_MEMBER_ID')
    return generation === this.generation ? undefined : new GroupError('ILLEGAL_GENERATION')
  }

  /** A member that gives no sign of life is taken out. */
  private watch(member: Member): void {
    const { scheduler } = this
    const look = (): void => {
      if (this.members.get(member.id) !== member) return
      const leftMs = member.lastSeenMs + member.sessionMs - scheduler.nowMs
      const isWaiting = member.joining !== undefined || member.syncing !== undefined
      if (leftMs > 0 || isWaiting) {
        scheduler.after(Math.max(leftMs, member.sessionMs / 2), look, scheduler.world)
        return
      }
      this.leave(member.id)
    }
    scheduler.after(member.sessionMs, look, scheduler.world)
  }

  private completeJoin(): void {
    const members = [...this.members.values()]
    if (this.state !== 'joining' || members.length === 0) return
    if (members.some(({ joining }) => joining === undefined)) return
    this.generation++
    this.state = 'syncing'
    this.leader = members[0]!.id
    const all = members.map(({ id, metadata }) => ({ memberId: id, memberMetadata: metadata }))
    for (const member of members) {
      const isLeader = member.id === this.leader
      member.lastSeenMs = this.scheduler.nowMs
      member.joining!({
        ...{ memberId: member.id, generation: this.generation, isLeader },
        members: isLeader ? all : [],
      })
      member.joining = undefined
    }
  }
}

interface SyncRequest {
  readonly memberId: string
  readonly generation: number
  readonly assignments: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[]
}

function rebalancing(): GroupError {
  return new GroupError('REBALANCE_IN_PROGRESS')
}

/** How long the coordinator waits for members to come, when there were none and when there were. */
const initialDelayMs = 10
const rebalanceMs = 20_000
