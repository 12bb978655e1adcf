import { avroSchema } from '../../src/contract/record-schemas'
import { innerLogs } from '../../src/runtime/stages'
import { deadLetterTopics } from '../../src/log/kafka/dead-letter-topic'
import { rawTopicsOf, tasks, topicsOf, wantedTopics } from '../../src/service/installation'
import { serviceSettings } from '../../src/settings/service-settings'
import { code, page, table } from './markdown'

export function topicsPage(): string {
  const settings = serviceSettings.parse({})
  const topics = topicsOf(settings)
  const raw = Object.entries(rawTopicsOf(settings)).filter(([name]) => name !== topics.policies)
  return page(
    'Topics',
    'By their default names; [settings](settings.md#kafka) change them. The same as AsyncAPI 3: ' +
      '[schemas/asyncapi.json](../../schemas/asyncapi.json).',
    '## Topics of the platform',
    'The platform makes them and writes to them; a record may be keyed by anything. JSON, or Avro with a schema id in front ' +
      'of the record or in a header. Leave out of `kafka.topics` what nobody writes.',
    table(
      ['topic', 'record', 'meaning'],
      raw.map(([name, kind]) => [
        code(name),
        `[${kind}](records.md#${kind})`,
        avroSchema(kind as 'click').doc,
      ]),
    ),
    '## Topics of assay',
    'assay makes those that are missing and says where one that is there differs; it changes none. `assay doctor` tells ' +
      'the differences and what comes of them.',
    table(
      ['topic', 'holds', 'partitions', 'settings'],
      wantedTopics(settings).map(({ topic, partitions, config }) => [
        code(topic),
        meaningOf(topic, topics),
        partitions,
        Object.entries(config)
          .filter(([name]) => !unremarkable.includes(name))
          .map(([name, value]) => code(`${name}=${value}`))
          .join(', '),
      ]),
    ),
    `All with ${code(`min.insync.replicas=2`)} and without unclean elections, as long as there are three replicas.`,
    `Besides, ${code(deadLetterTopics(settings.kafka).replayed)} (compacted) is made by the first ` +
      '`assay dead-letters replay`, and holds the place of every dead letter that was written back.',
  )
}

const unremarkable = ['min.insync.replicas', 'unclean.leader.election.enable']

function meaningOf(topic: string, topics: ReturnType<typeof topicsOf>): string {
  const known: Readonly<Record<string, string>> = {
    [topics.control]: `nothing; its ${tasks.length} partitions are the tasks that instances share out: ${tasks.join(', ')}`,
    [topics.deadLetters]:
      'records that could not be read, untouched, with headers `reason`, `topic`, `partition`, `offset`, `time`',
    [topics.policies]: '[policies](records.md#policy) that take over, written by `assay policy activate`',
    [topics.schemas]:
      'what the schema registry said, and from which record on it counts; what the instances go by when they read a record again',
    [topics.verdicts]:
      '[verdicts](records.md#verdict) as JSON, keyed by `accountId`; with a header `traceparent` where ' +
      '[traces](../how-to/traces.md) are kept',
    [topics.corrections]:
      '[corrections](records.md#correction) as JSON, keyed by `accountId|contentId|kind|hour`',
    [topics.log('events')]: 'admitted events in blocks; what every view is folded from',
    [topics.log('verdicts')]: 'verdicts in the order they were decided, before they are published by key',
    [topics.log('corrections')]: 'corrections in the same way',
    [topics.log('surges')]:
      'bursts that were looked at and let pass, and regression cases of overturned verdicts',
    [topics.log('chain')]: 'the hash chain over all verdicts, a link each',
    ...Object.fromEntries(
      innerLogs.map((name) => [topics.log(name), 'what the views tell each other; not for others']),
    ),
  }
  const meaning = known[topic]
  if (meaning === undefined) throw new Error(`scripts/docs/topics.ts should say what ${topic} holds`)
  return meaning
}
