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
  const serviceCores = (load.peakPerSecond * serviceMicroseconds) / 1e6
  return {
    embeddedCores: (load.peakPerSecond * embeddedMicroseconds) / 1e6,
    serviceCores,
    busiestViewCores: (serviceCores * Math.max(...taskShares)) / shares,
    memoryMegabytes: memoryMegabytes({ ...load, events: load.averagePerSecond * daySeconds }),
    innerGigabytes: (load.averagePerSecond * daySeconds * innerBytes * days * replicas) / 1e9,
  }
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

/** Runs of a replay from NDJSON over six hours, on three threads: what the figures above were fitted to and are held against. */
export const measuredReplays: readonly MeasuredReplay[] = [
  { events: 500_000, accounts: 5_000, actors: 100_000, cpuSeconds: 8.5, peakMegabytes: 464 },
  { events: 1_000_000, accounts: 20_000, actors: 250_000, cpuSeconds: 14.6, peakMegabytes: 605 },
  { events: 1_000_000, accounts: 40_000, actors: 250_000, cpuSeconds: 17.3, peakMegabytes: 623 },
  { events: 1_000_000, accounts: 20_000, actors: 500_000, cpuSeconds: 15.4, peakMegabytes: 594 },
  { events: 2_000_000, accounts: 20_000, actors: 500_000, cpuSeconds: 26.6, peakMegabytes: 713 },
  { events: 3_000_000, accounts: 10_000, actors: 200_000, cpuSeconds: 34.4, peakMegabytes: 757 },
  { events: 5_000_000, accounts: 20_000, actors: 500_000, cpuSeconds: 61.7, peakMegabytes: 936 },
]

export interface MeasuredReplay {
  readonly events: number
  readonly accounts: number
  readonly actors: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
}

const daySeconds = 86_400
/** Loading, compiling and warming up on three threads. */
const startSeconds = 2.5
const embeddedMicroseconds = 11.7
/** Of the service on Kafka, whose brokers are left out (`test/trials/service-throughput.ts`). */
const serviceMicroseconds = 22
const readingShare = 1
/** What the logs of the views take of an event. */
const innerBytes = 341
/** Three threads with their heaps, the code, and tables that are there from the start. */
const baseMegabytes = 370
const accountBytes = 4_700
const actorBytes = 22
/** What a million events within a day add, and how slowly more of them add more. */
const megabytesMet = 145
const growthMet = 0.73
/** The caps of all tables that grow with who meets whom, by the flood of `test/trials/flood.ts`. */
const mostMegabytesMet = 1_000
