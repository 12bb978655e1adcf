import { checkChain } from '../../src/audit/chain-check'
import { addUp } from '../../src/runtime/books'
import type { Books as IngestBooks } from '../../src/ingest/ingest'
import { KafkaClient } from '../../src/log/kafka/client'
import type { Correction, Verdict } from '../../src/model/records'
import type { ViewStats } from '../../src/runtime/stages'
import type { Traces } from '../../src/runtime/traces'
import type { RawPartition } from '../../src/service/raw-partition'
import { Service } from '../../src/service/service'
import { ViewTask } from '../../src/service/view-task'
import { loadSettings } from '../../src/settings/load-settings'
import type { ServiceSettings } from '../../src/settings/service-settings'
import { PatientCheckpointStore } from '../../src/store/patient-checkpoint-store'
import { standingLogs, type StandingLog } from '../../src/store/standing'
import { declareMetrics } from '../../src/telemetry/metrics'
import { Brokers } from './brokers'
import type { StoredRecord } from './brokers'
import { faultNames, faults } from './faults'
import type { FaultName } from './faults'
import { simulatedKafka } from './kafka'
import { Process, Scheduler } from './scheduler'
import { SimulatedCheckpoints, SimulatedRegistry, SimulatedStanding } from './stores'
import { foldOf, key, partitions, policy, rawTopic, textOf, unframed } from './stream'
import type { Decided, Stream } from './stream'
import { installVirtualTime } from './virtual-time'

export interface RunOptions {
  readonly seed: number
  readonly stream: Stream
  /** Those that may be injected; without it all. */
  readonly faults?: readonly FaultName[]
  /** Whether the sources have no end, as without `--finish`: then the clocks of silent partitions go on. */
  readonly isEndless?: boolean
  /** So long after the last fault everything must be there; without it five minutes of virtual time, eight when endless. */
  readonly patienceMs?: number
  /** Takes the spans of all instances; without it none are kept, since time is virtual. */
  readonly traces?: Traces
  /** Told, in a sentence each, what happens. */
  readonly tell?: (sentence: string) => void
}

/** What a run came to. */
export interface RunReport {
  readonly seed: number
  readonly injected: readonly Injected[]
  /** Lines that the unbroken replay has and the run has not. */
  readonly lost: number
  /** Verdicts of one id and revision, or links of one number, with several contents. */
  readonly doubled: number
  /** Lines that the run has and the unbroken replay has not. */
  readonly differing: number
  /** Lines that came again byte for byte, which the contract allows. */
  readonly repeated: number
  /** In a sentence each, everything that does not hold. */
  readonly problems: readonly string[]
  /** From the end of the last fault until everything was there, in virtual time. */
  readonly recoveryMs: number
  /** By fault, where a run has several recoveries, the longest of those that it had a part in. */
  readonly recoveryMsOf?: ReadonlyMap<FaultName, number>
  readonly virtualMs: number
  readonly turns: number
}

export interface Injected {
  readonly fault: FaultName
  readonly atMs: number
  readonly what: string
}

/** Runs a service of several instances over doubles that fail by seed, until it is through or its time is over. */
export async function runService(options: RunOptions): Promise<RunReport> {
  return new ServiceRun(options).run()
}

/** One run; what faults can lay hands on. */
export class ServiceRun {
  readonly scheduler: Scheduler
  readonly brokers: Brokers
  readonly checkpoints: SimulatedCheckpoints
  readonly served: SimulatedStanding
  readonly registry: SimulatedRegistry
  readonly instances: Instance[] = []
  readonly injected: Injected[] = []
  /** No fault holds on beyond it. */
  protected faultsUntilMs = 0
  /** Whether records may have become dead letters that the replay counts: then only the log of events says what follows. */
  mayRefuse = false
  /** How many rows came too late to count, as the books say at the end. */
  protected tooLate = 0
  private started = 0

  constructor(readonly options: RunOptions) {
    const { seed, stream } = options
    this.scheduler = new Scheduler(seed)
    this.brokers = new Brokers(this.scheduler, () => this.startMs + this.scheduler.nowMs)
    this.checkpoints = new SimulatedCheckpoints(this.scheduler)
    this.served = new SimulatedStanding(this.scheduler)
    this.registry = new SimulatedRegistry(
      this.scheduler,
      new Map(
        stream.schemaIds.map((id) => [
          id,
          { kind: 'schema', type: 'JSON', text: '{}', hasReferences: false },
        ]),
      ),
    )
  }

  async run(): Promise<RunReport> {
    const { scheduler } = this
    const uninstall = installVirtualTime(scheduler, { startMs: this.startMs })
    try {
      this.fillTopics()
      for (let count = scheduler.chance.whole(1, 3); count > 0; count--) this.startInstance()
      this.planFaults()
      let completeAtMs: number | undefined
      const look = (): void => {
        this.noteServed()
        const isThrough = scheduler.nowMs >= this.faultsUntilMs && this.isThrough()
        completeAtMs = isThrough ? (completeAtMs ?? scheduler.nowMs) : undefined
        scheduler.after(lookEveryMs, look, scheduler.world)
      }
      look()
      const isDone = (): boolean =>
        completeAtMs !== undefined && scheduler.nowMs >= Math.max(completeAtMs, this.faultsUntilMs) + graceMs
      const { patienceMs = this.isEndless ? 480_000 : 300_000 } = this.options
      const isThrough = await scheduler.run(isDone, this.faultsUntilMs + patienceMs)
      return await this.report(isThrough ? undefined : 'it was not through in time', completeAtMs)
    } finally {
      uninstall()
    }
  }

  tell(sentence: string): void {
    this.options.tell?.(`${(this.scheduler.nowMs / 1000).toFixed(3)} s ${sentence}`)
  }

  /** Lets a fault hold until then. */
  holdUntil(untilMs: number, end: () => void): void {
    this.faultsUntilMs = Math.max(this.faultsUntilMs, untilMs)
    this.scheduler.after(untilMs - this.scheduler.nowMs, end, this.scheduler.world)
  }

  get isEndless(): boolean {
    return this.options.isEndless ?? false
  }

  /** What the clock on the wall says when it begins. */
  get startMs(): number {
    return this.options.stream.endMs
  }

  get settings(): ServiceSettings {
    return settings
  }

  get alive(): readonly Instance[] {
    return this.instances.filter(({ isAlive }) => isAlive)
  }

  startInstance(): Instance {
    const instance = new Instance(`instance-${++this.started}`, this)
    this.instances.push(instance)
    return instance
  }

  protected fillTopics(): void {
    const { brokers, scheduler, options } = this
    brokers.createTopic(rawTopic, partitions)
    brokers.rawTopics.add(rawTopic)
    brokers.rawFetch = { records: scheduler.chance.whole(8, 16), everyMs: scheduler.chance.whole(300, 800) }
    for (const { partition, value, timeMs } of options.stream.records) {
      const records = brokers.recordsOf(rawTopic, partition)
      records.push({ key: null, value, headers: {}, timestampMs: timeMs + 1_000 })
    }
  }

  protected planFaults(): void {
    const { scheduler, options } = this
    const { chance } = scheduler
    const allowed = options.faults ?? faultNames
    if (allowed.length === 0) return
    for (let count = chance.whole(1, 6); count > 0; count--) {
      const fault = chance.oneOf(allowed)
      this.injectAfter(chance.between(200, 30_000), fault)
    }
  }

  protected injectAfter(delayMs: number, fault: FaultName): void {
    const { scheduler } = this
    const atMs = scheduler.nowMs + delayMs
    this.faultsUntilMs = Math.max(this.faultsUntilMs, atMs)
    scheduler.after(
      delayMs,
      () => {
        const what = faults[fault].inject(this)
        if (what === undefined) return
        this.injected.push({ fault, atMs: Math.round(atMs), what })
        this.tell(`fault ${fault}: ${what}`)
      },
      scheduler.world,
    )
  }

  protected linesOf(topic: string): string[] {
    return this.valuesOf(topic).map(textOf)
  }

  private valuesOf(topic: string): Uint8Array[] {
    return (this.brokers.topics.get(topic) ?? []).flat().map(({ value }) => value!)
  }

  /** The raw partitions, when every task is done somewhere and nothing that it knows of waits. */
  protected ownedWhenAtWork(): readonly RawPartition[] | undefined {
    const states = this.alive.flatMap(({ service }) => (service === undefined ? [] : [service.state]))
    if (states.length < this.alive.length || states.length === 0) return undefined
    const tasks = states.flatMap((state) => [...state.tasks])
    if (new Set(tasks.map(([name]) => name)).size < taskCount || tasks.length > taskCount) return undefined
    if (tasks.some(([, task]) => !task.isRestored || task.lag > 0)) return undefined
    const owned = states.flatMap((state) => state.partitions)
    return owned.length === partitions + 1 ? owned : undefined
  }

  private readonly servedUpTo: Record<StandingLog, number> = { verdicts: 0, corrections: 0 }

  /** How far the served copy is, for the next look. */
  private noteServed(): void {
    for (const log of standingLogs) {
      void this.served.served.positionOf(log).then((position) => (this.servedUpTo[log] = position))
    }
  }

  /** Whether every task is done somewhere and nothing waits. */
  private isThrough(): boolean {
    const owned = this.ownedWhenAtWork()
    if (owned === undefined) return false
    if (this.brokers.lateUnderWay > 0 || this.staleKeys().length > 0) return false
    if (this.isEndless ? this.holdsRows(owned) : owned.some(({ hasEnded }) => !hasEnded)) return false
    // Without an end the log grows with the time that it tells: folding it at each look would take for ever.
    const { verdicts, corrections } = this.isEndless ? this.leastExpected : this.expected()
    return (
      new Set(this.linesOf(topics.verdicts)).size >= new Set(verdicts).size &&
      // A number may come back to what it was, word for word.
      new Set(this.linesOf(topics.corrections)).size >= new Set(corrections).size &&
      standingLogs.every((log) => this.servedUpTo[log] === this.logOf(topics.logs[log]).length)
    )
  }

  /** Whether something was not read yet, or waits in an epoch that time has not passed. */
  private holdsRows(owned: readonly RawPartition[]): boolean {
    const isRead = owned.every(
      ({ topic, partition, ingest }) => ingest.position >= this.brokers.recordsOf(topic, partition).length,
    )
    return !isRead || waitingIn(this.viewStats()) > 0
  }

  /** What a run without an end puts out at least; more may follow as time goes on. */
  private get leastExpected(): Decided {
    return this.mayRefuse ? { verdicts: [], corrections: [], chain: [] } : this.options.stream.expected
  }

  private viewStats(): Partial<ViewStats> {
    const stats: Record<string, unknown> = {}
    for (const { service } of this.alive) {
      for (const [name, task] of service!.state.tasks) if (task instanceof ViewTask) stats[name] = task.stats
    }
    return stats
  }

  private folded: { readonly records: number; readonly decided: Decided } | undefined

  /**
   * What should come out: what a replay of the stream gives, or of the log where records were refused for good reason, or
   * where the stream has no end but time goes on.
   */
  private expected(): Decided {
    if (!this.mayRefuse && !this.isEndless) return this.options.stream.expected
    const events = this.valuesOf(topics.events)
    if (this.folded?.records !== events.length)
      this.folded = { records: events.length, decided: foldOf(events) }
    return this.folded.decided
  }

  private async report(late: string | undefined, completeAtMs: number | undefined): Promise<RunReport> {
    const { scheduler } = this
    const problems: string[] = late === undefined ? [] : [late]
    const expected = this.expected()
    const verdicts = compare('verdict', expected.verdicts, this.linesOf(topics.verdicts), problems)
    const corrections = compare(
      'correction',
      expected.corrections,
      this.linesOf(topics.corrections),
      problems,
    )
    const chain = await this.checkChain(expected, problems)
    if (this.isEndless) this.checkLeast(expected, problems)
    const doubled = countDoubled(this.linesOf(topics.verdicts))
    if (doubled > 0) problems.push(`${doubled} verdicts came with several contents`)
    const stale = this.staleKeys()
    if (stale.length > 0)
      problems.push(`the latest of ${stale.length} corrections is an older one: ${stale[0]!}`)
    this.checkLetters(problems)
    if (late === undefined) {
      this.checkBooks(problems)
      await this.checkServed(expected, problems)
    }
    return {
      seed: this.options.seed,
      injected: this.injected,
      lost: verdicts.lost + corrections.lost + chain.lost + stale.length,
      doubled: doubled + chain.doubled,
      differing: verdicts.added + corrections.added,
      repeated: verdicts.repeated + corrections.repeated,
      problems,
      recoveryMs: Math.max(0, (completeAtMs ?? scheduler.nowMs) - this.faultsUntilMs),
      virtualMs: scheduler.nowMs,
      turns: scheduler.turns,
    }
  }

  /** What the log says must hold all that the replay gives: else a row was late that should have counted. */
  private checkLeast(expected: Decided, problems: string[]): void {
    for (const what of ['verdicts', 'corrections'] as const) {
      const missing = this.leastExpected[what].filter((line) => !expected[what].includes(line))
      if (missing.length > 0)
        problems.push(`${missing.length} ${what} of the replay do not follow from the log of events`)
    }
  }

  /** Links that are read by position, as every reader of an inner log does. */
  private async checkChain(
    expected: Decided,
    problems: string[],
  ): Promise<{ lost: number; doubled: number }> {
    const byPosition = new Map<number, string>()
    let doubled = 0
    for (const { value, headers } of this.recordsOf(topics.chain)) {
      const position = Number(headers['n']!.toString())
      const line = textOf(value!)
      const before = byPosition.get(position)
      if (before !== undefined && before !== line) doubled++
      byPosition.set(position, before ?? line)
    }
    const lines = [...byPosition].sort(([a], [b]) => a - b).map(([, line]) => line)
    const { faults: broken } = await checkChain({
      read: (take) => {
        for (const line of lines) take(Buffer.from(line))
        return Promise.resolve()
      },
      placeOf: (number) => `link ${number + 1}`,
    })
    problems.push(...broken)
    const lost = expected.chain.filter((line, number) => lines[number] !== line).length
    if (lost > 0)
      problems.push(`${lost} of ${expected.chain.length} links of the chain are not as they should be`)
    if (doubled > 0) problems.push(`${doubled} links of the chain came with several contents`)
    return { lost, doubled }
  }

  protected recordsOf(topic: string): StoredRecord[] {
    return (this.brokers.topics.get(topic) ?? []).flat()
  }

  /** The lines of an inner log, each position once. */
  private logOf(topic: string): string[] {
    const byPosition = new Map(
      this.recordsOf(topic).map(({ value, headers }) => [Number(headers['n']!.toString()), textOf(value!)]),
    )
    return [...byPosition].sort(([a], [b]) => a - b).map(([, line]) => line)
  }

  /** Of a key the latest record holds, in a topic that is compacted; in the log of corrections the position decides. */
  private staleKeys(): string[] {
    const wanted = new Map(this.logOf(topics.logs.corrections).map((line) => [keyOfCorrection(line), line]))
    const latest = new Map(
      this.recordsOf(topics.corrections).map(({ key, value }) => [key!.toString(), textOf(value!)]),
    )
    return [...wanted]
      .filter(([key, line]) => latest.has(key) && latest.get(key) !== line)
      .map(([key]) => key)
  }

  /** What could not be read is put aside as it was, all of it and nothing else. */
  private checkLetters(problems: string[]): void {
    const letters = new Set(this.valuesOf(topics.letters).map((value) => unframed(Buffer.from(value))))
    const { stream } = this.options
    const missing = stream.letters.filter((letter) => !letters.has(letter))
    const added = [...letters].filter((letter) => !stream.letters.includes(letter))
    if (missing.length > 0) problems.push(`${missing.length} dead letters are missing`)
    if (added.length > 0 && !this.mayRefuse)
      problems.push(`${added.length} dead letters are none: ${added[0]!}`)
  }

  private checkBooks(problems: string[]): void {
    const ingests: IngestBooks[] = []
    const stats = this.viewStats()
    for (const { service } of this.alive) {
      for (const { ingest } of service!.state.partitions) ingests.push(ingest.books)
    }
    const books = addUp(ingests, stats)
    const { read, counted, duplicates, tooLate, deadLetters } = books
    const sum = counted + duplicates + tooLate + deadLetters + waitingIn(stats)
    const { length } = this.options.stream.records
    this.tooLate = tooLate
    if (read !== length || sum !== read) {
      problems.push(
        `the books do not balance: of ${length} records ${read} were read, ${counted} counted, ` +
          `${duplicates} duplicates, ${tooLate} too late, ${deadLetters} dead letters`,
      )
    }
  }

  private async checkServed(expected: Decided, problems: string[]): Promise<void> {
    const newest = new Map<string, Verdict>()
    for (const line of expected.verdicts) {
      const verdict = JSON.parse(line) as Verdict
      if ((newest.get(verdict.verdictId)?.revision ?? 0) < verdict.revision)
        newest.set(verdict.verdictId, verdict)
    }
    const { served } = this.served
    for (const [id, { revision }] of newest) {
      const found = await served.verdict(id)
      if (found?.revision !== revision)
        problems.push(`${id} is served at revision ${found?.revision ?? 'none'}`)
    }
    for (const log of standingLogs) {
      const position = await served.positionOf(log)
      const { length } = expected[log]
      if (position !== length) problems.push(`${log} are served up to ${position} of ${length}`)
    }
  }
}

/** An instance of assay, which a supervisor starts again when it ends. */
export class Instance {
  process: Process
  service: Service | undefined
  /** It has been asked to end, and does not come again. */
  isStopped = false
  /** The process that was last asked to end, since one is stopped once, however much goes wrong in it. */
  private ending: Process | undefined

  constructor(
    readonly name: string,
    private readonly world: ServiceRun,
  ) {
    this.process = new Process(name)
    this.boot()
  }

  get isAlive(): boolean {
    return !this.process.isDead
  }

  /** It ends at once, and is started again after a while. */
  kill(why: string): void {
    if (this.process.isDead) return
    const { scheduler } = this.world
    this.world.tell(`${this.name} ends: ${why}`)
    this.process.isDead = true
    this.service = undefined
    if (this.isStopped) return
    scheduler.after(
      scheduler.chance.between(200, 6_000),
      () => {
        this.process = new Process(this.name)
        this.boot()
      },
      scheduler.world,
    )
  }

  /** It is asked to end, and does not come again. */
  stop(): void {
    this.isStopped = true
    this.endInOrder('it was asked to')
  }

  /** It stops its service, as the command does that runs one, and ends when that is done or has taken too long. */
  private endInOrder(why: string): void {
    const { service, process } = this
    const { scheduler } = this.world
    if (this.ending === process) return
    this.ending = process
    const end = (): void => {
      if (this.process === process) this.kill(why)
    }
    scheduler.after(0, () => void (service?.stop() ?? Promise.resolve()).then(end), process)
    // Its supervisor does not wait for ever.
    scheduler.after(20_000, end, scheduler.world)
  }

  private boot(): void {
    const { process, world } = this
    world.scheduler.after(
      world.scheduler.chance.between(1, 300),
      () => {
        void this.open().then(
          (service) => {
            if (!process.isDead) this.service = service
          },
          (error: unknown) => {
            this.kill(`it could not start: ${(error as Error).message}`)
          },
        )
      },
      process,
    )
  }

  private async open(): Promise<Service> {
    const { world, process } = this
    const { brokers, checkpoints, served, registry } = world
    const tell = (sentence: string): void => {
      world.tell(`${this.name}: ${sentence}`)
    }
    const client = await KafkaClient.open(
      { brokers: ['simulated:9092'] },
      { tell, kafkaOf: () => simulatedKafka(brokers) },
    )
    return Service.start(
      {
        ...{ settings: world.settings, policy, key, tell, metrics, isFinite: !world.isEndless },
        ...(world.options.traces === undefined ? {} : { traces: world.options.traces }),
        checkpoints: new PatientCheckpointStore(checkpoints.store, {
          clockMs: () => performance.now(),
          tell,
        }),
        standing: served.standing,
        isStandingShared: true,
        nowMs: () => Date.now(),
        onFatal: (error) => {
          if (this.process === process) this.endInOrder(error.message)
        },
      },
      {
        client,
        registry,
        listen: () =>
          Promise.resolve({
            address: { address: '127.0.0.1', port: 0, family: 'IPv4' },
            close: () => Promise.resolve(),
          }),
      },
    )
  }
}

/** How many rows wait in epochs that have not closed. */
function waitingIn({ actor, account }: Partial<ViewStats>): number {
  return (actor?.waiting ?? 0) + (account?.waiting ?? 0)
}

/** Compares as sets: what comes again byte for byte is allowed. */
function compare(
  what: string,
  expected: readonly string[],
  found: readonly string[],
  problems: string[],
): { lost: number; added: number; repeated: number } {
  const wanted = new Set(expected)
  const there = new Set(found)
  const lost = [...wanted].filter((line) => !there.has(line))
  const added = [...there].filter((line) => !wanted.has(line))
  if (lost.length > 0) problems.push(`${lost.length} ${what}s are lost, such as ${lost[0]!.slice(0, 120)}`)
  if (added.length > 0)
    problems.push(`${added.length} ${what}s are not of the replay, such as ${added[0]!.slice(0, 120)}`)
  return { lost: lost.length, added: added.length, repeated: found.length - there.size }
}

/** Verdicts of which one id and revision came with more than one content. */
function countDoubled(lines: readonly string[]): number {
  const contents = new Map<string, Set<string>>()
  for (const line of lines) {
    const { verdictId, revision } = JSON.parse(line) as Verdict
    const of = `${verdictId} ${revision}`
    contents.set(of, (contents.get(of) ?? new Set()).add(line))
  }
  return [...contents.values()].filter(({ size }) => size > 1).length
}

function keyOfCorrection(line: string): string {
  const { accountId, contentId, kind, hour } = JSON.parse(line) as Correction
  return [accountId, contentId, kind, hour].join('|')
}

const metrics = declareMetrics()
export const topics = {
  events: 'assay.events',
  chain: 'assay.chain',
  letters: 'assay.dead-letters',
  verdicts: 'enforcement.verdicts',
  corrections: 'enforcement.corrections',
  logs: { verdicts: 'assay.verdicts', corrections: 'assay.corrections' },
}
/** What the instances are told by their surroundings. */
export const environment = {
  ASSAY_BROKERS: 'simulated:9092',
  ASSAY_KAFKA_TOPICS: JSON.stringify({ [rawTopic]: 'mixed' }),
  ASSAY_KAFKA_REPLICATION: '1',
  ASSAY_KAFKA_PARTITIONS: '2',
  ASSAY_REGISTRY_URL: 'http://127.0.0.1:8081',
  ASSAY_REGISTRY_WAIT_MS: '120000',
  ASSAY_ALLOWED_DEAD_LETTER_SHARE: '1',
}
const settings = loadSettings(undefined, environment)
const taskCount = 7
export const lookEveryMs = 500
const graceMs = 3_000
