import { readFile } from 'node:fs/promises'
import {
  Kafka,
  logLevel,
  type Admin,
  type Consumer,
  type ConsumerConfig,
  type KafkaConfig,
  type LogEntry,
  type SASLOptions,
} from 'kafkajs'
import { z } from 'zod'
import { SettingsError, UnreachableError } from '../../model/errors'
import { LogWriteError } from '../log-errors'
import { Appended } from './appended'
import { installCodecs } from './codecs'
import { repairKafkajs } from './repairs'
import { connectInPlace } from './responses'
import type { TopicPartition } from './topic-partition'

const saslSchema = z
  .strictObject({
    mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
    username: z.string().min(1),
    passwordFile: z.string().min(1).optional().describe('file that holds the password alone'),
    passwordEnv: z.string().min(1).optional().describe('environment variable that holds the password'),
    allowPlaintextPassword: z
      .boolean()
      .default(false)
      .describe('lets plain send the password over a connection that anybody on the way can read'),
  })
  .refine(({ passwordFile, passwordEnv }) => (passwordFile === undefined) !== (passwordEnv === undefined), {
    error: 'give the password by one of passwordFile and passwordEnv',
  })

const tlsSchema = z
  .strictObject({
    caFile: z.string().min(1).optional().describe('authorities to trust, in PEM; without it those of Node'),
    certFile: z.string().min(1).optional().describe('our own certificate, where brokers ask for one'),
    keyFile: z.string().min(1).optional(),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: 'give certFile and keyFile together',
  })

/** How to reach a Kafka cluster. The password itself is never a setting. */
export const kafkaSettingsSchema = z
  .strictObject({
    brokers: z
      .array(z.string().regex(/^[^\s,/]+:\d{1,5}$/, 'a broker is given as host:port'))
      .min(1)
      .describe('some of the brokers; the others are learned from them'),
    clientId: z.string().min(1).default('assay'),
    tls: tlsSchema.optional().describe('{} is TLS with the authorities of Node'),
    sasl: saslSchema.optional(),
  })
  .refine(
    ({ tls, sasl }) => sasl?.mechanism !== 'plain' || tls !== undefined || sasl.allowPlaintextPassword,
    {
      path: ['sasl', 'mechanism'],
      error:
        'plain would send the password readable; set tls, use scram-sha-512, or allowPlaintextPassword: true',
    },
  )

export type KafkaSettings = z.input<typeof kafkaSettingsSchema>

/** Told in a sentence what a person may want to know; nothing is lost. Never holds a secret or a payload. */
export type Tell = (sentence: string) => void

export interface KafkaClientOptions {
  readonly tell: Tell
  /** Where passwords are looked for; without it, the environment of the process. */
  readonly env?: NodeJS.ProcessEnv
  /** For somebody who waits for an answer: seconds instead of minutes. */
  readonly givesUpSoon?: boolean
  /** What speaks to the brokers; without it, the client of kafkajs. */
  readonly kafkaOf?: (config: KafkaConfig) => Kafka
}

/** First and next offset of a partition. */
export interface OffsetRange {
  readonly low: number
  readonly high: number
}

/** A Kafka cluster as `src/log/kafka` sees it; for everybody else a thing to hand on and to close. */
export class KafkaClient {
  /** What was appended by this client; only for use in this folder. */
  readonly appended = new Appended()
  private connecting: Promise<Admin> | undefined

  private constructor(
    /** Only for use in this folder. */
    readonly kafka: Kafka,
    readonly tell: Tell,
    private readonly brokers: readonly string[],
  ) {}

  /** Checks the settings and reads the files they name; throws a `SettingsError`. Connects to nothing yet. */
  static async open(
    settings: unknown,
    {
      tell,
      env = process.env,
      givesUpSoon = false,
      kafkaOf = (config) => new Kafka(config),
    }: KafkaClientOptions,
  ): Promise<KafkaClient> {
    const { brokers, clientId, tls, sasl } = checked(settings)
    repairKafkajs()
    installCodecs()
    const config: KafkaConfig = {
      brokers,
      clientId,
      ...(givesUpSoon ? briefly : patiently),
      logLevel: logLevel.WARN,
      logCreator: () => teller(tell),
    }
    if (tls === undefined) config.socketFactory = connectInPlace
    else config.ssl = await tlsOptions(tls)
    if (sasl !== undefined) {
      const password = await passwordOf(sasl, env)
      config.sasl = { mechanism: sasl.mechanism, username: sasl.username, password } as SASLOptions
    }
    return new KafkaClient(kafkaOf(config), tell, brokers)
  }

  /** The connection for questions, made when first asked for. Throws an `UnreachableError`. */
  async admin(): Promise<Admin> {
    this.connecting ??= this.connectAdmin()
    try {
      return await this.connecting
    } catch (error) {
      this.connecting = undefined
      throw error
    }
  }

  /**
   * A consumer whose `seek`, `pause` and `resume` are without effect, and no error, while kafkajs is between a crash and its
   * restart: it has no group then, and refuses them. Whoever joins sets all of it anew. It crashes soon when a broker is gone,
   * since only the restart asks who leads the partitions now.
   */
  consumer(config: ConsumerConfig): Consumer {
    const consumer = this.kafka.consumer({ retry: soonAnew, ...config })
    return Object.assign(consumer, {
      seek: whereThereIsAGroup(consumer.seek.bind(consumer)),
      pause: whereThereIsAGroup(consumer.pause.bind(consumer)),
      resume: whereThereIsAGroup(consumer.resume.bind(consumer)),
    })
  }

  /** First and next offset of every partition of a topic, by partition; tries for 15 s, as long as leaders move. */
  async offsets(topic: string): Promise<ReadonlyMap<number, OffsetRange>> {
    const partitions = await this.ask((admin) => admin.fetchTopicOffsets(topic), {
      what: `the offsets of the topic ${topic}`,
      whatToDo: 'see that it exists and may be read',
    })
    return new Map(
      partitions.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
    )
  }

  /** The names of all topics that we may know of; tries for 15 s, as long as brokers come and go. */
  async topics(): Promise<ReadonlySet<string>> {
    const names = await this.ask((admin) => admin.listTopics(), {
      what: 'the list of topics',
      whatToDo: 'see that the brokers run and let themselves be asked',
    })
    return new Set(names)
  }

  /** The same of one partition, which must exist. */
  async offsetsOf({ topic, partition }: TopicPartition): Promise<OffsetRange> {
    const ranges = await this.offsets(topic)
    const range = ranges.get(partition)
    if (range !== undefined) return range
    throw new SettingsError(
      `the topic ${topic} should have a partition ${partition}, but has ${ranges.size}; ` +
        'give every instance the same number of partitions',
    )
  }

  async close(): Promise<void> {
    const admin = await this.connecting?.catch(() => undefined)
    this.connecting = undefined
    await admin?.disconnect().catch(() => undefined)
  }

  private async ask<Answer>(
    question: (admin: Admin) => Promise<Answer>,
    { what, whatToDo }: { readonly what: string; readonly whatToDo: string },
  ): Promise<Answer> {
    const deadlineMs = performance.now() + 15_000
    for (let pauseMs = 50; ; pauseMs *= 2) {
      const admin = await this.admin()
      try {
        return await question(admin)
      } catch (error) {
        if (!isPassing(error) || performance.now() + pauseMs > deadlineMs) {
          const reason = isTripped(error) ? 'no broker told it' : reasonOf(error)
          throw new UnreachableError(`${what} cannot be asked for (${reason}); ${whatToDo}`, { cause: error })
        }
      }
      // A connection goes on asking the leaders it once learned of, for minutes.
      await this.close()
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  private async connectAdmin(): Promise<Admin> {
    const admin = this.kafka.admin()
    try {
      await admin.connect()
      return admin
    } catch (error) {
      await admin.disconnect().catch(() => undefined)
      throw new UnreachableError(
        `none of the Kafka brokers ${this.brokers.join(', ')} answers (${reasonOf(error)}); ` +
          'check that they run, the addresses, and whether they want TLS or a password',
        { cause: error },
      )
    }
  }
}

/** Brokers that move or are started again are waited for. */
const patiently = {
  connectionTimeout: 5_000,
  requestTimeout: 15_000,
  retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 8 },
}

/** For some three seconds. */
const soonAnew = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 }

const briefly = {
  connectionTimeout: 2_000,
  authenticationTimeout: 2_000,
  requestTimeout: 2_000,
  retry: { initialRetryTime: 100, maxRetryTime: 300, retries: 2 },
}

function whereThereIsAGroup<Args extends unknown[]>(act: (...args: Args) => void): (...args: Args) => void {
  return (...args) => {
    try {
      act(...args)
    } catch (error) {
      if (!reasonOf(error).startsWith('Consumer group was not initialized')) throw error
    }
  }
}

function isPassing(error: unknown): boolean {
  return isTripped(error) || (Object(rootOf(error)) as { readonly retriable?: unknown }).retriable === true
}

/**
 * Whether kafkajs tripped over an answer that was not there: a broker that has not heard of a topic made a moment ago names
 * no partitions of it, and a list that no broker gave is read all the same.
 */
function isTripped(error: unknown): boolean {
  return rootOf(error) instanceof TypeError
}

/** What lies at the bottom of an error of kafkajs, whose retries wrap it several times. */
export function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof Error && root.cause instanceof Error) root = root.cause
  return root
}

export function reasonOf(error: unknown): string {
  const root = rootOf(error)
  return root instanceof Error ? root.message : String(root)
}

function checked(settings: unknown): z.output<typeof kafkaSettingsSchema> {
  const result = kafkaSettingsSchema.safeParse(settings)
  if (result.success) return result.data
  const problems = result.error.issues.map(
    ({ path, message }) => `${['kafka', ...path].join('.')}: ${message}`,
  )
  throw new SettingsError(problems.join('; '))
}

async function tlsOptions({ caFile, certFile, keyFile }: z.output<typeof tlsSchema>) {
  return {
    minVersion: 'TLSv1.2' as const,
    ...(caFile !== undefined && { ca: [await readSecret('kafka.tls.caFile', caFile)] }),
    ...(certFile !== undefined && { cert: await readSecret('kafka.tls.certFile', certFile) }),
    ...(keyFile !== undefined && { key: await readSecret('kafka.tls.keyFile', keyFile) }),
  }
}

async function passwordOf(
  { passwordFile, passwordEnv }: z.output<typeof saslSchema>,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  if (passwordFile !== undefined) {
    // An editor ends a file with a line break; no password does.
    return (await readSecret('kafka.sasl.passwordFile', passwordFile)).replace(/\r?\n$/, '')
  }
  const password = env[passwordEnv!]
  if (password !== undefined && password !== '') return password
  throw new SettingsError(
    `kafka.sasl.passwordEnv names ${passwordEnv!}, but there is no such environment variable; set it, or give passwordFile`,
  )
}

async function readSecret(setting: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new SettingsError(
      `${setting} names ${path}, which cannot be read (${reasonOf(error)}); give a file that this user may read`,
      { cause: error },
    )
  })
}

/** The same sentence is told again only after this long: a broker that is down is retried many times a second. */
const quietMs = 10_000

/** What kafkajs logs, as sentences: of its fields only those that are no payload. */
function teller(tell: Tell): (entry: LogEntry) => void {
  const toldAtMs = new Map<string, number>()
  return ({ level, log }) => {
    if (level > logLevel.WARN) return
    const fields = ['error', 'broker', 'topic', 'partition', 'groupId'].flatMap((name) => {
      const value: unknown = log[name]
      const text = value instanceof Error ? value.message : value
      return typeof text === 'string' || typeof text === 'number' ? [`${name} ${text}`] : []
    })
    const sentence = `kafka: ${log.message}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`
    const nowMs = performance.now()
    const lastMs = toldAtMs.get(sentence)
    if (lastMs !== undefined && nowMs - lastMs < quietMs) return
    if (toldAtMs.size > 1_000) toldAtMs.clear()
    toldAtMs.set(sentence, nowMs)
    tell(sentence)
  }
}

/** What a client or a writer of Kafka gives up with, as an error that says what to do; every other error as it is. */
export function asUnreachable(error: Error): Error {
  if (error instanceof LogWriteError) {
    const message = `${error.message}; what was done is safe, and another start goes on from there`
    return new UnreachableError(message, { cause: error })
  }
  const root = rootOf(error)
  if (!(root instanceof Error) || !root.name.startsWith('KafkaJS')) return error
  return new UnreachableError(
    `Kafka cannot be worked with (${reasonOf(error)}); what was done is safe: see that the brokers run and that we may ` +
      'do what we do there, and start again',
    { cause: error },
  )
}
