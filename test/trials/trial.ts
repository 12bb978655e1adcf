import { KafkaClient } from '../../src/log/kafka/client'
import { Installation } from '../support/installation'
import { startKafka } from '../support/stack/kafka'
import type { Kafka, KafkaOptions } from '../support/stack/kafka'

/** A cluster of its own and an installation on it, for as long as they are used. */
export async function withInstallation(
  options: KafkaOptions & { readonly partitions: number },
  use: (on: {
    readonly installation: Installation
    readonly kafka: Kafka
    readonly client: KafkaClient
  }) => Promise<void>,
): Promise<void> {
  const kafka = await startKafka(options)
  const { bootstrap } = kafka
  const client = await KafkaClient.open({ brokers: bootstrap.split(',') }, { tell: () => undefined })
  const { partitions, brokers: replication = 1 } = options
  const installation = new Installation(client, { bootstrap, partitions, replication })
  try {
    await use({ installation, kafka, client })
  } finally {
    await installation.close()
    await client.close()
    await kafka.stop()
  }
}

/** Runs a trial as the whole work of this process. */
export function runTrial(trial: () => Promise<void>): void {
  void trial().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String((error as Error).stack)}\n`)
      process.exit(1)
    },
  )
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
