import type { FeedbackPlace } from '../ingest/row'
import { deadLetterTopics } from '../log/kafka/dead-letter-topic'
import { durable, maxMessageBytes } from '../log/kafka/topics'
import type { WantedTopic } from '../log/kafka/topics'
import { innerLogs, lineOutputs, viewNames } from '../runtime/stages'
import type { LogName } from '../runtime/stages'
import type { ServiceSettings, TopicKind } from '../settings/service-settings'

/** What the instances share out beside raw partitions: each is a partition of the control topic, by its place here. */
export const tasks = [...viewNames, 'publish'] as const
export type TaskName = (typeof tasks)[number]

/**
 * What each task costs, in the same order, where reading all raw partitions costs 1: measured, see `test/trials`. Only
 * the balance between the instances depends on it.
 */
export const taskShares: readonly number[] = [0.6, 1.1, 1.05, 0.2, 2.7, 0.15, 0.15]

/** The topics of one installation. */
export interface Topics {
  /** Its partitions are the tasks; it never holds a record. */
  readonly control: string
  readonly deadLetters: string
  readonly verdicts: string
  readonly corrections: string
  /** Policies that take over from the one that the service was started with. */
  readonly policies: string
  /** What the registry said of schemas, and from where on it counts. */
  readonly schemas: string
  /** The topic of a log that the views share; it has one partition. */
  log(name: LogName): string
}

export function topicsOf({ kafka }: Pick<ServiceSettings, 'kafka'>): Topics {
  const { topicPrefix, verdictsTopic, correctionsTopic } = kafka
  return {
    control: `${topicPrefix}tasks`,
    deadLetters: deadLetterTopics(kafka).deadLetters,
    verdicts: verdictsTopic,
    corrections: correctionsTopic,
    policies: `${topicPrefix}policies`,
    schemas: `${topicPrefix}schemas`,
    log: (name) => `${topicPrefix}${name}`,
  }
}

/** The topics that are read, and what each carries: those of the settings, and the one of policies. */
export function rawTopicsOf(
  settings: Pick<ServiceSettings, 'kafka'>,
): Readonly<Record<string, TopicKind | 'policy'>> {
  return { ...settings.kafka.topics, [topicsOf(settings).policies]: 'policy' }
}

/**
 * Whether a raw topic may rule on verdicts: the brokers say who may write to a topic, and no record who wrote it. Where a topic
 * is set for feedback, no other has any; without one it may lie in a mixed topic, which was set for records of all kinds.
 */
export function feedbackPlaceOf(settings: Pick<ServiceSettings, 'kafka'>, topic: string): FeedbackPlace {
  const { topics } = settings.kafka
  if (topics[topic] === 'feedback') return 'alone'
  return topics[topic] === 'mixed' && !Object.values(topics).includes('feedback') ? 'among-others' : 'none'
}

/** The topics that assay makes for itself, and as what it expects them. */
export function wantedTopics(settings: Pick<ServiceSettings, 'kafka' | 'retention'>): readonly WantedTopic[] {
  const { replication, partitions } = settings.kafka
  const { eventsDays, deadLettersDays, verdictsDays } = settings.retention
  const topics = topicsOf(settings)
  const wanted = (topic: string, count: number, config: Record<string, string>): WantedTopic => ({
    topic,
    partitions: count,
    replicationFactor: replication,
    config: { ...durable(replication), ...config },
    isPersonal: true,
  })
  const large = { 'max.message.bytes': String(maxMessageBytes) }
  const keptFor = (days: number | undefined): Record<string, string> => ({
    'retention.ms': days === undefined ? '-1' : String(days * 86_400_000),
    'retention.bytes': '-1',
    'cleanup.policy': 'delete',
  })
  // What was decided answers an appeal months later, and the served copy is built anew from it.
  const kept = keptFor(verdictsDays)
  const inner = keptFor(eventsDays)
  return [
    wanted(topics.control, tasks.length, {}),
    ...['events' as const, ...innerLogs].map((name) => wanted(topics.log(name), 1, { ...inner, ...large })),
    ...lineOutputs.map((name) => wanted(topics.log(name), 1, { ...kept, ...large })),
    wanted(topics.deadLetters, 1, { ...keptFor(deadLettersDays), ...large }),
    // A record that is read again finds what was said of its schema, for as long as the views may go back to it.
    wanted(topics.schemas, 1, { ...inner, ...large }),
    // Its records are activated by people, one after the other, and an audit asks for them years later.
    wanted(topics.policies, 1, kept),
    wanted(topics.verdicts, partitions, { ...kept, ...large }),
    wanted(topics.corrections, partitions, { 'cleanup.policy': 'compact' }),
  ]
}
