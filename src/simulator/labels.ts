import type { Burst, SimulatedOffence, Strength } from './burst'
import type { World } from './world'

/** What an account or an actor is in truth. Who has no label took part in nothing out of the ordinary, and is honest. */
export interface Label {
  readonly type: 'account' | 'actor'
  readonly id: string
  readonly label: 'fraud' | 'honest'
  /** What it did, or, where it is honest, what it might be mistaken for. */
  readonly offence: SimulatedOffence | null
  readonly campaign: string
  readonly attack: string
  /** What else it did on the way: who is found by that is found as well. */
  readonly also?: readonly SimulatedOffence[]
  /** Of an account that bought: by what it could be told that it arranged it itself. */
  readonly tie?: string
  /** Of an account that bought: the campaign under which the actors are labelled, where they serve many. */
  readonly crew?: string
  readonly strength?: Strength
  /** The operator's own devices took part, so that the account did this itself. */
  readonly selfRun?: boolean
  /**
   * From when delays are measured: of an account whose numbers were moved, the first made event; of copies, the second
   * of the first batch; of other networks, when the second member joined in.
   */
  readonly startMs?: number
}

export function labelsOf(world: World, bursts: readonly Burst[]): readonly Label[] {
  return bursts.flatMap((burst) => [
    ...burst.accounts.map((account) => accountLabel(world.names.account(account), burst)),
    ...burst.actors.map((actor) => actorLabel(world.names.actor(actor), burst)),
  ])
}

function accountLabel(id: string, burst: Burst): Label {
  return {
    type: 'account',
    id,
    label: burst.accountLabel,
    ...origin(burst),
    ...(burst.isSelfRun === undefined ? {} : { selfRun: burst.isSelfRun }),
    ...(burst.tie === undefined ? {} : { tie: burst.tie }),
    ...(burst.crew === undefined ? {} : { crew: burst.crew }),
    ...(burst.beginsMs === undefined ? firstMade(burst) : { startMs: burst.beginsMs }),
  }
}

function firstMade({ deeds }: Burst): { startMs?: number } {
  let startMs = Number.POSITIVE_INFINITY
  for (const deed of deeds) if ('isBought' in deed && deed.isBought) startMs = Math.min(startMs, deed.timeMs)
  return startMs === Number.POSITIVE_INFINITY ? {} : { startMs: Math.floor(startMs) }
}

function actorLabel(id: string, burst: Burst): Label {
  return { type: 'actor', id, label: burst.actorLabel, ...origin(burst) }
}

function origin(burst: Burst) {
  return {
    offence: burst.offence,
    campaign: burst.campaign,
    attack: burst.attack,
    ...(burst.also === undefined ? {} : { also: burst.also }),
    ...(burst.strength === undefined ? {} : { strength: burst.strength }),
  }
}
