import { audit } from '../audit/audit'
import type { AuditOptions, AuditReport } from '../audit/audit'
import type { DeriveOptions } from '../audit/derive'
import { deriveFromTopic, linesOfTopic } from '../audit/topics'
import { KafkaClient } from '../log/kafka/client'
import { topicsOf } from '../service/installation'
import { kafkaClientSettings } from '../settings/kafka-client-settings'
import { loadSettings } from '../settings/load-settings'
import { readInputOptions } from './inputs'
import type { InputOptions } from './inputs'
import { tell } from './tell'

/** Audits the topics of the service: the verdicts of the decide view, their chain and the event log. */
export async function auditTopics(
  options: InputOptions & { readonly brokers?: string; readonly settings?: string },
  asked: Pick<AuditOptions, 'ids' | 'head'>,
  settings: Pick<DeriveOptions, 'isThreaded' | 'onProgress'>,
): Promise<AuditReport> {
  const { brokers } = options
  const env = { ...process.env, ...(brokers === undefined ? {} : { ASSAY_BROKERS: brokers }) }
  const service = loadSettings(options.settings, env)
  const policy = options.policy ?? service.policyFile
  const keyFile = options.keyFile ?? service.keyFile
  const input = readInputOptions({
    ...(policy === undefined ? {} : { policy }),
    ...(keyFile === undefined ? {} : { keyFile }),
  })
  const topics = topicsOf(service)
  const { settings: clientSettings, env: secrets } = kafkaClientSettings(service.kafka)
  const client = await KafkaClient.open(clientSettings, { tell, env: secrets })
  try {
    return await audit({
      ...asked,
      verdicts: linesOfTopic(client, topics.log('verdicts')),
      chain: linesOfTopic(client, topics.log('chain')),
      derive: deriveFromTopic(client, topics.log('events'), { ...input, ...settings }),
    })
  } finally {
    await client.close()
  }
}
