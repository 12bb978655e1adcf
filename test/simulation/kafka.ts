import { EventEmitter } from 'node:events'
import { AssignerProtocol } from 'kafkajs'
import type {
  Assigner,
  Batch,
  Cluster,
  ConsumerConfig,
  ConsumerRunConfig,
  IHeaders,
  Kafka,
  Message,
  ProducerRecord,
} from 'kafkajs'
import { BrokerError, GroupError, RefusedError } from './brokers'
import type { Brokers, Joined, StoredRecord } from './brokers'
import type { Process } from './scheduler'

/**
 * A client of kafkajs for one process, over brokers that fail by seed: as much of it as `src/log/kafka` uses, in the order in
 * which kafkajs 2.2.4 does it (`src/consumer/runner.js`, `consumerGroup.js`).
 */
export function simulatedKafka(brokers: Brokers): Kafka {
  return {
    admin: () => new SimulatedAdmin(brokers),
    producer: () => new SimulatedProducer(brokers),
    consumer: (config: ConsumerConfig) => new SimulatedConsumer(brokers, config),
  } as unknown as Kafka
}

/** What connects. */
class SimulatedClient {
  constructor(protected readonly brokers: Brokers) {}

  connect(): Promise<unknown> {
    return this.brokers.ask((answer) => {
      answer(undefined)
    })
  }

  disconnect(): Promise<void> {
    return Promise.resolve()
  }
}

class SimulatedAdmin extends SimulatedClient {
  listTopics(): Promise<string[]> {
    return this.brokers.ask((answer) => {
      answer([...this.brokers.topics.keys()])
    })
  }

  createTopics({ topics }: { topics: readonly NewTopic[] }): Promise<boolean> {
    return this.brokers.ask((answer) => {
      const made = topics.map(({ topic, numPartitions, configEntries = [] }) =>
        this.brokers.createTopic(
          topic,
          numPartitions,
          new Map(configEntries.map(({ name, value }) => [name, value])),
        ),
      )
      answer(made.every(Boolean))
    })
  }

  fetchTopicOffsets(topic: string): Promise<{ partition: number; low: string; high: string }[]> {
    return this.brokers.ask((answer) => {
      const partitions = this.brokers.topics.get(topic)
      answer(
        partitions?.map((records, partition) => ({
          ...{ partition, low: '0', high: String(records.length), offset: String(records.length) },
        })) ?? new BrokerError('This server does not host this topic-partition'),
      )
    })
  }

  fetchTopicMetadata({ topics }: { topics: readonly string[] }): Promise<unknown> {
    return this.brokers.ask((answer) => {
      answer({
        topics: topics.map((name) => ({
          name,
          partitions: (this.brokers.topics.get(name) ?? []).map((_records, partitionId) => ({
            ...{ partitionId, leader: 1, replicas: [1], isr: [1], partitionErrorCode: 0 },
          })),
        })),
      })
    })
  }

  describeConfigs({ resources }: { resources: readonly { readonly name: string }[] }): Promise<unknown> {
    return this.brokers.ask((answer) => {
      const [resource] = resources
      const config = this.brokers.configs.get(resource!.name) ?? new Map<string, string>()
      const configEntries = [...config].map(([configName, configValue]) => ({ configName, configValue }))
      answer({ resources: [{ configEntries }] })
    })
  }
}

interface NewTopic {
  readonly topic: string
  readonly numPartitions: number
  readonly configEntries?: readonly { readonly name: string; readonly value: string }[]
}

class SimulatedProducer extends SimulatedClient {
  async send({ topic, messages }: ProducerRecord): Promise<unknown> {
    const { brokers } = this
    const { chance, weather, scheduler } = brokers
    const sender = scheduler.current
    await scheduler.write(sender, 'before')
    const partition = messages[0]!.partition!
    const records = messages.map(stored)
    const store = (): unknown => {
      const baseOffset = brokers.append(topic, partition, records)
      scheduler.onWrite?.(sender, 'done')
      return [{ topicName: topic, partition, errorCode: 0, baseOffset: String(baseOffset) }]
    }
    // No draw where none is refused: a seed with named faults stays the run that it was.
    if (weather.refusals > 0 && chance.is(weather.refusals)) {
      return brokers.ask((answer) => {
        answer(new RefusedError('Not authorized to access topics: [Topic authorization failed]'))
      })
    }
    if (!weather.areDown && chance.is(weather.lateArrivals)) {
      // On its way for long: its sender hears nothing, sends again, and goes on, when it arrives after all.
      brokers.lateUnderWay++
      const arrive = (): void => {
        brokers.lateUnderWay--
        store()
      }
      scheduler.after(chance.between(1_000, 15_000), arrive, scheduler.world)
      return scheduler.pause(chance.between(200, 3_000)).then(() => Promise.reject(noAnswer()))
    }
    if (chance.is(weather.lostRequests)) {
      return scheduler.pause(chance.between(200, 3_000)).then(() => Promise.reject(noAnswer()))
    }
    const isAnswerLost = chance.is(weather.lostAnswers)
    return brokers.ask<unknown>((answer) => {
      const reply = store()
      // kafkajs may also succeed without a word of a partition that it sent to.
      if (isAnswerLost) answer(chance.is(0.3) ? ([] as unknown[]) : noAnswer())
      else answer(reply)
    })
  }
}

function noAnswer(): BrokerError {
  return new BrokerError('Request Produce timed out')
}

function stored({ key, value, headers = {} }: Message): Omit<StoredRecord, 'timestampMs'> {
  return { key: copied(key), value: copied(value), headers: headersOf(headers) }
}

function headersOf(headers: IHeaders): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, copied([value ?? ''].flat().at(-1) ?? '')!]),
  )
}

function copied(bytes: Buffer | string | null | undefined): Buffer | null {
  return bytes === null || bytes === undefined ? null : Buffer.from(bytes)
}

const events = {
  GROUP_JOIN: 'join',
  CRASH: 'crash',
  REBALANCING: 'rebalancing',
  HEARTBEAT: 'heartbeat',
  FETCH: 'fetch',
} as const

interface Place {
  readonly topic: string
  readonly partition: number
}

class SimulatedConsumer {
  readonly events = events
  private readonly emitter = new EventEmitter()
  private readonly assigner: Assigner
  private topics: readonly string[] = []
  private run_: ConsumerRunConfig | undefined
  private memberId = ''
  private generation = 0
  private assigned: readonly Place[] = []
  /** Offset of the next fetch. */
  private next = new Map<string, number>()
  /** Outlive an assignment, as in kafkajs. */
  private readonly seeks = new Map<string, number>()
  private readonly paused = new Set<string>()
  private isRunning = false
  private lastHeartbeatMs = 0
  private looping: Promise<void> = Promise.resolve()

  constructor(
    private readonly brokers: Brokers,
    private readonly config: ConsumerConfig,
  ) {
    const cluster = {
      findTopicPartitionMetadata: (topic: string) =>
        (brokers.topics.get(topic) ?? []).map((_records, partitionId) => ({ partitionId })),
    }
    this.assigner = config.partitionAssigners![0]!({
      cluster: cluster as unknown as Cluster,
      groupId: config.groupId,
      logger: undefined as never,
    })
  }

  on(event: string, listener: (event: unknown) => void): void {
    this.emitter.on(event, listener)
  }

  connect(): Promise<unknown> {
    return this.brokers.ask((answer) => {
      answer(undefined)
    })
  }

  subscribe({ topic, topics = [] }: { topic?: string; topics?: readonly string[] }): Promise<void> {
    this.topics = topic === undefined ? topics : [topic]
    return Promise.resolve()
  }

  async run(run: ConsumerRunConfig): Promise<void> {
    this.run_ = run
    this.isRunning = true
    await this.join()
    this.looping = this.loop()
  }

  seek({ topic, partition, offset }: Place & { offset: string }): void {
    this.seeks.set(nameOf({ topic, partition }), Number(offset))
  }

  pause(given: readonly { topic: string; partitions: readonly number[] }[]): void {
    for (const name of namesOf(given)) this.paused.add(name)
  }

  resume(given: readonly { topic: string; partitions: readonly number[] }[]): void {
    for (const name of namesOf(given)) this.paused.delete(name)
  }

  async commitOffsets(offsets: readonly (Place & { offset: string })[]): Promise<void> {
    const { memberId, generation } = this
    const told = new Map(offsets.map((place) => [nameOf(place), Number(place.offset)]))
    await this.brokers.ask<unknown>((answer) => {
      answer(this.group.commit(memberId, generation, told))
    })
  }

  async disconnect(): Promise<void> {
    if (!this.isRunning) return
    this.isRunning = false
    await this.looping
    const { memberId } = this
    this.memberId = ''
    await this.brokers
      .ask<unknown>((answer) => {
        this.group.leave(memberId)
        answer(undefined)
      })
      .catch(() => undefined)
  }

  private get group() {
    return this.brokers.groupOf(this.config.groupId)
  }

  private async loop(): Promise<void> {
    const { scheduler } = this.brokers
    for (let failures = 0; this.isRunning;) {
      try {
        await this.fetchOnce()
        failures = 0
      } catch (error) {
        if (this.hasStopped()) return
        const { type } = error as { type?: string }
        if (type === 'UNKNOWN_MEMBER_ID') this.memberId = ''
        else if (type !== undefined) this.emitter.emit(events.REBALANCING, {})
        else if (++failures > 5) {
          this.emitter.emit(events.CRASH, { payload: { error, restart: true } })
          this.memberId = ''
          failures = 0
        } else {
          await scheduler.pause(100 * 2 ** failures)
          continue
        }
        await this.join()
      }
    }
  }

  /** Joins, again and again until it is in; then tells, before anything is fetched. */
  private async join(): Promise<void> {
    const { brokers, config } = this
    const { scheduler } = brokers
    for (let pauseMs = 100; this.isRunning; pauseMs = Math.min(5_000, 2 * pauseMs)) {
      try {
        const joined = await brokers.ask<Joined>((answer) => {
          this.group.join(
            {
              memberId: this.memberId,
              metadata: this.assigner.protocol({ topics: [...this.topics] }).metadata,
              sessionMs: config.sessionTimeout ?? 30_000,
            },
            answer,
          )
        })
        this.memberId = joined.memberId
        this.generation = joined.generation
        const assignments = joined.isLeader
          ? await this.assigner.assign({ members: [...joined.members], topics: [...this.topics] })
          : []
        const given = await brokers.ask<Buffer>((answer) => {
          this.group.sync({ memberId: joined.memberId, generation: joined.generation, assignments }, answer)
        })
        const memberAssignment = AssignerProtocol.MemberAssignment.decode(given)?.assignment ?? {}
        this.assigned = Object.entries(memberAssignment).flatMap(([topic, partitions]) =>
          partitions.map((partition) => ({ topic, partition })),
        )
        this.next = new Map()
        this.lastHeartbeatMs = scheduler.nowMs
        this.emitter.emit(events.GROUP_JOIN, { payload: { memberAssignment } })
        return
      } catch (error) {
        if (!(error instanceof GroupError) && !(error instanceof BrokerError)) throw error
        if (error instanceof GroupError && error.type === 'UNKNOWN_MEMBER_ID') this.memberId = ''
        await scheduler.pause(pauseMs)
      }
    }
  }

  private hasStopped(): boolean {
    return !this.isRunning
  }

  private async heartbeat(): Promise<void> {
    const { brokers, memberId, generation } = this
    const { nowMs } = brokers.scheduler
    if (nowMs < this.lastHeartbeatMs + (this.config.heartbeatInterval ?? 3_000)) return
    await brokers.ask<unknown>((answer) => {
      answer(this.group.heartbeat(memberId, generation))
    })
    this.lastHeartbeatMs = brokers.scheduler.nowMs
    this.emitter.emit(events.HEARTBEAT, {})
  }

  private async fetchOnce(): Promise<void> {
    const { brokers } = this
    const { maxWaitTimeInMs = 500 } = this.config
    for (const place of this.assigned) {
      const name = nameOf(place)
      const sought = this.seeks.get(name)
      if (sought === undefined) continue
      this.seeks.delete(name)
      this.next.set(name, sought)
    }
    const wanted = this.assigned.filter((place) => !this.paused.has(nameOf(place)))
    if (wanted.length === 0) {
      await brokers.scheduler.pause(maxWaitTimeInMs)
      await this.heartbeat()
      return
    }
    const requests = wanted.map((place) => ({ place, offset: this.next.get(nameOf(place)) ?? 0 }))
    const fetcher = brokers.scheduler.current
    const fetched = await brokers.ask<Fetched[]>((answer) => {
      serveFetch(
        brokers,
        requests,
        {
          maxBytes: this.config.maxBytes ?? 1 << 20,
          maxWaitMs: maxWaitTimeInMs * brokers.waitFactor,
          fetcher,
        },
        answer,
      )
    })
    this.emitter.emit(events.FETCH, {})
    for (const one of fetched) await this.handle(one)
    await this.heartbeat()
  }

  private async handle({ place, offset, records, end }: Fetched): Promise<void> {
    const name = nameOf(place)
    if (!this.isRunning || this.seeks.has(name) || this.paused.has(name)) return
    if (offset > end) {
      // kafkajs goes to the oldest there is and says nothing.
      this.next.set(name, 0)
      return
    }
    if (records.length === 0) return
    const last = offset + records.length - 1
    const resolve = (resolved: string): void => {
      this.next.set(name, Number(resolved) + 1)
    }
    const batch = {
      ...place,
      fetchedOffset: String(offset),
      highWatermark: String(end),
      messages: records.map(({ key, value, headers, timestampMs }, index) => ({
        ...{ offset: String(offset + index), key, value, headers, timestamp: String(timestampMs) },
        isControlRecord: false,
      })),
      firstOffset: () => String(offset),
      lastOffset: () => String(last),
    }
    await this.run_!.eachBatch!({
      batch: batch as unknown as Batch,
      resolveOffset: resolve,
      heartbeat: () => this.heartbeat(),
      pause: () => () => undefined,
      commitOffsetsIfNecessary: () => Promise.resolve(),
      uncommittedOffsets: () => ({ topics: [] }),
      isRunning: () => this.isRunning,
      isStale: () => this.seeks.has(name),
    })
    if (this.run_!.eachBatchAutoResolve !== false && !this.seeks.has(name)) resolve(String(last))
  }
}

interface Fetched {
  readonly place: Place
  readonly offset: number
  readonly records: readonly StoredRecord[]
  readonly end: number
}

/** Answers when there is something, or after so long. */
function serveFetch(
  brokers: Brokers,
  requests: readonly { readonly place: Place; readonly offset: number }[],
  {
    maxBytes,
    maxWaitMs,
    fetcher,
  }: { readonly maxBytes: number; readonly maxWaitMs: number; readonly fetcher: Process },
  answer: (fetched: Fetched[]) => void,
): void {
  const { chance, rawFetch, rawTopics, scheduler, weather, workMs } = brokers
  // Half a second's work of each partition, so that heartbeats go in between.
  const mostRaw = (): number =>
    rawFetch !== undefined
      ? chance.whole(1, rawFetch.records)
      : workMs !== undefined
        ? Math.max(1, Math.floor(500 / workMs))
        : 100_000
  const take = (): Fetched[] =>
    requests.map(({ place, offset }) => {
      const all = brokers.recordsOf(place.topic, place.partition)
      const isRaw = rawTopics.has(place.topic)
      const most = isRaw ? mostRaw() : 100_000
      // An old answer comes again, as when leaders move.
      const from = offset > 0 && chance.is(weather.staleFetches) ? chance.whole(0, offset) : offset
      return { place, offset: from, records: upTo(all, from, most, maxBytes), end: all.length }
    })
  const isWorth = (fetched: readonly Fetched[]): boolean =>
    fetched.some(({ records, offset, end }) => records.length > 0 || offset > end)
  /** An instance takes one record after the other, and comes back for more when it is done with them. */
  const give = (fetched: Fetched[]): void => {
    const raw = fetched.reduce(
      (sum, { place, records }) => sum + (rawTopics.has(place.topic) ? records.length : 0),
      0,
    )
    if (workMs === undefined || raw === 0) {
      answer(fetched)
      return
    }
    fetcher.isBusyUntilMs = Math.max(scheduler.nowMs, fetcher.isBusyUntilMs) + raw * workMs
    scheduler.after(fetcher.isBusyUntilMs - scheduler.nowMs, () => {
      answer(fetched)
    })
  }
  const first = take()
  if (isWorth(first)) {
    const isRaw = first.some(({ place, records }) => records.length > 0 && rawTopics.has(place.topic))
    const slowMs = isRaw && rawFetch !== undefined ? chance.between(0, 2 * rawFetch.everyMs) : 0
    scheduler.after(slowMs, () => {
      give(first)
    })
    return
  }
  const names = requests.map(({ place }) => `${place.topic}/${place.partition}`)
  brokers.whenAppended(names, maxWaitMs, () => {
    give(take())
  })
}

function upTo(
  records: readonly StoredRecord[],
  from: number,
  most: number,
  maxBytes: number,
): StoredRecord[] {
  const taken: StoredRecord[] = []
  let bytes = 0
  for (let at = from; at < records.length && taken.length < most; at++) {
    bytes += records[at]!.value?.length ?? 0
    if (taken.length > 0 && bytes > maxBytes) break
    taken.push(records[at]!)
  }
  return taken
}

function nameOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`
}

function namesOf(given: readonly { topic: string; partitions: readonly number[] }[]): string[] {
  return given.flatMap(({ topic, partitions }) => partitions.map((partition) => nameOf({ topic, partition })))
}
