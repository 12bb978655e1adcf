import { correctionKey } from '../model/correction-key'
import type { Correction, Verdict } from '../model/records'
import type { LogName } from '../runtime/stages'
import type { Adversary, Settings } from '../simulator/adversary'
import { endOf } from '../simulator/options'
import { Random } from '../simulator/random'
import { planAttack } from './trial-platform'
import type { PlannedAttack, TrialPlatform } from './trial-platform'

/** What the search may spend. */
export interface SearchOptions {
  /** How many fake units are to be added. */
  readonly units: number
  /** The first seed, and how many there are: a way has to pass unseen on each of them. */
  readonly seed: number
  readonly seeds: number
  /** How many ways may be tried. */
  readonly tries: number
  /** What the attacker has; ways that need more are passed over. */
  readonly budget?: Cost
}

export interface Cost {
  readonly accounts: number
  /** From the first thing done for it to the last. */
  readonly hours: number
}

/** A way to add the units that was unseen on every seed. */
export interface Way {
  readonly settings: Settings
  readonly cost: Cost
}

/** The cheapest ways found for one offence and number of units: none of them is beaten in both accounts and hours. */
export interface Evasion {
  readonly offence: string
  readonly unit: string
  readonly units: number
  readonly seeds: number
  /** Ways tried, and how many of them passed unseen. */
  readonly tried: number
  readonly unseen: number
  readonly ways: readonly Way[]
}

/** Gives the platform of a seed; asked again, the same one. */
export type PlatformOf = (seed: number) => Promise<TrialPlatform>

/**
 * Searches the cheapest ways to add units unseen, as somebody would who knows what can be set and sees what becomes of
 * it: careful in everything that costs neither accounts nor hours, the fewest accounts first; then with that turned too.
 * Deterministic. What it finds is an upper bound: a longer search, or a knob that nobody thought of, may be cheaper.
 */
export async function searchEvasion(
  adversary: Adversary,
  options: SearchOptions,
  platformOf: PlatformOf,
): Promise<Evasion> {
  const { offence, unit } = adversary
  const { units, seed, seeds } = options
  const search = new Search(adversary, options, platformOf)
  const ways = search.byAccounts(carefulWays(adversary))
  for (const settings of ways) await search.explore(settings)
  const random = new Random(seed, `search ${offence} ${units}`)
  for (let turns = 0; turns < mostTurns; turns++) {
    const worthIt = ways.filter((way) => search.isWorthIt(way))
    if (worthIt.length === 0) break
    await search.explore(turned(adversary, random.pick(worthIt), random))
  }
  return { offence, unit, units, seeds, tried: search.tried, unseen: search.unseen, ways: search.best }
}

/** Whether no live verdict ever names who took part, and corrections take away less than half of what was added. */
export async function isUnseen(
  planned: PlannedAttack,
  platform: TrialPlatform,
  units: number,
): Promise<boolean> {
  const witness = new Witness(planned)
  // A verdict is never unsaid, so that what follows it changes nothing.
  await platform.play(
    planned.simulation,
    (log, record) => {
      witness.hear(log, record)
    },
    () => witness.isNamed,
  )
  return !witness.isNamed && witness.takenAway < units / 2
}

/** What has been tried of one offence and number of units. */
class Search {
  tried = 0
  unseen = 0
  private found: Way[] = []
  private readonly costs = new Map<string, Cost>()
  private readonly explored = new Set<string>()

  constructor(
    private readonly adversary: Adversary,
    private readonly options: SearchOptions,
    private readonly platformOf: PlatformOf,
  ) {}

  /** What was found and is not beaten in both accounts and hours; the fewest accounts first. */
  get best(): readonly Way[] {
    const sorted = [...this.found].sort((left, right) => compare(left.cost, right.cost))
    return sorted.filter(({ cost }, place) =>
      sorted.slice(0, place).every((cheaper) => cheaper.cost.hours > cost.hours),
    )
  }

  byAccounts(ways: readonly Settings[]): readonly Settings[] {
    const least = (way: Settings): Cost => this.costOf(this.inHours(way)[0]!)
    return [...ways].sort((left, right) => compare(least(left), least(right)))
  }

  /** Whether it could better what was found, with the least hours. */
  isWorthIt(way: Settings): boolean {
    return this.isBetter(this.costOf(this.inHours(way)[0]!))
  }

  /**
   * Tries a way with the hours that it may take, as far as that would better what was found. Who is seen is seen in
   * less time as well.
   */
  async explore(way: Settings): Promise<void> {
    const name = nameOf(way)
    if (this.explored.has(name) || !this.isWorthIt(way)) return
    this.explored.add(name)
    let open = this.inHours(way)
      .map((settings) => ({ settings, cost: this.costOf(settings) }))
      .filter(({ cost }) => this.isBetter(cost))
    // What is seen is seen early and costs little: so the least comes first, then the most, without which nothing helps.
    for (let turn = 0; open.length > 0 && this.tried < this.options.tries; turn++) {
      const place = turn === 1 ? open.length - 1 : 0
      const tried = open[place]!
      const isUnseen = await this.tryOut(tried.settings)
      if (isUnseen) this.found.push(tried)
      open = isUnseen ? open.slice(0, place) : open.slice(place + 1)
    }
  }

  private inHours(way: Settings): Settings[] {
    return this.adversary.knobs['hours']!.map((hours) => ({ ...way, hours }))
  }

  private async tryOut(settings: Settings): Promise<boolean> {
    const { units, seed, seeds } = this.options
    this.tried++
    for (let place = seed; place < seed + seeds; place++) {
      const planned = planAttack(this.adversary, settings, { units, seed: place })
      if (!(await isUnseen(planned, await this.platformOf(place), units))) return false
    }
    this.unseen++
    return true
  }

  private costOf(settings: Settings): Cost {
    const { units, seed } = this.options
    const name = nameOf(settings)
    const known = this.costs.get(name) ?? costOf(planAttack(this.adversary, settings, { units, seed }))
    this.costs.set(name, known)
    return known
  }

  // A tenth of the time is chance, and no way of its own.
  private isBetter({ accounts, hours }: Cost): boolean {
    const { budget } = this.options
    if (hours === Number.POSITIVE_INFINITY) return false
    if (budget !== undefined && (accounts > budget.accounts || hours > budget.hours)) return false
    return this.found.every(({ cost }) => cost.accounts > accounts || 0.9 * cost.hours > hours)
  }
}

/** Hears what comes of an attack. */
class Witness {
  /** Whether a live verdict ever named somebody who took part, at whatever rung. */
  isNamed = false
  private readonly own: ReadonlySet<string>
  private readonly accounts: ReadonlySet<string>
  private readonly corrections = new Map<string, Correction>()

  constructor({ own }: PlannedAttack) {
    this.own = new Set(own.map(({ id }) => id))
    this.accounts = new Set(own.filter(({ type }) => type === 'account').map(({ id }) => id))
  }

  hear(log: LogName, record: Uint8Array): void {
    if (log === 'verdicts') {
      const { mode, accountId, subject, cluster } = read(record) as Verdict
      if (mode !== 'live') return
      this.isNamed ||= [accountId, subject.id, ...(cluster?.members ?? [])].some((id) => this.own.has(id))
    }
    if (log === 'corrections') {
      const correction = read(record) as Correction
      if (this.accounts.has(correction.accountId)) this.corrections.set(correctionKey(correction), correction)
    }
  }

  /** How many units are corrected away now. */
  get takenAway(): number {
    return [...this.corrections.values()].reduce((sum, { disputed }) => sum + disputed, 0)
  }
}

/** Logging in is no work; whatever else the attacker's actors do is, also what they do to look like somebody. */
function costOf({ attack: { bursts, accounts }, simulation }: PlannedAttack): Cost {
  const [own] = bursts
  const actors = new Set(own!.actors)
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, 0]
  for (const deed of own!.deeds) {
    if (deed.kind === 'impression' || !actors.has(deed.actor)) continue
    if (deed.kind === 'account' && deed.activity === 'login') continue
    firstMs = Math.min(firstMs, deed.timeMs)
    lastMs = Math.max(lastMs, deed.timeMs)
  }
  // What comes after the end of the run is not added.
  if (lastMs >= endOf(simulation.options)) return { accounts, hours: Number.POSITIVE_INFINITY }
  return { accounts, hours: Math.max(0.1, Math.round((lastMs - firstMs) / 360_000) / 10) }
}

/** Every value of what it costs by apart from the hours, and the careful end of all else. */
function carefulWays({ knobs, costKnobs }: Adversary): Settings[] {
  const careful = Object.fromEntries(Object.entries(knobs).map(([knob, values]) => [knob, values.at(-1)!]))
  return costKnobs
    .filter((knob) => knob !== 'hours')
    .reduce<Settings[]>(
      (ways, knob) => ways.flatMap((way) => knobs[knob]!.map((value) => ({ ...way, [knob]: value }))),
      [careful],
    )
}

/** The same way with one or two of the other knobs turned. */
function turned({ knobs, costKnobs }: Adversary, settings: Settings, random: Random): Settings {
  const others = Object.keys(knobs).filter((knob) => !costKnobs.includes(knob))
  const turns = random.sample(others, Math.min(others.length, random.chance(0.3) ? 2 : 1))
  return { ...settings, ...Object.fromEntries(turns.map((knob) => [knob, random.pick(knobs[knob]!)])) }
}

const mostTurns = 12

function compare(left: Cost, right: Cost): number {
  return left.accounts - right.accounts || left.hours - right.hours
}

function nameOf(settings: Settings): string {
  return JSON.stringify(settings)
}

function read(record: Uint8Array): unknown {
  return JSON.parse(decoder.decode(record))
}

const decoder = new TextDecoder()
