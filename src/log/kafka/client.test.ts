import { KafkaJSNonRetriableError } from 'kafkajs'
import type { Admin, Consumer, Kafka } from 'kafkajs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SettingsError } from '../../model/errors'
import { LogWriteError } from '../log-errors'
import { temporaryFolders } from '../../../test/support/temporary'
import { asUnreachable, KafkaClient } from './client'

const newFolder = temporaryFolders()

async function problemOf(settings: unknown, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const error: unknown = await KafkaClient.open(settings, { tell: () => undefined, env }).catch(
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(SettingsError)
  return (error as SettingsError).message
}

const brokers = ['127.0.0.1:9092']

describe('the settings of a client', () => {
  it('are refused where they are unknown or impossible, each with its name', async () => {
    expect(await problemOf({ brokers: [] })).toContain('kafka.brokers')
    expect(await problemOf({ brokers: ['localhost'] })).toBe(
      'kafka.brokers.0: a broker is given as host:port',
    )
    expect(await problemOf({ brokers, colour: 'red' })).toContain('"colour"')
    expect(await problemOf({ brokers, tls: { certFile: 'a' } })).toContain('certFile and keyFile together')
  })

  it('do not send a password that anybody can read, unless that is asked for', async () => {
    const sasl = { mechanism: 'plain', username: 'assay', passwordEnv: 'PASSWORD' }
    const env = { PASSWORD: 'geheim' }
    expect(await problemOf({ brokers, sasl }, env)).toContain('plain would send the password readable')
    const options = { tell: () => undefined, env }
    await KafkaClient.open({ brokers, sasl, tls: {} }, options)
    await KafkaClient.open({ brokers, sasl: { ...sasl, mechanism: 'scram-sha-512' } }, options)
    await KafkaClient.open({ brokers, sasl: { ...sasl, allowPlaintextPassword: true } }, options)
  })

  it('take the password from one place, and say what is missing there without showing anything', async () => {
    const sasl = { mechanism: 'scram-sha-512', username: 'assay' }
    expect(await problemOf({ brokers, sasl })).toContain('one of passwordFile and passwordEnv')
    expect(await problemOf({ brokers, sasl: { ...sasl, passwordEnv: 'NOT_SET' } }, { OTHER: 'geheim' })).toBe(
      'kafka.sasl.passwordEnv names NOT_SET, but there is no such environment variable; set it, or give passwordFile',
    )
    const missing = join(newFolder(), 'missing')
    expect(await problemOf({ brokers, sasl: { ...sasl, passwordFile: missing } })).toContain(
      `kafka.sasl.passwordFile names ${missing}, which cannot be read`,
    )
  })

  it('name the file of a certificate that is not there', async () => {
    expect(await problemOf({ brokers, tls: { caFile: '/nowhere/ca.pem' } })).toContain(
      'kafka.tls.caFile names /nowhere/ca.pem',
    )
  })
})

describe('a consumer of kafkajs that has no group for the moment, as between a crash and its restart', () => {
  it('is not positioned or paused, which kafkajs takes for an error of ours', async () => {
    const client = await KafkaClient.open({ brokers }, { tell: () => undefined })
    const acts: ((consumer: Consumer) => void)[] = [
      (consumer) => {
        consumer.seek({ topic: 'news', partition: 0, offset: '7' })
      },
      (consumer) => {
        consumer.pause([{ topic: 'news', partitions: [0] }])
      },
      (consumer) => {
        consumer.resume([{ topic: 'news', partitions: [0] }])
      },
    ]
    for (const act of acts) {
      expect(() => {
        act(client.kafka.consumer({ groupId: 'its own' }))
      }).toThrow('Consumer group was not initialized')
      act(client.consumer({ groupId: 'ours' }))
    }
    expect(() => {
      client.consumer({ groupId: 'ours' }).seek({ topic: 'news', partition: 0, offset: 'seven' })
    }).toThrow('Invalid offset')
  })
})

/** What kafkajs does with an answer that is not there. */
const trip = () =>
  Promise.reject(new TypeError("Cannot destructure property 'partitions' of 'high.pop(...)'"))

/** A client whose every question to the brokers gets the answers one after the other. */
function answeredBy(answers: (() => Promise<unknown>)[]): Promise<KafkaClient> {
  const next = () => answers.shift()!()
  const admin = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    fetchTopicOffsets: next,
    listTopics: next,
  } as unknown as Admin
  return KafkaClient.open(
    { brokers },
    { tell: () => undefined, kafkaOf: () => ({ admin: () => admin }) as unknown as Kafka },
  )
}

describe('a question over whose answer kafkajs trips', () => {
  it('is asked again for the offsets of a topic that a broker has not heard of yet', async () => {
    const answers = [trip, () => Promise.resolve([{ partition: 0, offset: '7', high: '7', low: '2' }])]
    const client = await answeredBy(answers)
    expect(await client.offsets('news')).toEqual(new Map([[0, { low: 2, high: 7 }]]))
    expect(answers).toEqual([])
  })

  it('is asked again for the topics, of which no broker told while one was gone', async () => {
    const answers = [trip, trip, () => Promise.resolve(['news'])]
    const client = await answeredBy(answers)
    expect(await client.topics()).toEqual(new Set(['news']))
    expect(answers).toEqual([])
  })

  it('is not asked again where it is refused', async () => {
    const client = await answeredBy([() => Promise.reject(new KafkaJSNonRetriableError('Not authorized'))])
    await expect(client.topics()).rejects.toThrow(
      'the list of topics cannot be asked for (Not authorized); see that the brokers run',
    )
  })
})

describe('a client whose brokers do not answer', () => {
  it('says so once in a while, with no word of the password, and ends with what to check', async () => {
    const told: string[] = []
    const passwordFile = join(newFolder(), 'password')
    writeFileSync(passwordFile, 'geheim\n')
    const client = await KafkaClient.open(
      // A port that nobody listens at.
      { brokers: ['127.0.0.1:1'], sasl: { mechanism: 'scram-sha-512', username: 'assay', passwordFile } },
      { tell: (sentence) => told.push(sentence) },
    )
    const failure = await client.admin().catch((error: unknown) => error)
    expect(String(failure)).toContain('none of the Kafka brokers 127.0.0.1:1 answers')
    expect(told.join()).toContain('Connection error')
    expect(told.join() + JSON.stringify(failure)).not.toContain('geheim')
    // kafkajs tries nine times and tells each time.
    expect(new Set(told).size).toBe(told.length)
    await client.close()
  })
})

it('says what to do when kafkajs or a writer gives up, and leaves every other error as it is', () => {
  const given = new KafkaJSNonRetriableError('The group coordinator is not available')
  expect(asUnreachable(given)).toMatchObject({
    exitCode: 69,
    message: expect.stringContaining('The group coordinator is not available') as string,
  })
  const refused = new LogWriteError('the brokers refuse records for a/0 (too large); set max.message.bytes', {
    cause: given,
  })
  expect(asUnreachable(refused)).toMatchObject({
    exitCode: 69,
    message: expect.stringMatching(
      /^the brokers refuse .* set max\.message\.bytes; what was done is safe/,
    ) as string,
  })
  const bug = new TypeError('x is not a function')
  expect(asUnreachable(bug)).toBe(bug)
})
