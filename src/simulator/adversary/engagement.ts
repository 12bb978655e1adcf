import type { JudgedKind } from '../../model/event'
import { mostInADay } from '../../model/traits'
import { camouflage, deliver, offences, pretendedReferrers } from '../attacks/campaign'
import { recruit } from '../attacks/recruits'
import { tactics } from '../attacks/tactics'
import type { Tactics } from '../attacks/tactics'
import type { Burst, Deed } from '../burst'
import { dayMs } from '../season'
import type { Stage } from '../stage'
import { scattered, steady, withTheSeason } from '../times'
import type { Pace } from '../times'
import type { Adversary, Attack, Knobs, Settings } from './adversary'
import { hoursToTake, numberIn } from './adversary'

const paces: Readonly<Record<string, Pace>> = { steady, scattered, 'with-the-season': withTheSeason }

/** What a buyer of engagement can order. */
const orderKnobs: Knobs = {
  hours: hoursToTake,
  accountsPerDevice: [10, 3, 2, 1],
  // Rented lines that all accounts share; 0 is a home for each.
  lines: [3, 30, 0],
  ageDays: [1, 20, 90, 700],
  pace: ['steady', 'scattered', 'with-the-season'],
}

/** With so many acts each, those beyond what a person may do are less than half, which is no evidence. */
const asOftenAsPasses = 2 * mostInADay - 1

const readingKnobs: Knobs = { dwellMs: [1_400, 20_000], camouflage: [0, 3] }

/** Engagement of one kind: actors of whatever quality, each of whom does it once or again and again. */
export function inflating(kind: JudgedKind, offence = offences[kind]): Adversary {
  const isRepeatable = kind !== 'subscription'
  return {
    offence,
    unit: `${kind}s`,
    knobs: {
      ...(isRepeatable ? { actsPerAccount: [100, asOftenAsPasses, 20, 5, 2, 1] } : {}),
      ...orderKnobs,
      ...readingKnobs,
      ...(kind === 'click' ? {} : { readsBefore: [0, 0.5] }),
      ...(kind === 'forward' || kind === 'comment' ? { wordings: [9, 400] } : {}),
    },
    costKnobs: isRepeatable ? ['camouflage', 'actsPerAccount', 'hours'] : ['camouflage', 'hours'],
    plan(stage, units, settings) {
      const acts = isRepeatable ? numberIn(settings, 'actsPerAccount') : 1
      const way = {
        ...wayOf(stage, settings),
        ...(offence === offences[kind] ? {} : { referrers: pretendedReferrers }),
      }
      const account = target(stage)
      const actors = recruit(stage, way, Math.ceil(units / acts))
      const span = { startMs: stage.warmUpEndMs, endMs: stage.endMs }
      const deeds = [
        ...deliver({ stage, kind, way, account, actors, size: units, span }),
        ...camouflage(stage, way, actors),
      ]
      return attackOf(stage, { offence, account, actors, deeds })
    },
  }
}

/** Subscribers that came before the run, and that are all taken away. */
export const leaving: Adversary = {
  offence: 'abnormal-unsubscription',
  unit: 'unsubscriptions',
  knobs: { ...orderKnobs, camouflage: [0, 3] },
  costKnobs: ['camouflage', 'hours'],
  plan(stage, units, settings) {
    const way = wayOf(stage, settings)
    const account = target(stage)
    const actors = recruit(stage, way, units)
    const span = { startMs: stage.warmUpEndMs, endMs: stage.endMs }
    const deeds = [
      ...way.pace(span, units, stage.random).map((timeMs, place): Deed => ({
        kind: 'unsubscription',
        timeMs,
        actor: actors[place]!,
        account,
      })),
      ...camouflage(stage, way, actors),
    ]
    return attackOf(stage, { offence: 'abnormal-unsubscription', account, actors, deeds })
  },
}

// An account in the middle: neither so large that everything is lost in it, nor so small that nobody would pay.
function target(stage: Stage): number {
  return stage.takeAccount(0.25, 0.6)
}

// What no knob says is as careful as can be.
function wayOf(stage: Stage, settings: Settings): Tactics {
  const careful = tactics.stealth[0]!
  const perDevice = numberIn(settings, 'accountsPerDevice')
  const lines = numberIn(settings, 'lines')
  const ageDays = numberIn(settings, 'ageDays')
  return {
    ...careful,
    name: 'adversary',
    pace: paces[String(settings['pace'])]!,
    actorsPerDevice: [perDevice, perDevice],
    prefixes: [lines, lines],
    hostingShare: 0.5,
    ageDays: { median: ageDays, sigma: 0.3 },
    dwell: { medianMs: numberOr(settings, 'dwellMs', 20_000), sigma: 0.7 },
    readsBefore: numberOr(settings, 'readsBefore', 0),
    camouflage: (numberOr(settings, 'camouflage', 0) * (stage.endMs - stage.world.options.startMs)) / dayMs,
    wordings: numberOr(settings, 'wordings', 400),
  }
}

function numberOr(settings: Settings, knob: string, otherwise: number): number {
  return knob in settings ? numberIn(settings, knob) : otherwise
}

function attackOf(
  stage: Stage,
  made: Pick<Burst, 'actors'> & {
    readonly offence: NonNullable<Burst['offence']>
    readonly account: number
    readonly deeds: readonly Deed[]
  },
): Attack {
  const { offence, account, actors, deeds } = made
  const burst: Burst = {
    attack: `adversary-${offence}`,
    campaign: stage.name,
    offence,
    isSelfRun: false,
    accounts: [account],
    accountLabel: 'fraud',
    actors,
    actorLabel: 'fraud',
    deeds,
    fronts: [],
  }
  return { bursts: [burst], accounts: actors.length }
}
