import { randomUUID } from 'node:crypto'
import type { KafkaClient } from '../../src/log/kafka/client'
import { checkTopics, durable, ensureTopics, type WantedTopic } from '../../src/log/kafka/topics'
import { kafkaClient } from '../support/kafka'
import { shared } from '../support/stack/shared'

let client: KafkaClient
beforeAll(async () => {
  client = await kafkaClient((await shared('kafka')).bootstrap)
}, 120_000)

function wanted(changes: Partial<WantedTopic> = {}): WantedTopic {
  return {
    topic: `test.${randomUUID()}`,
    partitions: 3,
    replicationFactor: 1,
    config: {
      ...durable(1),
      'retention.ms': '-1',
      'max.message.bytes': '8388608',
      'cleanup.policy': 'delete',
    },
    ...changes,
  }
}

describe('topics', () => {
  it('are created as wanted when they are missing, and then nothing differs', async () => {
    const topic = wanted()
    expect(await checkTopics(client, [topic])).toMatchObject([
      { topic: topic.topic, setting: 'topic', found: 'no such topic' },
    ])
    expect(await ensureTopics(client, [topic])).toEqual({ created: [topic.topic], differences: [] })
    expect(await ensureTopics(client, [topic])).toEqual({ created: [], differences: [] })
  })

  it('that are there are left as they are, and each difference is told with what comes of it', async () => {
    const { topic } = wanted()
    await ensureTopics(client, [
      wanted({ topic, config: { 'retention.ms': '1000', 'cleanup.policy': 'compact' } }),
    ])
    const { created, differences } = await ensureTopics(client, [
      wanted({ topic, partitions: 4, config: { ...wanted().config, ...durable(3), 'retention.ms': '2000' } }),
    ])
    expect(created).toEqual([])
    expect(differences.map(({ setting, expected, found }) => [setting, expected, found])).toEqual([
      ['partitions', '4', '3'],
      ['min.insync.replicas', '2', '1'],
      ['retention.ms', '2000', '1000'],
      ['max.message.bytes', '8388608', '1048588'],
      ['cleanup.policy', 'delete', 'compact'],
    ])
    expect(differences[0]!.harm).toContain('a partition where its history is not')
  })

  it('may have more than is wanted where more does no harm', async () => {
    const { topic } = wanted()
    await ensureTopics(client, [
      wanted({ topic, config: { 'retention.ms': '-1', 'max.message.bytes': '9000000' } }),
    ])
    const less = wanted({ topic, config: { 'retention.ms': '1000', 'max.message.bytes': '8388608' } })
    expect(await checkTopics(client, [less])).toEqual([])
    const [tooLong] = await checkTopics(client, [{ ...less, isPersonal: true }])
    expect(tooLong).toMatchObject({ setting: 'retention.ms', expected: '1000', found: '-1' })
    expect(tooLong!.harm).toContain('kept for longer')
  })

  it('that cannot be created are told, with the reason of the brokers, beside those that can', async () => {
    const impossible = wanted({ replicationFactor: 3 })
    const good = wanted()
    const { created, differences } = await ensureTopics(client, [impossible, good])
    expect(created).toEqual([good.topic])
    expect(differences).toHaveLength(1)
    expect(differences[0]).toMatchObject({
      topic: impossible.topic,
      setting: 'topic',
      expected: '3 partitions with 3 replicas',
    })
    expect(differences[0]!.found).toMatch(/could not be created: .*replication/i)
  })

  it('are waited for when a broker has not heard yet of what another one has just created', async () => {
    const real = await client.admin()
    const fetched = jest.spyOn(real, 'fetchTopicMetadata')
    for (let times = 0; times < 3; times++) {
      fetched.mockRejectedValueOnce(new Error('This server does not host this topic-partition'))
    }
    const topic = wanted()
    expect(await ensureTopics(client, [topic])).toEqual({ created: [topic.topic], differences: [] })
    expect(fetched.mock.calls.length).toBeGreaterThan(3)
    fetched.mockRestore()
  })
})
