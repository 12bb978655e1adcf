import { ConfigResourceTypes, type Admin } from 'kafkajs'
import { setTimeout as pause } from 'node:timers/promises'
import { reasonOf, rootOf, type KafkaClient } from './client'

/** Largest batch that our own topics take; a block is some 60 kB, and one of a burst must fit as well. */
export const maxMessageBytes = 8 << 20

export interface WantedTopic {
  readonly topic: string
  readonly partitions: number
  readonly replicationFactor: number
  /** Settings of the topic, by the names and in the words of Kafka. */
  readonly config: Readonly<Record<string, string>>
  /** It holds what persons did or wrote, and must not be kept for longer than wanted either. */
  readonly isPersonal?: boolean
}

/** One thing about a topic that is not as it should be, and what comes of it. */
export interface TopicDifference {
  readonly topic: string
  readonly setting: string
  readonly expected: string
  readonly found: string
  readonly harm: string
}

/**
 * Settings that keep what was acknowledged when a broker dies: for what cannot be read again from elsewhere. With fewer
 * than three replicas there is nothing to choose.
 */
export function durable(replicationFactor: number): Record<string, string> {
  return {
    'min.insync.replicas': replicationFactor >= 3 ? '2' : '1',
    'unclean.leader.election.enable': 'false',
  }
}

/**
 * Creates the topics that are missing and tells how those that are there differ from what is wanted; changes none of
 * them. What could not be created is a difference too. Throws only when no broker answers.
 */
export async function ensureTopics(
  client: KafkaClient,
  wanted: readonly WantedTopic[],
): Promise<{ readonly created: readonly string[]; readonly differences: readonly TopicDifference[] }> {
  const existing = await client.topics()
  const admin = await client.admin()
  const created: string[] = []
  const refused: TopicDifference[] = []
  for (const topic of wanted) {
    if (existing.has(topic.topic)) continue
    const difference = (await create(admin, topic)) ?? (await withoutLeaders(admin, topic))
    if (difference === undefined) created.push(topic.topic)
    else refused.push(difference)
  }
  const missing = new Set(refused.map(({ topic }) => topic))
  const there = wanted.filter(({ topic }) => !missing.has(topic))
  const deadlineMs = performance.now() + knownWithinMs
  let differences = await checkTopics(client, there)
  // What was made a moment ago, here or by another instance, not every broker knows of yet.
  while (differences.some(({ setting }) => setting === 'topic') && performance.now() < deadlineMs) {
    await pause(200)
    differences = await checkTopics(client, there)
  }
  return { created, differences: [...refused, ...differences] }
}

/** How topics differ from what is wanted; changes nothing. Throws only when no broker answers. */
export async function checkTopics(
  client: KafkaClient,
  wanted: readonly WantedTopic[],
): Promise<readonly TopicDifference[]> {
  const existing = await client.topics()
  const admin = await client.admin()
  const differences = await Promise.all(
    wanted.map((topic) =>
      existing.has(topic.topic) ? differencesOf(admin, topic) : Promise.resolve([missingTopic(topic)]),
    ),
  )
  return differences.flat()
}

/** Why the brokers would refuse to create a topic as it is wanted; undefined where they would. Creates nothing. */
export async function refusalOf(client: KafkaClient, wanted: WantedTopic): Promise<string | undefined> {
  const difference = await create(await client.admin(), wanted, { validateOnly: true })
  return difference?.found
}

/** What a topic is like. */
export interface TopicDescription {
  readonly partitions: number
  /** Copies of the partition that has the fewest. */
  readonly replicas: number
  /** The settings that were asked for, as far as the broker knows them. */
  readonly config: ReadonlyMap<string, string>
}

/** What a topic is like; undefined when there is none, or none that we may know of. Throws when it cannot be asked for. */
export async function describeTopic(
  client: KafkaClient,
  topic: string,
  settings: readonly string[],
): Promise<TopicDescription | undefined> {
  const existing = await client.topics()
  return existing.has(topic) ? describe(await client.admin(), topic, settings) : undefined
}

async function create(
  admin: Admin,
  wanted: WantedTopic,
  options: { readonly validateOnly?: boolean } = {},
): Promise<TopicDifference | undefined> {
  try {
    await admin.createTopics({
      ...options,
      waitForLeaders: false,
      timeout: 15_000,
      topics: [
        {
          topic: wanted.topic,
          numPartitions: wanted.partitions,
          replicationFactor: wanted.replicationFactor,
          configEntries: Object.entries(wanted.config).map(([name, value]) => ({ name, value })),
        },
      ],
    })
    return undefined
  } catch (error) {
    return { ...missingTopic(wanted), found: `it could not be created: ${creationError(error)}` }
  }
}

/**
 * Waits until a topic that was just created can be written to. A broker may answer that there is no such topic for a
 * moment after it was created, and kafkajs takes that for a failure.
 */
async function withoutLeaders(admin: Admin, wanted: WantedTopic): Promise<TopicDifference | undefined> {
  const { topic } = wanted
  const deadlineMs = performance.now() + knownWithinMs
  for (;;) {
    const found = await admin.fetchTopicMetadata({ topics: [topic] }).catch((error: unknown) => error)
    if (hasLeaders(found)) return undefined
    if (performance.now() >= deadlineMs) {
      const why = found instanceof Error ? ` (${reasonOf(found)})` : ''
      return {
        ...missingTopic(wanted),
        found: `created, and after ${knownWithinMs / 1000} s still without leaders${why}`,
      }
    }
    await pause(100)
  }
}

function hasLeaders(found: unknown): boolean {
  const { topics } = Object(found) as Partial<Awaited<ReturnType<Admin['fetchTopicMetadata']>>>
  const partitions = topics?.[0]?.partitions ?? []
  return partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)
}

/** How long brokers may take to tell each other of a new topic. */
const knownWithinMs = 60_000

/** The broker's own words, which kafkajs puts into a list. */
function creationError(error: unknown): string {
  const root = rootOf(error)
  const { errors } = Object(root) as { readonly errors?: readonly unknown[] }
  return errors === undefined ? reasonOf(root) : errors.map(reasonOf).join(', ')
}

function missingTopic({ topic, partitions, replicationFactor }: WantedTopic): TopicDifference {
  return {
    topic,
    setting: 'topic',
    expected: `${partitions} partitions with ${replicationFactor} replicas`,
    found: 'no such topic',
    harm: 'nothing can be read from or written to it',
  }
}

async function differencesOf(admin: Admin, wanted: WantedTopic): Promise<readonly TopicDifference[]> {
  const { topic } = wanted
  try {
    const { partitions, replicas, config } = await describe(admin, topic, Object.keys(wanted.config))
    return [
      ...difference(topic, 'partitions', String(wanted.partitions), String(partitions)),
      ...difference(topic, 'replication.factor', String(wanted.replicationFactor), String(replicas)),
      ...Object.entries(wanted.config).flatMap(([setting, expected]) =>
        difference(topic, setting, expected, config.get(setting) ?? 'unknown to this broker'),
      ),
      ...(wanted.isPersonal === true ? keptTooLong(topic, wanted.config, config) : []),
    ]
  } catch (error) {
    const found = `it could not be asked for: ${reasonOf(error)}`
    return [{ topic, setting: 'settings', expected: 'as documented', found, harm: 'they are not checked' }]
  }
}

/** More than is wanted does no harm to the service, and some to those whom the records are about. */
function keptTooLong(
  topic: string,
  wanted: WantedTopic['config'],
  config: ReadonlyMap<string, string>,
): TopicDifference[] {
  const setting = 'retention.ms'
  const [expected, found] = [wanted[setting] ?? '-1', config.get(setting) ?? '-1']
  if (expected === '-1' || (found !== '-1' && Number(found) <= Number(expected))) return []
  return [
    {
      topic,
      setting,
      expected,
      found,
      harm: 'records about persons are kept for longer than the settings say',
    },
  ]
}

async function describe(admin: Admin, topic: string, settings: readonly string[]): Promise<TopicDescription> {
  const [{ topics }, { resources }] = await Promise.all([
    admin.fetchTopicMetadata({ topics: [topic] }),
    admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [...settings] }],
    }),
  ])
  const partitions = topics[0]?.partitions ?? []
  const entries = resources[0]?.configEntries ?? []
  return {
    partitions: partitions.length,
    replicas: Math.min(...partitions.map((partition) => partition.replicas.length)),
    config: new Map(entries.map(({ configName, configValue }) => [configName, configValue])),
  }
}

/** What a setting is compared by, and what comes of a value that does not do. */
interface Rule {
  readonly isEnough: (found: string, expected: string) => boolean
  readonly harm: string
}

const same = (found: string, expected: string) => found === expected
const atLeast = (found: string, expected: string) => Number(found) >= Number(expected)
/** -1 is without limit. */
const atLeastOrUnlimited = (found: string, expected: string) =>
  found === '-1' || (expected !== '-1' && atLeast(found, expected))

const rules: Readonly<Record<string, Rule>> = {
  partitions: { isEnough: same, harm: 'a key would be looked for in a partition where its history is not' },
  'replication.factor': { isEnough: atLeast, harm: 'fewer brokers may fail before records are lost' },
  'min.insync.replicas': {
    isEnough: atLeast,
    harm: 'a record is acknowledged while only one broker has it, and lost with that broker',
  },
  'unclean.leader.election.enable': {
    isEnough: same,
    harm: 'a broker that lacks acknowledged records may come to lead, and they are lost',
  },
  'cleanup.policy': { isEnough: same, harm: 'records are removed that are needed, or kept that are not' },
  'retention.ms': {
    isEnough: atLeastOrUnlimited,
    harm: 'records may be removed before they are read; events dated in the past at once',
  },
  'retention.bytes': { isEnough: atLeastOrUnlimited, harm: 'records may be removed before they are read' },
  'max.message.bytes': { isEnough: atLeast, harm: 'a large block is refused, and what writes it stops' },
  'message.timestamp.type': {
    isEnough: same,
    harm: 'the time of a record is whatever its producer claims, so events of the future cannot be told',
  },
}

function difference(topic: string, setting: string, expected: string, found: string): TopicDifference[] {
  const { isEnough, harm } = rules[setting] ?? {
    isEnough: same,
    harm: 'the topic behaves otherwise than tested',
  }
  return isEnough(found, expected) ? [] : [{ topic, setting, expected, found, harm }]
}
