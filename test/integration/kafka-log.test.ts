import fetchResponse from 'kafkajs/src/protocol/requests/fetch/v11/response'
import { KafkaLog } from '../../src/log/kafka/kafka-log'
import type { KafkaClient } from '../../src/log/kafka/client'
import { KafkaLogReader } from '../../src/log/kafka/log-reader'
import { KafkaLogWriter, positionHeader } from '../../src/log/kafka/log-writer'
import { pieceHeader, piecesOf } from '../../src/log/kafka/pieces'
import { scanLog } from '../../src/log/kafka/scan-log'
import { SharedLog } from '../../src/log/kafka/shared-log'
import { TopicWriter } from '../../src/log/kafka/topic-writer'
import { maxMessageBytes } from '../../src/log/kafka/topics'
import { LogGapError } from '../../src/log/log-errors'
import { kafkaClient, newTopic } from '../support/kafka'
import { keepsThePromisesOfALog } from '../support/log-promises'
import { numberedRecord } from '../support/records'
import { shared } from '../support/stack/shared'

const config = { 'max.message.bytes': String(maxMessageBytes) }

let client: KafkaClient
beforeAll(async () => {
  client = await kafkaClient((await shared('kafka')).bootstrap)
}, 120_000)

const onFatal = (error: Error) => {
  throw error
}

describe('a log in a partition of Kafka', () => {
  let topic: string
  let partition = 0
  beforeAll(async () => {
    topic = await newTopic(client, { partitions: 40, config })
  })

  keepsThePromisesOfALog(
    () => KafkaLog.open(client, { topic, partition: partition++, nextPosition: 0, onFatal }),
    { runs: 20 },
  )
})

it('gives the notes of several writers to each of them in one order', async () => {
  const topic = await newTopic(client)
  const logs = [0, 1, 2].map(() => new SharedLog(client, { topic, partition: 0, onFatal }))
  const given: string[][] = logs.map(() => [])
  const note = (writer: number, text: string): Promise<void> =>
    logs[writer]!.append({ text }, (one) => given[writer]!.push((one as { text: string }).text))
  await Promise.all([note(0, 'a'), note(0, 'b'), note(1, 'c'), note(1, 'd')])
  await note(2, 'e')
  await Promise.all([note(0, 'f'), note(1, 'g')])
  await Promise.all([0, 1, 2].map((writer) => note(writer, 'h')))
  const orders = given.map((texts) => texts.slice(0, 7).join(''))
  expect(new Set(orders).size).toBe(1)
  expect(Array.from(orders[0]!).sort().join('')).toBe('abcdefg')
  expect(orders[0]).toMatch(/a.*b.*e/)
  await Promise.all(logs.map((log) => log.close()))
}, 120_000)

describe('writer and reader of a partition', () => {
  const open: { close(): Promise<void> }[] = []
  afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))

  function writer(topic: string, nextPosition = 0): KafkaLogWriter {
    const made = KafkaLogWriter.open(client, { topic, partition: 0, nextPosition })
    open.push(made)
    return made
  }

  async function reader(
    topic: string,
    {
      from = 0,
      bufferBytes,
      fatal = onFatal,
    }: { from?: number; bufferBytes?: number; fatal?: (error: Error) => void } = {},
  ): Promise<KafkaLogReader> {
    const made = await KafkaLogReader.open(client, {
      topic,
      partition: 0,
      from,
      onFatal: fatal,
      ...(bufferBytes !== undefined && { bufferBytes }),
    })
    open.push(made)
    return made
  }

  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => numberedRecord(from + index))

  async function readAll(from: KafkaLogReader, start: number, end: number): Promise<Uint8Array[]> {
    const records: Uint8Array[] = []
    for (let position = start; position < end; position = start + records.length) {
      expect(await from.waitFor(position, 10_000)).toBe(true)
      records.push(...(await from.read(position, 1 << 20)))
    }
    return records
  }

  it('gives each record once when a restarted writer appends its last records again', async () => {
    const topic = await newTopic(client)
    // offset     0 1 2 3 4 | 5 6 7 8 …
    // position   0 1 2 3 4 | 3 4 5 6 …
    await writer(topic).append(numbered(0, 5))
    await writer(topic, 3).append(numbered(3, 10))
    const read = await reader(topic)
    expect(await readAll(read, 0, 10)).toEqual(numbered(0, 10))
    expect(read.behind).toBe(0)
  })

  it('gives each record once when a writer believed dead goes on beside the one that took over', async () => {
    const topic = await newTopic(client)
    const dead = writer(topic)
    const heir = writer(topic)
    const read = await reader(topic)
    await dead.append(numbered(0, 3))
    await heir.append(numbered(0, 2))
    await dead.append(numbered(3, 6))
    await heir.append(numbered(2, 9))
    await dead.append(numbered(6, 8))
    await heir.append(numbered(9, 12))
    expect(await readAll(read, 0, 12)).toEqual(numbered(0, 12))
  })

  describe('where the writer is in the same process', () => {
    it('takes what was appended as it is, and fetches no more of it', async () => {
      const topic = await newTopic(client)
      const [write, read] = [writer(topic), await reader(topic)]
      const decode = jest.spyOn(fetchResponse, 'decode')
      const given: Uint8Array[] = []
      const records = Array.from({ length: 40 }, (_, index) => new Uint8Array(50_000).fill(index))
      for (const record of records) {
        await write.append([record])
        given.push(...(await read.read(given.length, 1 << 20)))
      }
      expect(Buffer.concat(given).equals(Buffer.concat(records))).toBe(true)
      expect(read.behind).toBe(0)
      const fetched = await Promise.all(
        decode.mock.results.map(({ value }) => value as ReturnType<typeof fetchResponse.decode>),
      )
      decode.mockRestore()
      const messages = fetched.flatMap(({ responses }) =>
        responses.flatMap(({ partitions }) => partitions.flatMap((partition) => partition.messages)),
      )
      // The first come before it is known that more follow; how many, is a matter of how busy the cores are.
      expect(messages.length).toBeLessThan(records.length / 2)
    })

    it('fetches what others appended in between, and gives all in the order of the topic', async () => {
      const topic = await newTopic(client)
      const other = await kafkaClient((await shared('kafka')).bootstrap)
      const writers = [client, other].map((one) => new TopicWriter(one, { topic, partition: 0 }))
      open.push(...writers)
      const log = { topic, partition: 0, from: 0, hasManyWriters: true, onFatal }
      const readers = [await KafkaLogReader.open(client, log), await KafkaLogReader.open(other, log)]
      open.push(...readers)
      for (let number = 0; number < 60; number++) {
        await writers[number % 7 === 3 ? 1 : 0]!.append([{ value: numberedRecord(number) }])
      }
      for (const read of readers) expect(await readAll(read, 0, 60)).toEqual(numbered(0, 60))
    })

    it('hears of others soon when nothing more is appended here', async () => {
      const topic = await newTopic(client)
      const [write, read] = [writer(topic), await reader(topic)]
      for (let number = 0; number < 5; number++) await write.append(numbered(number, number + 1))
      expect(await readAll(read, 0, 5)).toEqual(numbered(0, 5))
      const other = await kafkaClient((await shared('kafka')).bootstrap)
      const heir = KafkaLogWriter.open(other, { topic, partition: 0, nextPosition: 4 })
      open.push(heir)
      await heir.append(numbered(4, 8))
      expect(await read.waitFor(5, 3_000)).toBe(true)
      expect(await readAll(read, 5, 8)).toEqual(numbered(5, 8))
    })

    it('goes back to where it is asked to, and on from there', async () => {
      const topic = await newTopic(client)
      const [write, read] = [writer(topic), await reader(topic)]
      for (let number = 0; number < 5; number++) await write.append(numbered(number, number + 1))
      expect(await readAll(read, 0, 5)).toEqual(numbered(0, 5))
      read.goTo(1)
      await write.append(numbered(5, 7))
      expect(await readAll(read, 1, 7)).toEqual(numbered(1, 7))
      await write.append(numbered(7, 9))
      expect(await readAll(read, 7, 9)).toEqual(numbered(7, 9))
    })

    it('takes no more than its buffer holds, and fetches the rest when that is read', async () => {
      const topic = await newTopic(client, { config })
      const [write, read] = [writer(topic), await reader(topic, { bufferBytes: 2 << 20 })]
      for (let number = 0; number < 12; number++) await write.append([new Uint8Array(1 << 20).fill(number)])
      expect(read.end).toBeLessThanOrEqual(6)
      const records = await readAll(read, 0, 12)
      expect(records.map((record) => record[77])).toEqual(Array.from({ length: 12 }, (_, index) => index))
    })
  })

  it('begins at a position although repeats have moved it to a later offset', async () => {
    const topic = await newTopic(client)
    await writer(topic).append(numbered(0, 5))
    await writer(topic, 1).append(numbered(1, 10))
    const read = await reader(topic, { from: 7 })
    expect(await readAll(read, 7, 10)).toEqual(numbered(7, 10))
  })

  it('fails with what is missing where the log has a gap, and gives what lies before it', async () => {
    const topic = await newTopic(client)
    const fatal = jest.fn()
    await writer(topic).append(numbered(0, 4))
    await writer(topic, 6).append(numbered(6, 8))
    const read = await reader(topic, { fatal })
    expect(await readAll(read, 0, 4)).toEqual(numbered(0, 4))
    await expect(read.waitFor(4, 10_000)).rejects.toThrow(
      `log gap in ${topic}[0]: record 4 was expected, 6 came; 2 records are lost`,
    )
    await expect(read.read(4, 1)).rejects.toThrow(LogGapError)
    expect(fatal).toHaveBeenCalledTimes(1)
  })

  it('says what was lost when retention has passed the position', async () => {
    const topic = await newTopic(client)
    await writer(topic).append(numbered(0, 10))
    // kafkajs finds the leader of a topic only when it was asked for something else before.
    await client.offsets(topic)
    const admin = await client.admin()
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] })
    const fatal = jest.fn()
    const read = await reader(topic, { from: 2, fatal })
    await expect(read.waitFor(2, 10_000)).rejects.toThrow('record 2 was expected, 6 came; 4 records are lost')
    const behind = await reader(topic, { from: 6 })
    expect(await readAll(behind, 6, 10)).toEqual(numbered(6, 10))
  })

  it('refuses a position that the log has never reached, as after a checkpoint of another log', async () => {
    const topic = await newTopic(client)
    await writer(topic).append(numbered(0, 3))
    await expect(reader(topic, { from: 4 })).rejects.toThrow('can be read from 0 to 3, not from 4')
  })

  it('fails at a record of somebody else, since it has no position', async () => {
    const topic = await newTopic(client)
    const producer = client.kafka.producer({ createPartitioner: () => () => 0 })
    await producer.connect()
    await producer.send({ topic, messages: [{ value: 'hello' }] })
    await producer.disconnect()
    const fatal = jest.fn()
    const read = await reader(topic, { fatal })
    await expect(read.waitFor(0, 10_000)).rejects.toThrow('was not written by assay')
    expect(fatal).toHaveBeenCalledTimes(1)
  })

  it('says that it is over when the client has given up, and does not wait for ever', async () => {
    const topic = await newTopic(client)
    const fatal = jest.fn()
    const read = await reader(topic, { fatal })
    // What kafkajs takes for a bug of its own ends its consumer.
    const decode = jest.spyOn(fetchResponse, 'decode').mockRejectedValue(new TypeError('broken'))
    await expect(read.waitFor(0, 10_000)).rejects.toThrow('broken')
    decode.mockRestore()
    expect(fatal).toHaveBeenCalledTimes(1)
    await expect(read.read(0, 1)).rejects.toThrow('broken')
  })

  it('lets who waits go on when it is woken or closed', async () => {
    const topic = await newTopic(client)
    const read = await reader(topic)
    const woken = read.waitFor(0, 10_000)
    read.wake()
    expect(await woken).toBe(false)
    const closed = expect(read.waitFor(0, 10_000)).rejects.toThrow('is closed')
    await read.close()
    await closed
  })

  it('reads no further ahead than its buffer, goes on when that is read, and stays in its group meanwhile', async () => {
    const topic = await newTopic(client, { config })
    const megabyte = (number: number) => new Uint8Array(1 << 20).fill(number)
    const write = writer(topic)
    for (let number = 0; number < 30; number++) await write.append([megabyte(number)])
    const read = await reader(topic, { bufferBytes: 2 << 20 })
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(read.end).toBeGreaterThanOrEqual(2)
    // The buffer, and what one fetch brings.
    expect(read.end).toBeLessThanOrEqual(6)
    for (let position = 0; position < 30; position++) {
      expect(await read.waitFor(position, 10_000)).toBe(true)
      const [record] = await read.read(position, 0)
      expect(record!.length).toBe(1 << 20)
      expect(record![77]).toBe(position)
    }
  })

  it('takes records that no message holds, and begins one again that its writer had not finished', async () => {
    const topic = await newTopic(client, { config })
    const large = new Uint8Array(2 * maxMessageBytes).map((_, index) => index % 253)
    const [first, second] = piecesOf(large)
    const half = new TopicWriter(client, { topic, partition: 0 })
    await half.append(
      [first!, second!].map(({ value, place }) => ({
        value,
        headers: { [positionHeader]: '0', [pieceHeader]: place! },
      })),
    )
    await half.close()
    const write = writer(topic)
    await write.append([large, numberedRecord(1)])
    const records = await readAll(await reader(topic), 0, 2)
    expect(records.map(({ length }) => length)).toEqual([large.length, numberedRecord(1).length])
    expect(Buffer.compare(records[0]!, large)).toBe(0)
    const scanned: Uint8Array[] = []
    await scanLog(client, topic, (record) => void scanned.push(record))
    expect(scanned.map(({ length }) => length)).toEqual([large.length, numberedRecord(1).length])
  })

  it('refuses a message that no topic takes before anything is sent', async () => {
    const topic = await newTopic(client, { config })
    const write = new TopicWriter(client, { topic, partition: 0 })
    await expect(
      write.append([{ value: numberedRecord(0) }, { value: new Uint8Array(maxMessageBytes) }]),
    ).rejects.toThrow('nothing of the append was sent')
    await write.append([{ value: numberedRecord(0) }])
    await write.close()
    expect(await client.offsetsOf({ topic, partition: 0 })).toEqual({ low: 0, high: 1 })
  })

  it('stops with what to do when the topic takes fewer bytes than a record has', async () => {
    const topic = await newTopic(client, { config: { 'max.message.bytes': '1000000' } })
    const write = writer(topic)
    await expect(write.append([new Uint8Array(2_000_000)])).rejects.toThrow(
      `set max.message.bytes of the topic to ${maxMessageBytes}`,
    )
    await expect(write.append([numberedRecord(0)])).rejects.toThrow('max.message.bytes')
  })

  it('gives up with a reason when the topic does not come to be there', async () => {
    const write = KafkaLogWriter.open(client, {
      topic: 'test.nowhere',
      partition: 0,
      nextPosition: 0,
      giveUpAfterMs: 50,
    })
    open.push(write)
    await expect(write.append([numberedRecord(0)])).rejects.toThrow('were not acknowledged within 0.05 s')
  })

  it('reads compressed what was appended compressed', async () => {
    const topic = await newTopic(client)
    const write = KafkaLogWriter.open(client, { topic, partition: 0, nextPosition: 0, compression: 'gzip' })
    open.push(write)
    await write.append(numbered(0, 300))
    expect(await readAll(await reader(topic), 0, 300)).toEqual(numbered(0, 300))
  })
})
