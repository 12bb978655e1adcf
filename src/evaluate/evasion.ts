import type { Correction, Verdict } from '../model/records'
import type { Policy } from '../policy/policy'
import { replay } from '../runtime/replay'
import { prepare } from '../simulator'
import type { Label } from '../simulator'
import type { Adversary, Attack, Settings } from '../simulator/adversary'
import { Random } from '../simulator/random'
import type { Stage } from '../simulator/stage'
import { chunksOf } from './simulated'

/** What the search may spend. */
export interface SearchOptions {
  /** How many fake units are to be added. */
  readonly units: number
  /** Where the search learns; what it found is then tried on the seeds after it. */
  readonly seed: number
  /** On how many further seeds. */
  readonly heldOutSeeds: number
  /** Rounds of trials, each a run of the platform with `attackers` of them on it. */
  readonly rounds: number
  readonly attackers: number
  /** What the attacker has; ways that need more are passed over. */
  readonly budget?: Cost
}

export interface Cost {
  readonly accounts: number
  /** From the first thing done for it to the last. */
  readonly hours: number
}

/** A way to add the units that was not seen where it was searched, and how it fared elsewhere. */
export interface Way {
  readonly settings: Settings
  readonly cost: Cost
  /** On how many of the further seeds it passed unseen as well. */
  readonly held: number
}

/** The cheapest ways found for one offence and number of units: none of them is beaten in both accounts and hours. */
export interface Evasion {
  readonly offence: string
  readonly unit: string
  readonly units: number
  readonly heldOutSeeds: number
  /** Ways tried, and how many of them passed unseen. */
  readonly tried: number
  readonly unseen: number
  readonly ways: readonly Way[]
}

interface Judge {
  readonly policy: Policy
  readonly key: Uint8Array
}

/**
 * The platform on which attackers are tried. It is left alone for a day, since a platform that has shown little yet says
 * of hardly anything that it is unusual; a day for the attack; and four hours in which it may still be found.
 * Attackers of one run have accounts and actors of their own, and are a twelfth of the accounts at most.
 */
export const trialPlatform = {
  scenario: 'quiet',
  hours: 52,
  events: 30_000,
  accounts: 100,
  actors: 2_500,
} as const
const learningHours = 24

/**
 * Searches the cheapest ways to add units unseen, as somebody would who knows what can be set and sees what becomes of
 * it: the most careful way first, then cheaper ones, a knob at a time, from whatever passed so far. Deterministic. What it
 * finds is an upper bound: a longer search, or a knob that nobody thought of, may be cheaper.
 */
export async function searchEvasion(
  adversary: Adversary,
  options: SearchOptions,
  judge: Judge,
): Promise<Evasion> {
  const random = new Random(options.seed, `search ${adversary.offence} ${options.units}`)
  const trials = new Map<string, Trial>()
  for (let round = 0; round < options.rounds; round++) {
    const candidates = nextCandidates(adversary, [...trials.values()], options.attackers, random)
    if (candidates.length === 0) break
    for (const trial of await tryOut(adversary, candidates, options.units, options.seed, judge))
      trials.set(nameOf(trial.settings), trial)
  }
  const passed = [...trials.values()].filter((trial) => trial.isUnseen && fits(trial.cost, options.budget))
  const best = front(passed)
  const held = best.map(() => 0)
  for (let further = 1; best.length > 0 && further <= options.heldOutSeeds; further++) {
    const settings = best.map((trial) => trial.settings)
    const again = await tryOut(adversary, settings, options.units, options.seed + further, judge)
    again.forEach(({ isUnseen }, place) => (held[place]! += Number(isUnseen)))
  }
  return {
    offence: adversary.offence,
    unit: adversary.unit,
    units: options.units,
    heldOutSeeds: options.heldOutSeeds,
    tried: trials.size,
    unseen: [...trials.values()].filter(({ isUnseen }) => isUnseen).length,
    ways: best.map(({ settings, cost }, place) => ({ settings, cost, held: held[place]! })),
  }
}

/** Several attackers of one offence on one platform; their names in the labels are their places. */
export function attackersOn(
  adversary: Adversary,
  candidates: readonly Settings[],
  { units, seed }: { units: number; seed: number },
) {
  const attacks: Attack[] = []
  const simulation = prepare({ ...trialPlatform, seed }, (open) => {
    attacks.push(
      ...candidates.map((settings, place) =>
        adversary.plan(stageOf(open(`attacker-${place + 1}`), settings), units, settings),
      ),
    )
    return attacks.flatMap(({ bursts }) => bursts)
  })
  return { simulation, attacks }
}

function stageOf(stage: Stage, settings: Settings): Stage {
  return stage.confined({ learningHours, hours: Number(settings['hours']) })
}

interface Trial {
  readonly settings: Settings
  readonly cost: Cost
  readonly isUnseen: boolean
}

async function tryOut(
  adversary: Adversary,
  candidates: readonly Settings[],
  units: number,
  seed: number,
  { policy, key }: Judge,
): Promise<Trial[]> {
  const { simulation, attacks } = attackersOn(adversary, candidates, { units, seed })
  const verdicts: Verdict[] = []
  const corrections = new Map<string, Correction>()
  await replay({
    policy,
    key,
    sources: [{ name: 'simulation', read: () => chunksOf(simulation.records()) }],
    onVerdict: (json) => verdicts.push(JSON.parse(decoder.decode(json)) as Verdict),
    onCorrection: (json) => {
      const correction = JSON.parse(decoder.decode(json)) as Correction
      const { accountId, contentId, kind, hour } = correction
      corrections.set([accountId, contentId, kind, hour].join('|'), correction)
    },
  })
  const named = namedIn(verdicts)
  return candidates.map((settings, place) => {
    const own = simulation.labels.filter(({ campaign }) => campaign === `attacker-${place + 1}`)
    return {
      settings,
      cost: costOf(attacks[place]!),
      isUnseen: !own.some(({ id }) => named.has(id)) && takenAway(own, corrections) < units / 2,
    }
  })
}

/** Everybody whom a live verdict ever named, at whatever rung. */
function namedIn(verdicts: readonly Verdict[]): Set<string> {
  return new Set(
    verdicts
      .filter(({ mode }) => mode === 'live')
      .flatMap(({ accountId, subject, cluster }) => [accountId, subject.id, ...(cluster?.members ?? [])]),
  )
}

function takenAway(own: readonly Label[], corrections: ReadonlyMap<string, Correction>): number {
  const accounts = new Set(own.filter(({ type }) => type === 'account').map(({ id }) => id))
  let disputed = 0
  for (const correction of corrections.values())
    if (accounts.has(correction.accountId)) disputed += correction.disputed
  return disputed
}

/** Logging in is no work; whatever else the attacker's actors do is, also what they do to look like somebody. */
function costOf({ bursts, accounts }: Attack): Cost {
  const [own] = bursts
  const actors = new Set(own!.actors)
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, 0]
  for (const deed of own!.deeds) {
    if (deed.kind === 'impression' || !actors.has(deed.actor)) continue
    if (deed.kind === 'account' && deed.activity === 'login') continue
    firstMs = Math.min(firstMs, deed.timeMs)
    lastMs = Math.max(lastMs, deed.timeMs)
  }
  return { accounts, hours: Math.max(0.1, Math.round((lastMs - firstMs) / 360_000) / 10) }
}

/** Careful in everything at first; then whatever passed, with a knob turned, half of the time one that it costs less by. */
function nextCandidates(
  adversary: Adversary,
  trials: readonly Trial[],
  count: number,
  random: Random,
): Settings[] {
  const known = new Set(trials.map(({ settings }) => nameOf(settings)))
  const next: Settings[] = []
  const add = (settings: Settings): void => {
    const name = nameOf(settings)
    if (known.has(name) || next.length === count) return
    known.add(name)
    next.push(settings)
  }
  const careful = Object.fromEntries(
    Object.entries(adversary.knobs).map(([knob, values]) => [knob, values[values.length - 1]!]),
  )
  if (trials.length === 0) {
    add(careful)
    for (const knob of adversary.costKnobs)
      for (const value of adversary.knobs[knob]!) add({ ...careful, [knob]: value })
  }
  const passed = trials.filter(({ isUnseen }) => isUnseen)
  // Without a way that passed, the careful one is as good a place to start from as any.
  const elite = passed.length > 0 ? front(passed).map(({ settings }) => settings) : [careful]
  for (let attempt = 0; attempt < 40 * count && next.length < count; attempt++) {
    const turned = turn(adversary, random.pick(elite), random)
    add(random.chance(0.3) ? turn(adversary, turned, random) : turned)
  }
  return next
}

function turn({ knobs, costKnobs }: Adversary, settings: Settings, random: Random): Settings {
  if (random.chance(0.5)) {
    const knob = random.pick(costKnobs)
    return { ...settings, [knob]: cheaper(knobs[knob]!, settings[knob]!, random) }
  }
  const knob = random.pick(Object.keys(knobs))
  return { ...settings, [knob]: random.pick(knobs[knob]!) }
}

// Every list of a cost knob begins with what costs least.
function cheaper(
  values: readonly (number | string)[],
  value: number | string,
  random: Random,
): number | string {
  const place = values.indexOf(value)
  return place <= 0 ? value : values[random.below(place)]!
}

/** Those that no other beats in accounts and hours both; the fewest accounts first. */
function front(trials: readonly Trial[]): Trial[] {
  const sorted = [...trials].sort(
    (left, right) => left.cost.accounts - right.cost.accounts || left.cost.hours - right.cost.hours,
  )
  let leastHours = Number.POSITIVE_INFINITY
  return sorted.filter(({ cost }) => {
    if (cost.hours >= leastHours) return false
    leastHours = cost.hours
    return true
  })
}

function fits(cost: Cost, budget: Cost | undefined): boolean {
  return budget === undefined || (cost.accounts <= budget.accounts && cost.hours <= budget.hours)
}

function nameOf(settings: Settings): string {
  return JSON.stringify(settings)
}

const decoder = new TextDecoder()
