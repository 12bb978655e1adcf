import { KafkaLogReader } from '../../src/log/kafka/log-reader'
import { KafkaLogWriter } from '../../src/log/kafka/log-writer'
import { durable } from '../../src/log/kafka/topics'
import { RawReader, type Assignment } from '../../src/log/kafka/raw-reader'
import { kafkaClient, newTopic } from '../support/kafka'
import { numberedRecord } from '../support/records'
import { startKafka, type Kafka } from '../support/stack/kafka'
import { until } from '../support/waiting'

const running: Kafka[] = []
afterAll(() => Promise.all(running.map((kafka) => kafka.stop())))

async function newKafka(brokers: 1 | 3): Promise<Kafka> {
  const kafka = await startKafka({ brokers })
  running.push(kafka)
  return kafka
}

const onFatal = (error: Error) => {
  throw error
}

describe('three brokers of which one after the other is killed', () => {
  it('give every record of a log once and in order, and every raw message', async () => {
    const kafka = await newKafka(3)
    const told: string[] = []
    const client = await kafkaClient(kafka.bootstrap, told)
    const topic = await newTopic(client, { partitions: 3, replicationFactor: 3, config: durable(3) })
    const control = await newTopic(client, { replicationFactor: 3 })
    const rawOffsets = [0, 0, 0]
    const current: { raw?: RawReader } = {}
    let assignment: Assignment | undefined
    // As a service does that goes on from what it holds in memory.
    const start = () => {
      const { generation, raw: owned } = assignment!
      for (const partition of owned) {
        current.raw?.start({ ...partition, generation, offset: rawOffsets[partition.partition]! })
      }
    }
    const raw = await RawReader.open(client, {
      groupId: topic,
      rawTopics: [topic],
      controlTopic: control,
      taskShares: [],
      onAssignment: (assigned) => {
        assignment = assigned
        start()
      },
      onRebalancing: () => undefined,
      onGap: (gap) => {
        throw new Error(JSON.stringify(gap))
      },
      onFatal,
    })
    current.raw = raw
    start()

    const writers = [0, 1, 2].map((partition) =>
      KafkaLogWriter.open(client, { topic, partition, nextPosition: 0 }),
    )
    const readers = await Promise.all(
      [0, 1, 2].map((partition) => KafkaLogReader.open(client, { topic, partition, from: 0, onFatal })),
    )
    let isOver = false
    const writing = writers.map(async (writer) => {
      while (!isOver) {
        await writer.append(Array.from({ length: 5 }, (_, index) => numberedRecord(writer.end + index)))
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    })
    const progress = async () => {
      const before = writers.map(({ end }) => end)
      const deadlineMs = performance.now() + 60_000
      while (writers.some(({ end }, index) => end < before[index]! + 50)) {
        if (performance.now() > deadlineMs) throw new Error(`no progress: ${told.slice(-5).join('\n')}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    for (const broker of [1, 2, 3]) {
      await progress()
      await kafka.kill(broker)
      await progress()
      await kafka.restart(broker)
    }
    await progress()
    isOver = true
    await Promise.all(writing)

    for (const [partition, reader] of readers.entries()) {
      const { end } = writers[partition]!
      let position = 0
      while (position < end) {
        expect(await reader.waitFor(position, 60_000)).toBe(true)
        for (const record of await reader.read(position, 1 << 20)) {
          expect(Buffer.compare(record, numberedRecord(position++))).toBe(0)
        }
      }
      // Everything is there, and whatever the reader has beyond would be a record that nobody wrote.
      expect(position).toBe(end)
      expect(reader.end).toBe(end)
    }

    const ends = await client.offsets(topic)
    const seen = new Map([0, 1, 2].map((partition) => [partition, 0]))
    const deadlineMs = performance.now() + 60_000
    while ([...ends].some(([partition, { high }]) => rawOffsets[partition]! < high)) {
      expect(performance.now()).toBeLessThan(deadlineMs)
      const batches = assignment!.raw.flatMap((owned) => raw.nextOf(owned) ?? [])
      if (batches.length === 0) await raw.waitForMore(1_000)
      for (const { partition, messages, nextOffset } of batches) {
        for (const { position } of messages) {
          expect(position).toBe(seen.get(partition))
          seen.set(partition, position + 1)
        }
        rawOffsets[partition] = nextOffset
      }
    }
    await Promise.all([...writers, ...readers, raw].map((one) => one.close()))
  }, 240_000)
})

describe('a broker that stands still', () => {
  it('gets records again whose answer did not come, and readers still see each once', async () => {
    const kafka = await newKafka(1)
    const told: string[] = []
    const client = await kafkaClient(kafka.bootstrap, told)
    const topic = await newTopic(client)
    const writer = KafkaLogWriter.open(client, { topic, partition: 0, nextPosition: 0 })
    await writer.append([numberedRecord(0)])
    await kafka.pause()
    const appending = writer.append([1, 2, 3].map(numberedRecord))
    // An answer is awaited for 15 s; then the same is sent once more, and the broker finds both.
    const gaveUp = (sentence: string) => sentence.includes('Produce') && sentence.includes('timed out')
    await until(() => told.some(gaveUp), 'the writer should have given up waiting')
    kafka.resume()
    await appending
    await writer.append([numberedRecord(4)])
    const { high } = await client.offsetsOf({ topic, partition: 0 })
    expect(high).toBeGreaterThan(5)

    const reader = await KafkaLogReader.open(client, { topic, partition: 0, from: 0, onFatal })
    expect(await reader.waitFor(4, 10_000)).toBe(true)
    expect(await reader.read(0, 1 << 20)).toEqual([0, 1, 2, 3, 4].map(numberedRecord))
    await writer.close()
    await reader.close()
  }, 120_000)
})
