import type { Names } from '../ingest/names'
import { SchemaResolver } from '../ingest/registry'
import type { Registry } from '../ingest/registry'
import { structured, whyNotOf } from '../explain/why-not'
import { wordsOf } from '../explain/words'
import { startHttp } from '../http/server'
import type { HttpOptions, HttpServer } from '../http/server'
import { asUnreachable, KafkaClient } from '../log/kafka/client'
import { DeadLetterWriter } from '../log/kafka/dead-letter-writer'
import { KeyedTopic } from '../log/kafka/keyed-topic'
import { missingSentence, RawReader } from '../log/kafka/raw-reader'
import type { Assignment } from '../log/kafka/raw-reader'
import { TopicWriter } from '../log/kafka/topic-writer'
import { ensureTopics } from '../log/kafka/topics'
import { SharedLog } from '../log/kafka/shared-log'
import { RegistryClient } from '../log/registry/registry-client'
import { SettingsError } from '../model/errors'
import type { Policy } from '../policy/policy'
import { makeViews, stagesOf } from '../runtime/stages'
import { noTraces } from '../runtime/traces'
import type { Traces } from '../runtime/traces'
import type { Views } from '../runtime/stages'
import { kafkaClientSettings } from '../settings/kafka-client-settings'
import type { ServiceSettings } from '../settings/service-settings'
import type { CheckpointStore } from '../store/checkpoint-store'
import type { Standing } from '../store/standing'
import type { Metrics } from '../telemetry/metrics'
import { rawTopicsOf, tasks, taskShares, topicsOf, wantedTopics } from './installation'
import type { TaskName, Topics } from './installation'
import { gapSentence } from './offset-gap'
import { PublishTask } from './publish-task'
import { RawIntake } from './raw-intake'
import { Feeding } from './feeding'
import { SchemaLedger } from './schema-ledger'
import { flowOfService, observeService } from './service-metrics'
import type { ServiceState } from './service-metrics'
import { checkInstallation } from './same-installation'
import type { Task } from './task'
import { ViewTask } from './view-task'

export interface ServiceOptions {
  readonly settings: ServiceSettings
  readonly policy: Policy
  readonly key: Uint8Array
  readonly checkpoints: CheckpointStore
  /** Takes the ids of actors; everything in the topics and the served copy then holds pseudonyms alone. */
  readonly names?: Names
  /** What the API answers from; a shared one is kept up by whoever publishes. */
  readonly standing: Standing
  readonly isStandingShared: boolean
  readonly metrics: Metrics
  /** Takes the spans of what is done; without it none are kept. */
  readonly traces?: Traces
  /** The folder of the console that is served; without it there is none. */
  readonly console?: string
  /** Whether what this instance rests on beside brokers and registry answers, by name; asked at a scrape. */
  readonly dependencies?: () => Readonly<Record<string, boolean>>
  /** The clock on the wall: it dates dead letters and judges what stands today, and decides nothing. */
  readonly nowMs: () => number
  /** Whether the ends of the raw topics, as they are now, are the end of the stream. */
  readonly isFinite?: boolean
  readonly tell: (sentence: string) => void
  /** Told once when this instance cannot go on; what it did is safe, and another start goes on. */
  readonly onFatal: (error: Error) => void
}

/** What an instance speaks to; what is left out is made as the settings say. */
export interface Surroundings {
  readonly client?: KafkaClient
  readonly registry?: Registry
  readonly listen?: typeof startHttp
}

/**
 * One instance of assay on Kafka. The group of all instances shares out raw partitions and tasks; each view is one task,
 * on topics of packed blocks, and goes on from its checkpoint wherever it lands.
 */
export class Service {
  private readonly topics: Topics
  private readonly running = new Map<TaskName, Task>()
  private intake: RawIntake | undefined
  private reader: RawReader | undefined
  private http: HttpServer | undefined
  private feeding: Feeding | undefined
  /** Tasks are started and stopped one assignment after the other. */
  private changing: Promise<void> = Promise.resolve()
  private wanted: readonly TaskName[] = []
  private isStopping = false
  private resolver: SchemaResolver | undefined
  private readonly writers: { close(): Promise<void> }[] = []

  private constructor(
    private readonly options: ServiceOptions,
    private readonly client: KafkaClient,
    private readonly surroundings: Surroundings,
  ) {
    this.topics = topicsOf(options.settings)
  }

  /** Connects, makes the topics that are missing, joins the group and begins. Throws when Kafka is not to be had. */
  static async start(options: ServiceOptions, surroundings: Surroundings = {}): Promise<Service> {
    const { settings, env } = kafkaClientSettings(options.settings.kafka)
    const client = surroundings.client ?? (await KafkaClient.open(settings, { tell: options.tell, env }))
    const onFatal = (error: Error): void => {
      options.onFatal(asUnreachable(error))
    }
    const service = new Service({ ...options, onFatal }, client, surroundings)
    try {
      await service.open()
      return service
    } catch (error) {
      await service.stop()
      throw asUnreachable(error as Error)
    }
  }

  /** Where it answers. */
  get address(): HttpServer['address'] {
    return this.http!.address
  }

  /** Why this instance is not ready, a sentence each. */
  get problems(): readonly string[] {
    const restoring = this.wanted.filter((name) => this.running.get(name)?.isRestored !== true)
    const missing = this.reader?.missingTopics ?? []
    return [
      ...(this.intake?.problems ?? ['it is starting']),
      ...(missing.length === 0 ? this.brokerProblems : [missingSentence(missing)]),
      ...(restoring.length === 0 ? [] : [`the tasks ${restoring.join(', ')} are being restored`]),
    ]
  }

  private get brokerProblems(): readonly string[] {
    return this.hearsBrokers ? [] : ['no broker answers; it is tried again, or this instance ends']
  }

  private get hearsBrokers(): boolean {
    return (this.reader?.unansweredMs ?? 0) < unansweredMs
  }

  /** What this instance is at. */
  get state(): ServiceState {
    return {
      partitions: this.intake?.partitionsOwned ?? [],
      tasks: this.running,
      lag: this.reader?.lag() ?? [],
      dependencies: {
        kafka: this.hearsBrokers,
        ...(this.resolver === undefined ? {} : { registry: this.resolver.outageSinceMs === undefined }),
        ...this.options.dependencies?.(),
      },
      served: this.options.standing.stats,
      problems: this.problems,
    }
  }

  /** Leaves the group and ends; everything that was taken is safe when it resolves. */
  async stop(): Promise<void> {
    this.isStopping = true
    this.resolver?.close()
    await this.http?.close()
    await this.intake?.stop()
    await this.changing
    // One after the other: a large checkpoint keeps this thread busy, and a small one beside it would wait too long.
    for (const task of this.running.values()) await task.stop()
    this.running.clear()
    await this.reader?.close()
    await this.feeding?.stop()
    await Promise.all(this.writers.map((writer) => writer.close()))
    await this.client.close()
  }

  private async open(): Promise<void> {
    const { settings, policy, key, names, checkpoints, nowMs, tell, onFatal, isFinite = false } = this.options
    const { traces = noTraces } = this.options
    await checkInstallation(checkpoints, { key, policy, isSealed: names !== undefined }, tell)
    await this.prepareTopics()
    await this.listen()
    if (!this.options.isStandingShared) this.feeding = await this.feed()
    const events = new TopicWriter(this.client, { topic: this.topics.log('events'), partition: 0 })
    const letters = new DeadLetterWriter(this.client, this.topics.deadLetters)
    this.writers.push(events, letters)
    const schemas = this.openRegistry(onFatal)
    this.intake = new RawIntake({
      ...{
        client: this.client,
        settings,
        policy,
        key,
        checkpoints,
        events,
        letters,
        isFinite,
        nowMs,
        tell,
        traces,
      },
      ...(schemas === undefined ? {} : { schemas }),
      ...(names === undefined ? {} : { names }),
    })
    this.reader = await RawReader.open(this.client, {
      groupId: settings.kafka.group,
      rawTopics: Object.keys(rawTopicsOf(settings)),
      controlTopic: this.topics.control,
      taskShares,
      onAssignment: (assignment) => {
        this.take(assignment)
      },
      onRebalancing: () => undefined,
      onGap: (gap) => {
        this.intake!.halt(gap, gapSentence(gap))
      },
      onFatal,
    })
    this.intake.start(this.reader, onFatal)
  }

  private feed(): Promise<Feeding> {
    const { standing, onFatal } = this.options
    return Feeding.start(this.client, this.topics, { standing, onFatal })
  }

  private openRegistry(onFatal: (error: Error) => void): SchemaLedger | undefined {
    const { registry } = this.options.settings
    const { url } = registry
    if (url === undefined) return undefined
    const { registry: asked = new RegistryClient({ ...registry, url }) } = this.surroundings
    this.resolver = new SchemaResolver({
      registry: asked,
      clockMs: () => performance.now(),
      waitMs: registry.waitMs,
      unknownMs: registry.unknownMs,
      tell: this.options.tell,
    })
    const notes = new SharedLog(this.client, { topic: this.topics.schemas, partition: 0, onFatal })
    this.writers.push(notes)
    return new SchemaLedger(this.resolver, notes)
  }

  /** Differences that would lose records or mix them up are no way to begin; the others are told. */
  private async prepareTopics(): Promise<void> {
    const { settings, tell } = this.options
    const { created, differences } = await ensureTopics(this.client, wantedTopics(settings))
    if (created.length > 0) tell(`made the topics ${created.join(', ')}`)
    for (const { topic, setting, expected, found, harm } of differences) {
      tell(`${topic}: ${setting} should be ${expected}, it is ${found}; ${harm}`)
    }
    const fatal = differences.filter(({ setting }) => setting === 'topic' || setting === 'partitions')
    if (fatal.length > 0) {
      throw new SettingsError(
        `the topics ${fatal.map(({ topic }) => topic).join(', ')} are not as they must be; "assay doctor" says what to do`,
      )
    }
    for (const topic of Object.keys(settings.kafka.topics)) await this.client.offsets(topic)
  }

  private async listen(): Promise<void> {
    const { settings, metrics, standing, nowMs, tell } = this.options
    const { requestsPerSecond, connectionsPerAddress, listenersPerCaller } = settings.http
    const { listen = startHttp } = this.surroundings
    this.http = await listen({
      host: settings.http.host,
      port: settings.http.port,
      standing,
      readiness: () => this.problems,
      registry: {
        contentType: metrics.registry.contentType,
        metrics: () => {
          observeService(metrics, this.state)
          return metrics.registry.metrics()
        },
      },
      policy: () => this.viewOf('decide')?.policy,
      tokens: settings.http.tokenHashes,
      tokenFile: settings.http.tokenFile,
      readWithoutToken: settings.http.readWithoutToken,
      limits: { requestsPerSecond, connectionsPerAddress, listenersPerCaller },
      trustedProxies: settings.http.trustedProxies,
      ...this.feedbackTopic(),
      whyNot: (accountId, language) => {
        const asked = whyNotOf(accountId, {
          account: this.viewOf('account'),
          network: this.viewOf('network'),
          trace: this.viewOf('trace'),
        })
        return asked === undefined ? undefined : structured(asked, wordsOf[language])
      },
      ties: (clusterId) => this.viewOf('network')?.tiesOf(clusterId),
      clusterEvents: (clusterId) => this.viewOf('network')?.eventsOf(clusterId),
      flow: () => flowOfService(this.state, this.viewOf('account')?.asOfMs ?? null),
      ...(this.options.console === undefined ? {} : { console: this.options.console }),
      nowMs,
      onAnswered: ({ route, status, seconds }) => {
        metrics.httpSeconds.observe({ route, status }, seconds)
      },
      onError: (error) => {
        tell(`a request could not be answered: ${(error as Error).message}`)
      },
    })
  }

  /** A view that runs here; undefined while another instance has it, or it is being restored. */
  private viewOf<Name extends TaskName & keyof Views>(name: Name): Views[Name] | undefined {
    const task = this.running.get(name)
    return task instanceof ViewTask && task.isRestored ? (task.stage.view as Views[Name]) : undefined
  }

  /** What reviewers say over the API takes the way of all events: through the topic of feedback, where there is one. */
  private feedbackTopic(): Pick<HttpOptions, 'feedback'> {
    const topics = Object.entries(this.options.settings.kafka.topics)
    const topic = topics.find(([, kind]) => kind === 'feedback')?.[0]
    if (topic === undefined) return {}
    const output = new KeyedTopic(this.client, topic)
    this.writers.push(output)
    return {
      feedback: (feedback) =>
        output.append([{ key: feedback.accountId, value: Buffer.from(JSON.stringify(feedback)) }]),
    }
  }

  /** Called in the middle of joining the group. */
  private take(assignment: Assignment): void {
    this.intake!.assign(assignment)
    this.wanted = assignment.tasks.map((number) => tasks[number]!)
    this.changing = this.changing.then(() => this.changeTasks())
  }

  private async changeTasks(): Promise<void> {
    if (this.isStopping) return
    const { wanted } = this
    for (const [name, task] of this.running) {
      if (wanted.includes(name)) continue
      this.running.delete(name)
      await task.stop()
    }
    for (const name of wanted) if (!this.running.has(name)) this.running.set(name, this.taskOf(name))
  }

  private taskOf(name: TaskName): Task {
    const { policy, key, checkpoints, tell, onFatal, isStandingShared, metrics, nowMs } = this.options
    const { client, topics } = this
    const { traces = noTraces } = this.options
    if (name === 'publish') {
      return new PublishTask({
        onVerdict: ({ offence, recommendation, mode, status }) => {
          metrics.verdicts.inc({ offence, recommendation, mode, status })
        },
        client,
        topics,
        checkpoints,
        traces,
        isMember: () => this.reader?.isMember ?? true,
        onFatal,
        ...(isStandingShared ? { feed: () => this.feed() } : {}),
      })
    }
    const stage = stagesOf(makeViews(policy, key), [name])[0]!
    return new ViewTask(stage, {
      ...{ client, checkpoints, tell, onFatal, nowMs, checkpointMs, traces },
      onStep: (seconds) => {
        metrics.hopSeconds.observe({ task: name }, seconds)
      },
      topicOf: (log) => topics.log(log),
    })
  }
}

/** After so long without a broker's answer an instance does nothing any more: thrice the session of the group. */
const unansweredMs = 30_000
/** What a crash costs at most, beside the time of the group to notice. */
const checkpointMs = 10_000
