import { strengths } from '../burst'
import type { Strength } from '../burst'
import { planHotspot } from '../control/hotspot'
import { planNetwork, planSteered } from '../control/network'
import type { Stagger } from '../control/network'
import { planForgery } from '../control/originality'
import { planRegistrations } from '../control/registering'
import { minuteMs } from '../season'
import type { CopyKind } from '../writing/copies'
import type { Adversary, Attack, Settings } from './adversary'
import { hoursToTake, numberIn } from './adversary'

/** The share of members that take part in each joint act, as they do in `planSteered`. */
const partShare = 0.85
/** The share of hands that push a post, on average, and posts a member, as in `planHotspot`. */
const handShare = 0.35
const postsPerMember = 3

/** Copies of a text a batch, as many batches as it takes. */
export const copying: Adversary = {
  offence: 'batch-homogeneous-posting',
  unit: 'copies',
  knobs: {
    size: [3, 4, 8, 20, 60],
    hours: hoursToTake,
    copies: ['exact', 'translated', 'noise', 're-ordered', 'spun-10', 'spun-30', 'spun-50'],
    stagger: ['now', '1h', '24h'],
    ownPercent: [0, 70, 95],
    care: strengths,
  },
  costKnobs: ['size', 'stagger', 'hours'],
  plan(stage, units, settings) {
    const size = numberIn(settings, 'size')
    const burst = planNetwork(stage, {
      size,
      copies: settings['copies'] as CopyKind,
      stagger: settings['stagger'] as Stagger,
      ownShare: numberIn(settings, 'ownPercent') / 100,
      strength: careOf(settings),
      batches: Math.ceil(units / size),
      isChatty: false,
      attack: 'adversary-batch-homogeneous-posting',
    })
    return { bursts: [burst], accounts: size }
  },
}

/** Members that forward and comment the same things of others. */
export const steering: Adversary = {
  offence: 'steered-accounts',
  unit: 'joint forwards and comments',
  knobs: { size: [2, 3, 4, 8, 20, 50], hours: hoursToTake, lagMinutes: [1, 8, 60, 360], care: strengths },
  costKnobs: ['size', 'lagMinutes', 'hours'],
  plan(stage, units, settings) {
    const size = numberIn(settings, 'size')
    const burst = planSteered(stage, {
      size,
      strength: careOf(settings),
      occasions: Math.ceil(units / (partShare * size)),
      lagMs: numberIn(settings, 'lagMinutes') * minuteMs,
    })
    return { bursts: [burst], accounts: size }
  },
}

/** Members that publish under a tag, and hands that push it. */
export const pushing: Adversary = {
  offence: 'false-hotspot',
  unit: 'posts, forwards and comments with the tag',
  knobs: { size: [2, 5, 12, 30], hours: hoursToTake, phrasePercent: [100, 60, 0], care: strengths },
  costKnobs: ['size', 'hours'],
  plan(stage, units, settings) {
    const size = numberIn(settings, 'size')
    const pushes = units / (postsPerMember * size) - 1
    const hands = Math.max(0, Math.ceil(pushes / handShare))
    const burst = planHotspot(stage, {
      size,
      hands,
      strength: careOf(settings),
      hours: numberIn(settings, 'hours'),
      phraseShare: numberIn(settings, 'phrasePercent') / 100,
    })
    return { bursts: [burst], accounts: size + hands }
  },
}

/** Others' articles, claimed as one's own. */
export const forging: Adversary = {
  offence: 'forged-originality',
  unit: 'copies claimed original',
  knobs: {
    size: [1, 4, 16],
    hours: hoursToTake.slice(1),
    copies: ['exact', 'translated', 'noise', 're-ordered', 'spun-10', 'spun-30', 'spun-50'],
    longestDelayHours: [1, 3],
  },
  costKnobs: ['size', 'longestDelayHours', 'hours'],
  plan(stage, units, settings) {
    const size = numberIn(settings, 'size')
    const bursts = planForgery(stage, settings['copies'] as CopyKind, {
      count: units,
      size,
      victimCount: 4,
      longestHours: numberIn(settings, 'longestDelayHours'),
    })
    return { bursts, accounts: size }
  },
}

/** New public accounts, for use or for sale. */
export const registering: Adversary = {
  offence: 'bulk-registration',
  unit: 'accounts',
  knobs: {
    hours: hoursToTake,
    accountsPerDevice: [12, 4, 1],
    accountsPerSubject: [5, 2, 1],
    accountsPerLine: [100, 10, 1],
    names: ['alike', 'own'],
  },
  costKnobs: ['hours'],
  plan(stage, units, settings): Attack {
    const burst = planRegistrations(stage, {
      size: units,
      hours: numberIn(settings, 'hours'),
      perDevice: numberIn(settings, 'accountsPerDevice'),
      perSubject: numberIn(settings, 'accountsPerSubject'),
      lineCount: Math.ceil(units / numberIn(settings, 'accountsPerLine')),
      isNamedAlike: settings['names'] === 'alike',
    })
    return { bursts: [burst], accounts: units }
  },
}

function careOf(settings: Settings): Strength {
  return settings['care'] as Strength
}
