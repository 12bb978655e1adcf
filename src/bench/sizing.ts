/** What an installation has to carry. */
export interface Load {
  /** Events a second, at the peak and on average. */
  readonly peakPerSecond: number
  readonly averagePerSecond: number
  /** Public accounts that are active within a day, and actors. */
  readonly accounts: number
  readonly actors: number
}

/** What it is kept for. */
export interface Keeping {
  /** Days for which the inner topics keep what they hold, and on how many brokers. */
  readonly days: number
  readonly replicas: number
}

/** What that takes. */
export interface Needs {
  /** Cores at the peak: of one process without a broker, and of all instances of the service, brokers left out. */
  readonly embeddedCores: number
  readonly serviceCores: number
  /** How many cores the busiest view takes at the peak. It runs on one, so that above 1 it falls behind. */
  readonly busiestViewCores: number
  /** Memory of one process with all views, at its peak. */
  readonly memoryMegabytes: number
  /** What the inner topics hold, over all replicas. */
  readonly innerGigabytes: number
}

/** What a load takes, by measured costs; `taskShares` are those of the service, where reading all raw partitions costs 1. */
export function needsOf(load: Load, { days, replicas }: Keeping, taskShares: readonly number[]): Needs {
  const shares = taskShares.reduce((sum, share) => sum + share, readingShare)
  const busiestShare = Math.max(...taskShares) / shares
  return {
    embeddedCores: (load.peakPerSecond * embeddedMicroseconds) / 1e6,
    serviceCores: serviceCores(load.peakPerSecond),
    busiestViewCores: (load.peakPerSecond * serviceMicroseconds * busiestShare) / 1e6,
    memoryMegabytes: lastingFactor * memoryMegabytes({ ...load, events: load.averagePerSecond * daySeconds }),
    innerGigabytes: (load.averagePerSecond * daySeconds * innerBytes * days * replicas) / 1e9,
  }
}

/** Cores of all instances of the service at a steady pace: what they take whatever comes, and what each event takes. */
export function serviceCores(eventsPerSecond: number): number {
  return idleCores + (eventsPerSecond * serviceMicroseconds) / 1e6
}

/** CPU seconds of a replay of so many events, start and warm-up included. */
export function replayCpuSeconds(events: number): number {
  return startSeconds + (events * embeddedMicroseconds) / 1e6
}

/**
 * Memory of a process with all views after so many events within a day. Accounts cost what they are; actors next to nothing
 * by themselves; what they meet grows with the events, slower and slower as more of it has been met before, up to the
 * caps of the tables, which a flood of fresh actors fills.
 */
export function memoryMegabytes({
  events,
  accounts,
  actors,
}: {
  events: number
  accounts: number
  actors: number
}): number {
  const met = megabytesMet * (events / 1e6) ** growthMet
  return (
    baseMegabytes + (accounts * accountBytes + actors * actorBytes) / 1e6 + Math.min(met, mostMegabytesMet)
  )
}

/** Runs of a replay from NDJSON within a day, on three threads: what the figures below were fitted to and are held against. */
export const measuredReplays: readonly MeasuredReplay[] = [
  { events: 500_000, accounts: 5_000, actors: 100_000, cpuSeconds: 5.5, peakMegabytes: 248 },
  { events: 1_000_000, accounts: 20_000, actors: 250_000, cpuSeconds: 9.5, peakMegabytes: 372 },
  { events: 1_000_000, accounts: 40_000, actors: 250_000, cpuSeconds: 10.4, peakMegabytes: 416 },
  { events: 1_000_000, accounts: 20_000, actors: 500_000, cpuSeconds: 9.5, peakMegabytes: 364 },
  { events: 2_000_000, accounts: 20_000, actors: 500_000, cpuSeconds: 17.2, peakMegabytes: 435 },
  { events: 3_000_000, accounts: 10_000, actors: 200_000, cpuSeconds: 23.8, peakMegabytes: 439 },
  { events: 5_000_000, accounts: 20_000, actors: 500_000, cpuSeconds: 37.8, peakMegabytes: 554 },
  { events: 20_000_000, accounts: 20_000, actors: 500_000, cpuSeconds: 174, peakMegabytes: 893 },
]

/** Cores of the service at a steady pace and at its end, by `test/trials/service-soak.ts` and `service-throughput.ts`. */
export const measuredServices: readonly { readonly perSecond: number; readonly cores: number }[] = [
  { perSecond: 5_000, cores: 0.228 },
  { perSecond: 25_000, cores: 0.404 },
  { perSecond: 104_400, cores: 1.07 },
]

/** A platform that ran for five days, a fifth of its events with text. */
export const measuredDays = {
  eventsPerDay: 20_000_000,
  accounts: 20_000,
  actors: 500_000,
  peakMegabytes: 1_146,
}

export interface MeasuredReplay {
  readonly events: number
  readonly accounts: number
  readonly actors: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
}

const daySeconds = 86_400
/** Loading, compiling and warming up on three threads. */
const startSeconds = 1.5
const embeddedMicroseconds = 8
/** Of the service on Kafka, whose brokers are left out: epochs, checkpoints, clocks; and an event. */
const idleCores = 0.19
const serviceMicroseconds = 8.4
const readingShare = 1
/** What the logs of the views take of an event. */
const innerBytes = 341
/** Three threads with their heaps, the code, and tables that are there from the start. */
const baseMegabytes = 160
const accountBytes = 3_000
const actorBytes = 19
/** What a million events within a day add, and how slowly more of them add more. */
const megabytesMet = 130
const growthMet = 0.55
/** What texts add, and the days before the last. */
const lastingFactor = 1.25
/** The caps of all tables that grow with who meets whom, by the flood of `test/trials/flood.ts`. */
const mostMegabytesMet = 1_000
