import { UsageError } from '../model/errors'
import { hourMs } from './season'

/** What a simulation is made from; the same options give the same bytes. */
export interface SimulationOptions {
  /** The name of a scenario. */
  readonly scenario: string
  readonly seed: number
  readonly hours: number
  /** How many events the ordinary traffic has, within about 5 %; bursts and campaigns come on top. */
  readonly events: number
  /** Public accounts whose numbers are moved. */
  readonly accounts: number
  /** People of the ordinary audience; bursts and campaigns bring their own. */
  readonly actors: number
  /** Event time of the start, in ms since 1970. */
  readonly startMs: number
  /** In the ordinary traffic no account registers, and who runs one does little, so that a run of months is a small one. */
  readonly isSparse?: boolean
  /** How many times as often as usual readers comment; 1 where it is not said. */
  readonly talk?: number
}

export const defaultOptions: SimulationOptions = {
  scenario: 'platform',
  seed: 1,
  hours: 36,
  events: 200_000,
  accounts: 200,
  actors: 6_000,
  // A Monday, midnight at UTC+8: the quiet hours are the warm-up.
  startMs: Date.UTC(2024, 2, 3, 16),
}

/** Above these the ids of a simulation would repeat or its numbers no longer fit. */
const limits: Record<'hours' | 'events' | 'accounts' | 'actors', { least: number; most: number }> = {
  hours: { least: 6, most: 24 * 366 },
  events: { least: 1_000, most: 200_000_000 },
  accounts: { least: 60, most: 1_000_000 },
  actors: { least: 1_000, most: 20_000_000 },
}

/** Returns the options unchanged; throws with a sentence that helps where one is impossible for a scenario. */
export function checkOptions(options: SimulationOptions, leastHours = limits.hours.least): SimulationOptions {
  for (const name of ['hours', 'events', 'accounts', 'actors'] as const) {
    const { least, most } = name === 'hours' ? { ...limits.hours, least: leastHours } : limits[name]
    const value = options[name]
    if (Number.isInteger(value) && value >= least && value <= most) continue
    throw new UsageError(
      `${name} must be a whole number from ${least} to ${most}, got ${value}; ` +
        `leave it out to use the scenario's own`,
    )
  }
  if (!Number.isSafeInteger(options.seed))
    throw new UsageError(`seed must be a whole number, got ${options.seed}`)
  if (!Number.isSafeInteger(options.startMs) || options.startMs < 0) {
    throw new UsageError(`startMs must be ms since 1970, got ${options.startMs}`)
  }
  return options
}

export function endOf(options: SimulationOptions): number {
  return options.startMs + options.hours * hourMs
}
