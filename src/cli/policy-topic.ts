import { KafkaClient } from '../log/kafka/client'
import { scanTopic } from '../log/kafka/scan-topic'
import { TopicWriter } from '../log/kafka/topic-writer'
import { UsageError } from '../model/errors'
import { topicsOf } from '../service/installation'
import { kafkaClientSettings } from '../settings/kafka-client-settings'
import { loadSettings } from '../settings/load-settings'
import { tell } from './tell'

/** Opens the topic of policies for one use, and gives its name. Loaded only where it is wanted: it brings a client along. */
export async function policyTopic(
  {
    brokers,
    settings: file,
  }: { readonly brokers: string | undefined; readonly settings: string | undefined },
  use: (topic: {
    /** The records that are there, as JSON. */
    readonly known: readonly string[]
    readonly append: (json: string) => Promise<void>
  }) => Promise<void>,
): Promise<string> {
  if (brokers?.trim() === '') throw new UsageError('--brokers should name brokers, such as localhost:9092')
  const env = { ...process.env, ...(brokers === undefined ? {} : { ASSAY_BROKERS: brokers }) }
  const { kafka } = loadSettings(file, env)
  const topic = topicsOf({ kafka }).policies
  const { settings, env: secrets } = kafkaClientSettings(kafka)
  const client = await KafkaClient.open(settings, { tell, env: secrets })
  const writer = new TopicWriter(client, { topic, partition: 0 })
  try {
    const known: string[] = []
    await scanTopic(client, topic, ({ value }) => {
      if (value !== null) known.push(Buffer.from(value).toString('utf8'))
    })
    await use({ known, append: (json) => writer.append([{ value: Buffer.from(json) }]) })
    return topic
  } finally {
    await writer.close()
    await client.close()
  }
}
