import { randomUUID } from 'node:crypto'
import { KafkaClient } from '../../src/log/kafka/client'
import { ensureTopics } from '../../src/log/kafka/topics'

const clients: KafkaClient[] = []
afterAll(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

/** A client of these brokers, closed at the end of the test file; what it tells goes into `told`. */
export async function kafkaClient(bootstrap: string, told: string[] = []): Promise<KafkaClient> {
  const client = await KafkaClient.open(
    { brokers: bootstrap.split(',') },
    {
      tell: (sentence) => told.push(sentence),
    },
  )
  clients.push(client)
  return client
}

/** A topic that no other test has. */
export async function newTopic(
  client: KafkaClient,
  {
    partitions = 1,
    replicationFactor = 1,
    config = {},
  }: { partitions?: number; replicationFactor?: number; config?: Record<string, string> } = {},
): Promise<string> {
  const topic = `test.${randomUUID()}`
  const { differences } = await ensureTopics(client, [{ topic, partitions, replicationFactor, config }])
  if (differences.length > 0) throw new Error(JSON.stringify(differences))
  return topic
}
