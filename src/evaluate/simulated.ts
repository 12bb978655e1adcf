import type { Correction, Verdict } from '../model/records'
import type { Policy } from '../policy/policy'
import { balances } from '../runtime/books'
import type { Books } from '../runtime/books'
import { replay } from '../runtime/replay'
import { prepare } from '../simulator'
import type { SimulationOptions } from '../simulator'
import { addNetworkScores, scoreNetworks } from './network-score'
import type { NetworkScore } from './network-score'
import { addScores, score } from './score'
import type { Label, Score } from './score'

/** A scenario played with one seed, and how the verdicts stood against its labels. */
export interface SimulatedResult {
  readonly seed: number
  readonly score: Score
  readonly networks: NetworkScore
  readonly books: Books
  readonly balanced: boolean
  /** Account-hours with at least one event: what wrong corrections are counted against. */
  readonly accountHours: number
}

/** Simulates, replays and scores one seed of a scenario, in memory. */
export async function evaluateSeed(
  options: Partial<SimulationOptions> & { readonly seed: number },
  { policy, key }: { policy: Policy; key: Uint8Array },
): Promise<SimulatedResult> {
  const simulation = prepare(options)
  const verdicts: Verdict[] = []
  const corrections: Correction[] = []
  const accountHours = new Set<string>()
  const books = await replay({
    policy,
    key,
    sources: [{ name: 'simulation', read: () => chunksOf(simulation.records(countHours(accountHours))) }],
    onVerdict: (json) => verdicts.push(JSON.parse(decoder.decode(json)) as Verdict),
    onCorrection: (json) => corrections.push(JSON.parse(decoder.decode(json)) as Correction),
  })
  const labels: Label[] = [
    ...simulation.labels,
    ...simulation.truth().map((count) => ({ ...count, type: 'count' as const })),
  ]
  return {
    seed: options.seed,
    score: score({ labels, verdicts, corrections }),
    networks: scoreNetworks({ labels, verdicts }),
    books,
    balanced: balances(books),
    accountHours: accountHours.size,
  }
}

/** The results of several seeds as one. */
export function joinSeeds(results: readonly SimulatedResult[]): Pick<SimulatedResult, 'score' | 'networks'> {
  return {
    score: addScores(results.map((result) => result.score)),
    networks: addNetworkScores(results.map((result) => result.networks)),
  }
}

/** Whole lines with their positions, as a source gives them; `position` is where the first of them lies. */
export async function* chunksOf(
  records: Iterable<Buffer>,
  position = 0,
): AsyncGenerator<{
  format: 'lines'
  bytes: Uint8Array
  position: number
  nextPosition: number
}> {
  for (const bytes of records) {
    yield { format: 'lines', bytes, position, nextPosition: position + bytes.length }
    position += bytes.length
    // Lets signals and timers in between.
    await Promise.resolve()
  }
}

function countHours(into: Set<string>) {
  return ({ account, timeMs }: { account: number; timeMs: number }): void => {
    into.add(`${account}|${Math.floor(timeMs / 3_600_000)}`)
  }
}

const decoder = new TextDecoder()
