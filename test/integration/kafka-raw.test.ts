import type { KafkaClient } from '../../src/log/kafka/client'
import {
  RawReader,
  type Assignment,
  type OffsetGap,
  type RawBatch,
  type RawReaderOptions,
} from '../../src/log/kafka/raw-reader'
import { kafkaClient, newTopic } from '../support/kafka'
import { produceBatch } from '../support/raw-produce'
import { shared } from '../support/stack/shared'

let client: KafkaClient
beforeAll(async () => {
  client = await kafkaClient((await shared('kafka')).bootstrap)
}, 120_000)

const readers: Member[] = []
afterEach(() => Promise.all(readers.splice(0).map(({ reader }) => reader.close())))

interface Member {
  readonly reader: RawReader
  readonly assignments: Assignment[]
  readonly gaps: OffsetGap[]
}

interface Topics {
  readonly raw: string
  readonly control: string
}

async function newTopics({ partitions = 1, tasks = 1 } = {}): Promise<Topics> {
  return {
    raw: await newTopic(client, { partitions }),
    control: await newTopic(client, { partitions: tasks }),
  }
}

/** A member of the group of these topics; without `from` it starts nothing by itself. */
async function join(
  { raw, control }: Topics,
  { from, ...options }: Partial<RawReaderOptions> & { from?: number } = {},
): Promise<Member> {
  const assignments: Assignment[] = []
  const gaps: OffsetGap[] = []
  const current: { reader?: RawReader } = {}
  const start = ({ generation, raw: owned }: Assignment) => {
    if (from === undefined) return
    for (const partition of owned) current.reader?.start({ ...partition, generation, offset: from })
  }
  const reader = await RawReader.open(client, {
    groupId: raw,
    rawTopics: [raw],
    controlTopic: control,
    taskShares: [],
    onAssignment: (assignment) => {
      assignments.push(assignment)
      start(assignment)
    },
    onRebalancing: () => undefined,
    onGap: (gap) => gaps.push(gap),
    onFatal: (error) => {
      throw error
    },
    ...options,
  })
  current.reader = reader
  const member = { reader, assignments, gaps }
  readers.push(member)
  start(assignments.at(-1)!)
  return member
}

async function produce(topic: string, values: readonly (string | null)[], partition = 0): Promise<void> {
  const producer = client.kafka.producer({ createPartitioner: () => () => partition })
  await producer.connect()
  await producer.send({ topic, messages: values.map((value) => ({ value })) })
  await producer.disconnect()
}

/** The next batch of any partition that is ours; undefined when none has arrived. */
function next({ reader, assignments }: Member): RawBatch | undefined {
  for (const partition of assignments.at(-1)!.raw) {
    const batch = reader.nextOf(partition)
    if (batch !== undefined) return batch
  }
  return undefined
}

/** Takes batches until there are so many messages, or until none has come for so long. */
async function take(member: Member, messages: number, patienceMs = 3_000): Promise<RawBatch[]> {
  const batches: RawBatch[] = []
  let deadlineMs = performance.now() + patienceMs
  for (let taken = 0; taken < messages && performance.now() < deadlineMs;) {
    const batch = next(member)
    if (batch === undefined) {
      await member.reader.waitForMore(50)
      continue
    }
    batches.push(batch)
    taken += batch.messages.length
    deadlineMs = performance.now() + patienceMs
  }
  return batches
}

const texts = (batches: readonly RawBatch[]) =>
  batches.flatMap(({ messages }) =>
    messages.map(({ value }) => (value === null ? null : Buffer.from(value).toString())),
  )

async function until(condition: () => boolean, patienceMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + patienceMs
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`it did not come to be within ${patienceMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('a reader of raw topics', () => {
  it('reads from the offset it is started at, whatever the group has committed, and gives tombstones as null', async () => {
    const topics = await newTopics()
    await produce(topics.raw, ['a', 'b', null, 'd'])
    const member = await join(topics, { from: 1 })
    await member.reader.commit([{ topic: topics.raw, partition: 0, offset: 4 }])
    const batches = await take(member, 3)
    expect(texts(batches)).toEqual(['b', null, 'd'])
    expect(batches.at(-1)).toMatchObject({ topic: topics.raw, partition: 0, nextOffset: 4, highWatermark: 4 })
    await member.reader.close()
    expect(texts(await take(await join(topics, { from: 2 }), 2))).toEqual([null, 'd'])
  })

  it('is given a partition that is added to the topic, before its first events would be late', async () => {
    const topics = await newTopics()
    const member = await join(topics, { from: 0 })
    const admin = await client.admin()
    await admin.createPartitions({ topicPartitions: [{ topic: topics.raw, count: 2 }] })
    await until(() => member.assignments.at(-1)!.raw.length === 2)
    await produce(topics.raw, ['of the new one'], 1)
    expect(texts(await take(member, 1))).toEqual(['of the new one'])
  })

  it('reads nothing that is not started', async () => {
    const topics = await newTopics({ partitions: 2 })
    await produce(topics.raw, ['a'], 0)
    await produce(topics.raw, ['b'], 1)
    const member = await join(topics)
    expect(await take(member, 1, 500)).toEqual([])
    const { generation } = member.assignments.at(-1)!
    member.reader.start({ topic: topics.raw, partition: 1, generation, offset: 0 })
    expect(texts(await take(member, 1))).toEqual(['b'])
    expect(await take(member, 1, 500)).toEqual([])
  })

  it('owns tasks by the partitions of the control topic, and reads none of its records', async () => {
    const topics = await newTopics({ partitions: 2, tasks: 3 })
    await produce(topics.control, ['not for us'])
    const member = await join(topics, { from: 0 })
    expect(member.assignments.at(-1)!.tasks).toEqual([0, 1, 2])
    expect(member.assignments.at(-1)!.raw).toHaveLength(2)
    expect(await take(member, 1, 500)).toEqual([])
  })

  it('shares raw partitions and tasks with a second member, and takes all back when that leaves', async () => {
    const topics = await newTopics({ partitions: 4, tasks: 2 })
    const first = await join(topics, { from: 0, taskShares: [1, 1] })
    expect(first.assignments.at(-1)).toMatchObject({ generation: 1, tasks: [0, 1] })
    const second = await join(topics, { from: 0, taskShares: [1, 1] })
    await until(() => first.assignments.length === 2)
    const [mine, other] = [first, second].map(({ assignments }) => assignments.at(-1)!)
    expect(mine!.raw).toHaveLength(2)
    expect(other!.raw).toHaveLength(2)
    expect(mine!.tasks).toHaveLength(1)
    expect([...mine!.tasks, ...other!.tasks].sort()).toEqual([0, 1])
    await second.reader.close()
    await until(() => first.assignments.at(-1)!.raw.length === 4)
    await produce(topics.raw, ['late'], other!.raw[0]!.partition)
    expect(texts(await take(first, 1))).toEqual(['late'])
  })

  it('gives nothing of an assignment that is over, and heeds no start for it', async () => {
    const topics = await newTopics({ partitions: 2 })
    await produce(topics.raw, ['a'], 0)
    await produce(topics.raw, ['b'], 1)
    const first = await join(topics)
    const old = first.assignments[0]!
    for (const partition of old.raw)
      first.reader.start({ ...partition, generation: old.generation, offset: 0 })
    await until(() => first.reader.lag().every(({ end }) => end === 1))
    await first.reader.waitForMore(3_000)
    await join(topics)
    await until(() => first.assignments.length === 2)
    for (const partition of old.raw) expect(first.reader.nextOf(partition)).toBeUndefined()
    for (const partition of old.raw)
      first.reader.start({ ...partition, generation: old.generation, offset: 0 })
    expect(await take(first, 1, 700)).toEqual([])
  })

  it('holds no more than its buffer of a partition, and loses nothing by that', async () => {
    const topics = await newTopics()
    const large = (number: number) => `${number}`.padEnd(100_000, '.')
    for (let number = 0; number < 60; number += 5) {
      await produce(
        topics.raw,
        Array.from({ length: 5 }, (_, index) => large(number + index)),
      )
    }
    const member = await join(topics, { from: 0, bufferBytes: 500_000 })
    await until(() => member.reader.lag()[0]!.end === 60)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const held: RawBatch[] = []
    for (let batch = next(member); batch !== undefined; batch = next(member)) held.push(batch)
    // 500 kB, and the fetch of 1 MB that went beyond.
    expect(texts(held).length).toBeLessThanOrEqual(16)
    const rest = await take(member, 60 - texts(held).length)
    expect(texts([...held, ...rest])).toEqual(Array.from({ length: 60 }, (_, number) => large(number)))
  })

  it('accounts for the ends of transactions and leaves out what was given up', async () => {
    const topics = await newTopics()
    const producer = client.kafka.producer({
      transactionalId: topics.raw,
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const kept = await producer.transaction()
    await kept.send({ topic: topics.raw, messages: [{ value: 'a' }, { value: 'b' }] })
    await kept.commit()
    const givenUp = await producer.transaction()
    await givenUp.send({ topic: topics.raw, messages: [{ value: 'c' }] })
    await givenUp.abort()
    await producer.disconnect()
    // offset 0 a, 1 b, 2 commit, 3 c, 4 abort
    const member = await join(topics, { from: 0 })
    let nextOffset = 0
    const seen: RawBatch[] = []
    await until(() => {
      const batch = next(member)
      if (batch !== undefined) seen.push(batch)
      nextOffset = batch?.nextOffset ?? nextOffset
      return nextOffset === 5
    })
    expect(texts(seen)).toEqual(['a', 'b'])
    expect(member.reader.lag()).toEqual([{ topic: topics.raw, partition: 0, position: 5, end: 5, lag: 0 }])
  })

  it('believes no offset that leaves its batch, which a broker takes as its producer wrote it', async () => {
    const topics = await newTopics()
    const { bootstrap } = await shared('kafka')
    const [a, b] = [Buffer.from('a'), Buffer.from('b')]
    await produceBatch(bootstrap, topics.raw, [{ value: a }, { value: b, offsetDelta: 1_000_000 }], {
      isGzip: false,
    })
    await produce(topics.raw, ['c'])
    const member = await join(topics, { from: 0 })
    const batches = await take(member, 2)
    const messages = batches.flatMap((batch) => batch.messages)
    expect(messages.map(({ position, unreadable }) => [position, unreadable])).toEqual([
      [1, 'the offsets in it do not go up to its last one'],
      [2, undefined],
    ])
  })

  it('reports what retention has removed and halts there, until it is told where to go on', async () => {
    const topics = await newTopics()
    await produce(topics.raw, ['a', 'b', 'c', 'd'])
    await client.offsets(topics.raw)
    const admin = await client.admin()
    await admin.deleteTopicRecords({ topic: topics.raw, partitions: [{ partition: 0, offset: '3' }] })
    const member = await join(topics, { from: 1 })
    await until(() => member.gaps.length > 0)
    expect(member.gaps).toEqual([{ topic: topics.raw, partition: 0, expected: 1, found: 3 }])
    expect(await take(member, 1, 500)).toEqual([])
    const { generation } = member.assignments.at(-1)!
    member.reader.start({ topic: topics.raw, partition: 0, generation, offset: 3 })
    expect(texts(await take(member, 1))).toEqual(['d'])
  })

  it('reports a partition that ends before our offset, as when a topic was made anew', async () => {
    const topics = await newTopics()
    await produce(topics.raw, ['a'])
    const member = await join(topics, { from: 7 })
    await until(() => member.gaps.length > 0)
    expect(member.gaps).toEqual([{ topic: topics.raw, partition: 0, expected: 7, found: 0 }])
  })

  it('says which topic is gone, and takes one that was made anew for a gap, however far it has come again', async () => {
    const topics = await newTopics()
    await produce(topics.raw, ['a', 'b'])
    const member = await join(topics, { from: 0 })
    await take(member, 2)
    const admin = await client.admin()
    await admin.deleteTopics({ topics: [topics.raw] })
    await until(() => member.reader.missingTopics.length > 0, 60_000)
    expect(member.reader.missingTopics).toEqual([topics.raw])

    const joined = member.assignments.length
    await (await client.admin()).createTopics({ topics: [{ topic: topics.raw, numPartitions: 1 }] })
    await until(() => member.assignments.some(({ raw }, index) => index >= joined && raw.length > 0), 60_000)
    await produce(topics.raw, ['c', 'd', 'e'])
    const { generation } = member.assignments.at(-1)!
    member.reader.start({ topic: topics.raw, partition: 0, generation, offset: 2 })
    expect(member.gaps).toEqual([{ topic: topics.raw, partition: 0, expected: 2, found: 0 }])
    await until(() => member.reader.missingTopics.length === 0, 60_000)
  }, 240_000)

  it('knows how far it is behind, and tells the group', async () => {
    const topics = await newTopics()
    await produce(topics.raw, ['a', 'b', 'c'])
    const member = await join(topics, { from: 1, lagEveryMs: 50 })
    await until(() => member.reader.lag()[0]?.end === 3)
    expect(member.reader.lag()).toEqual([{ topic: topics.raw, partition: 0, position: 1, end: 3, lag: 2 }])
    await take(member, 2)
    expect(member.reader.lag()[0]!.lag).toBe(0)
    await member.reader.commit([{ topic: topics.raw, partition: 0, offset: 3 }])
    const admin = await client.admin()
    const [committed] = await admin.fetchOffsets({ groupId: topics.raw, topics: [topics.raw] })
    expect(committed!.partitions[0]!.offset).toBe('3')
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])(
    'reads what brokers and producers compress with %s',
    async (codec) => {
      const raw = await newTopic(client, { config: { 'compression.type': codec } })
      const control = await newTopic(client)
      // Over a block of each codec, with much and with nothing to gain.
      const values = Array.from(
        { length: 3_000 },
        (_, index) => `${index} ${'again '.repeat(index % 40)}${Math.sin(index)}`,
      )
      await produce(raw, values)
      expect(texts(await take(await join({ raw, control }, { from: 0 }), values.length))).toEqual(values)
    },
  )
})
