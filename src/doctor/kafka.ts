import { once } from 'node:events'
import { connect } from 'node:net'
import { advertisedBrokers } from '../log/kafka/advertised'
import { KafkaClient, reasonOf } from '../log/kafka/client'
import { connectionFault } from '../log/kafka/connection-fault'
import type { ConnectionFault } from '../log/kafka/connection-fault'
import { checkTopics, describeTopic, refusalOf } from '../log/kafka/topics'
import type { TopicDescription, TopicDifference } from '../log/kafka/topics'
import { wantedTopics } from '../service/installation'
import { kafkaClientSettings } from '../settings/kafka-client-settings'
import type { ServiceSettings } from '../settings/service-settings'
import { fine, unreachable, warning, wrong } from './finding'
import type { Finding, Report } from './finding'

type KafkaSetup = Pick<ServiceSettings, 'kafka' | 'retention'>

/** Whether brokers answer and let us in, whether what they call themselves can be reached, and how the topics are. */
export async function checkKafka({ kafka, retention }: KafkaSetup, report: Report): Promise<void> {
  if (kafka.brokers.length === 0) {
    const check = 'kafka.broker'
    report(wrong({ check, found: 'none', expected: 'kafka.brokers (ASSAY_BROKERS)', advice: 'name some' }))
    return
  }
  const answering = await checkBrokers(kafka.brokers, report)
  if (answering.length === 0) return
  const { settings, env } = kafkaClientSettings({ ...kafka, brokers: answering })
  const client = await KafkaClient.open(settings, { tell: () => undefined, env, givesUpSoon: true })
  try {
    const advertised = await login(client, { answering, report })
    if (advertised === undefined) return
    const others = advertised.filter((broker) => !answering.includes(broker))
    // What a client that lacks one of its brokers finds out about topics depends on chance.
    if (!(await checkAdvertised(others, report))) return
    await Promise.all([
      checkOwnTopics(client, { kafka, retention }, report),
      checkRawTopics(client, { kafka }, report),
    ])
  } finally {
    await client.close()
  }
}

/** Those that take connections. As long as one does, the others are no more than a warning. */
async function checkBrokers(brokers: readonly string[], report: Report): Promise<string[]> {
  const refusals = await Promise.all(brokers.map(refusalOfConnection))
  const answering = brokers.filter((_, index) => refusals[index] === undefined)
  for (const [index, broker] of brokers.entries()) {
    const refusal = refusals[index]
    const seen = { check: 'kafka.broker', of: broker }
    if (refusal === undefined) {
      report(fine({ ...seen, found: 'it takes connections' }))
      continue
    }
    const found = { ...seen, found: refusal, expected: 'a broker that takes connections' }
    report(
      answering.length > 0
        ? warning({
            ...found,
            advice: 'a start has one broker less to begin with; see that it runs, or name another',
          })
        : unreachable({
            ...found,
            advice: 'nothing can be read; see that it runs, the address and the firewall',
          }),
    )
  }
  return answering
}

/** Why nobody takes a connection there; undefined where somebody does. */
async function refusalOfConnection(broker: string): Promise<string | undefined> {
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(broker) ?? []
  const socket = connect({ host, port: Number(port) })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectMs) })
    return undefined
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException
    return name === 'AbortError'
      ? `no answer within ${connectMs / 1000} s`
      : `no connection (${code ?? name})`
  } finally {
    socket.destroy()
  }
}

/** What the brokers call themselves, once they have let us in. */
async function login(
  client: KafkaClient,
  { answering, report }: { readonly answering: readonly string[]; readonly report: Report },
): Promise<readonly string[] | undefined> {
  const check = 'kafka.login'
  try {
    const brokers = await advertisedBrokers(client, answering)
    report(fine({ check, found: 'they let us in' }))
    return brokers
  } catch (error) {
    const fault = connectionFault(error)
    const seen = { check, of: fault, found: loginFound(fault, error), ...loginAdvice[fault] }
    report(fault === 'address' ? unreachable(seen) : wrong(seen))
    return undefined
  }
}

function loginFound(fault: ConnectionFault, error: unknown): string {
  const reason = reasonOf(error)
  return fault === 'address' ? `nothing that a broker would say (${reason})` : reason
}

const loginAdvice: Readonly<Record<ConnectionFault, { readonly expected: string; readonly advice: string }>> =
  {
    address: {
      expected: 'an answer of a broker',
      advice:
        'somebody takes connections there and does not answer as a broker; see that it is one, and not overloaded',
    },
    encryption: {
      expected: 'an encrypted connection that both sides trust',
      advice:
        'see kafka.tls: caFile must hold who signed the certificate of the brokers, certFile and keyFile what they ask of us; a listener without TLS needs enabled: false',
    },
    credentials: {
      expected: 'a name and a password that the brokers know',
      advice: 'see kafka.sasl: mechanism, username and password',
    },
    protocol: {
      expected: 'an answer of a broker',
      advice: 'it hangs up on us: it may want TLS (kafka.tls), a password (kafka.sasl), or neither',
    },
  }

/** A client goes on with the addresses that brokers give for themselves; whether all of them can be reached. */
async function checkAdvertised(brokers: readonly string[], report: Report): Promise<boolean> {
  const refusals = await Promise.all(brokers.map(refusalOfConnection))
  refusals.forEach((refusal, index) => {
    if (refusal === undefined) return
    report(
      unreachable({
        check: 'kafka.advertised',
        of: brokers[index]!,
        found: refusal,
        expected: 'an address that can be reached from here',
        advice:
          'the cluster names this address for one of its brokers; see that it runs, and its advertised.listeners; topics are looked at when it answers',
      }),
    )
  })
  return refusals.every((refusal) => refusal === undefined)
}

async function checkOwnTopics(client: KafkaClient, setup: KafkaSetup, report: Report): Promise<void> {
  const wanted = wantedTopics(setup)
  const differences = await checkTopics(client, wanted)
  for (const topic of wanted) {
    const own = differences.filter((difference) => difference.topic === topic.topic)
    if (own.length === 0) report(fine({ check: 'topic', of: topic.topic, found: 'as it should be' }))
    for (const difference of own) {
      if (difference.setting !== 'topic') report(differenceFinding(difference, setup))
      else report(missingFinding(difference, await refusalOf(client, topic)))
    }
  }
}

/** The service makes its topics at its first start, if it may. */
function missingFinding({ topic, expected }: TopicDifference, refusal: string | undefined): Finding {
  const seen = { check: 'topic', of: topic, expected }
  if (refusal === undefined) return fine({ ...seen, found: 'not there yet; the first start makes it' })
  return wrong({
    ...seen,
    found: `not there, and ${refusal}`,
    advice:
      'no instance starts without it; set kafka.replication (ASSAY_KAFKA_REPLICATION) to what the cluster can keep, allow us to create topics, or make it by hand',
  })
}

/** What only matters once a broker dies is a warning. */
function differenceFinding(
  { topic, setting, expected, found, harm }: TopicDifference,
  { kafka }: KafkaSetup,
): Finding {
  const seen = { check: `topic.${setting}`, of: topic, found, expected }
  const isLesser = lesserSettings.includes(setting)
  const isPublished = [kafka.verdictsTopic, kafka.correctionsTopic].includes(topic)
  const advice = `${harm}; ${mending({ setting, topic, expected, isPublished })}`
  return isLesser ? warning({ ...seen, advice }) : wrong({ ...seen, advice })
}

const lesserSettings = ['replication.factor', 'min.insync.replicas', 'unclean.leader.election.enable']

function mending({
  setting,
  topic,
  expected,
  isPublished,
}: Pick<TopicDifference, 'setting' | 'topic' | 'expected'> & { readonly isPublished: boolean }): string {
  switch (setting) {
    case 'partitions':
      return isPublished
        ? 'set kafka.partitions (ASSAY_KAFKA_PARTITIONS) to what is there'
        : 'stop every instance and remove the topic, if it holds nothing that is needed; the next start makes it'
    case 'replication.factor':
      return 'kafka-reassign-partitions.sh adds replicas'
    case 'settings':
      return 'allow us to describe the topic and its settings'
    default:
      return `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config ${setting}=${expected}`
  }
}

async function checkRawTopics(
  client: KafkaClient,
  { kafka }: Pick<KafkaSetup, 'kafka'>,
  report: Report,
): Promise<void> {
  const settings = ['retention.ms', 'message.timestamp.type']
  await Promise.all(
    Object.keys(kafka.topics).map(async (topic) => {
      try {
        rawFindings(topic, await describeTopic(client, topic, settings)).forEach(report)
      } catch (error) {
        const found = `it could not be asked for (${reasonOf(error)})`
        const advice =
          'what it keeps, and for how long, is not checked; allow us to describe it and its settings'
        report(warning({ check: 'raw', of: topic, found, advice }))
      }
    }),
  )
}

function rawFindings(of: string, description: TopicDescription | undefined): Finding[] {
  if (description === undefined) {
    const advice =
      'no instance starts without it; make it, allow us to describe it, or leave it out of kafka.topics (ASSAY_KAFKA_TOPICS) where nobody writes it'
    return [
      wrong({ check: 'raw', of, found: 'no such topic', expected: 'a topic that producers write', advice }),
    ]
  }
  const { partitions, config } = description
  const retentionMs = Number(config.get('retention.ms') ?? -1)
  const findings = [fine({ check: 'raw', of, found: `${partitions} partitions` })]
  if (retentionMs >= 0 && retentionMs < dayMs) {
    findings.push(
      warning({
        check: 'raw.retention.ms',
        of,
        found: `${(retentionMs / 3_600_000).toFixed(1)} h`,
        expected: 'a day or more',
        advice:
          'events are lost, and their partition is read no more, when nobody reads it for so long; keep them longer',
      }),
    )
  }
  if (config.get('message.timestamp.type') === 'CreateTime') {
    findings.push(
      fine({
        check: 'raw.message.timestamp.type',
        of,
        found: 'CreateTime',
        advice:
          'a producer whose clock is ahead is believed, and can make the events of others late; with LogAppendTime its events become dead letters',
      }),
    )
  }
  return findings
}

const connectMs = 2_000
const dayMs = 86_400_000
