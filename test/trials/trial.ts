import { KafkaClient } from '../../src/log/kafka/client'
import { Installation } from '../support/installation'
import { startKafka } from '../support/stack/kafka'
import type { Kafka, KafkaOptions } from '../support/stack/kafka'

/** A cluster of its own and an installation on it, for as long as they are used. */
export async function withInstallation(
  options: KafkaOptions & {
    readonly partitions: number
    readonly env?: Readonly<Record<string, string>>
  },
  use: (on: {
    readonly installation: Installation
    readonly kafka: Kafka
    readonly client: KafkaClient
  }) => Promise<void>,
): Promise<void> {
  const kafka = await startKafka(options)
  const { bootstrap } = kafka
  const client = await KafkaClient.open({ brokers: bootstrap.split(',') }, { tell: () => undefined })
  const { partitions, brokers: replication = 1, secured = false } = options
  const env = { ...(secured ? securedBy(kafka) : {}), ...options.env }
  const installation = new Installation(client, { bootstrap, partitions, replication, env })
  try {
    await use({ installation, kafka, client })
  } finally {
    await installation.close()
    await client.close()
    await kafka.stop()
  }
}

/** What lets the instances in where a password over TLS is asked for; the trial itself takes the open door. */
function securedBy({ security }: Kafka): Record<string, string> {
  return {
    ASSAY_BROKERS: security.saslTls,
    ASSAY_KAFKA_TLS: 'true',
    ASSAY_KAFKA_TLS_CA_FILE: security.caFile,
    ASSAY_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    ASSAY_KAFKA_USERNAME: security.username,
    ASSAY_KAFKA_PASSWORD: security.password,
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
