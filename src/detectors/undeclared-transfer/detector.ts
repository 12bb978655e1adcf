import type { HabitChange, HabitFamily, HandChange, HandFamily } from '../../model/acts'
import type { ClusterFinding } from '../../model/cluster'
import { daysAfter, dayText } from '../../model/months'
import { atLeast, atMost } from '../../model/nearest'
import type { Element } from '../../model/records'
import { suspicious } from '../../model/significance'
import type { Detector, ParamsSchema } from '../detector'
import type { HandoverHistory } from '../linked'

export interface TransferParams {
  readonly surePValue: number
  readonly minReaders: number
  readonly waitDays: number
}
const params: ParamsSchema<TransferParams> = {
  surePValue: {
    default: 1e-3,
    min: 1e-12,
    max: 0.01,
    meaning: 'chance below which a habit counts as changed',
  },
  minReaders: {
    default: 3,
    min: 1,
    max: 16,
    meaning: 'of sixteen readers of before, those who must have come back; fewer are another audience',
  },
  waitDays: {
    default: 60,
    min: 7,
    max: 180,
    meaning: 'days for which a declaration, or the return of whoever ran it before, clears the case',
  },
}

/** Of the three hands and three habits, how many must have changed; and of the readers that usually come back, which share. */
export const leastChanges = 3
export const leastHands = 2
export const leastShareOfReaders = 0.5

/** A transfer is asked for before it happens: whether one that was declared then covers a hand that came at this time. */
export function isCovered(fromMs: number, declaredMs: number | undefined): boolean {
  return declaredMs !== undefined && declaredMs >= fromMs - declaredBeforeMs
}

export const undeclaredTransfer: Detector<HandoverHistory, TransferParams, ClusterFinding> = {
  name: 'undeclared-transfer',
  version: 1,
  offence: 'undeclared-transfer',
  summary:
    'Operator, device, place and habits of an account changed together and for good, and its audience stayed.',
  params,

  judge(history, { surePValue, minReaders, waitDays }) {
    const { accountId, before, after, hands, habits, readers, eventIds } = history
    const changed = hands.filter(({ isChanged }) => isChanged)
    const strange = habits.filter(({ pValue }) => pValue <= surePValue)
    if (!changed.some(({ family }) => family === 'operator')) return undefined
    if (changed.length < leastHands || changed.length + strange.length < leastChanges) return undefined
    // At least half as many as usually come back: else it has another audience now, and is another account.
    if (readers.returned < leastReturned(readers, minReaders)) return undefined
    const pValue = jointChance(changed, habits)
    const waitsUntilMs = daysAfter(after.toMs, Math.floor(waitDays))
    const isAllOfHim = changed.length === hands.length
    return {
      detector: this.name,
      detectorVersion: this.version,
      offence: this.offence,
      subject: { type: 'account', id: accountId },
      accountId,
      role: 'operator',
      recommendation: isAllOfHim && strange.length > 0 ? 'warn' : 'watch',
      window: { start: Math.min(before.toMs, after.fromMs), end: after.toMs + 1 },
      pValue,
      score: (changed.length + strange.length) / (hands.length + habits.length),
      counts: { raw: after.acts, authentic: 0, disputed: after.acts },
      cluster: null,
      elements: [
        ...changed.map((hand) => handElement(hand, history)),
        ...strange.map(habitElement),
        {
          element: 'same-audience',
          test: 'of a sample of those who read before, how many came back; half as many as usual are enough',
          observed: readers.returned,
          expected: rounded(readers.sampled * readers.usualShare),
          pValue: 1,
          sentence: `Of ${readers.sampled} who read it before, ${readers.returned} came back in the month after.`,
        },
        {
          element: 'not-declared',
          test: 'a transferred activity of the account; a fact, no statistical test',
          observed: 0,
          expected: 1,
          pValue: 1,
          sentence: `No transfer of the account was declared. A declaration until ${dayText(waitsUntilMs - 1)} (UTC+8), or the return of whoever ran it before, clears this.`,
        },
      ],
      texts: [],
      eventIds,
      exonerating: [
        ...hands.filter(({ isKept }) => isKept).map(({ family }) => keptSentences[family]),
        ...habits.filter((habit) => !strange.includes(habit)).map(({ family }) => sameSentences[family]),
      ],
      waitsUntilMs,
    }
  },

  conditions({ hands, habits, readers }, { surePValue, minReaders }) {
    const changed = hands.filter(({ isChanged }) => isChanged)
    const strange = habits.filter(({ pValue }) => pValue <= surePValue)
    const isOther = changed.some(({ family }) => family === 'operator')
    return [
      atLeast('operator', Number(isOther), 1),
      ...hands
        .filter(({ family }) => family !== 'operator')
        .map(({ family, isChanged }) => atLeast('hand', Number(isChanged), 1, { of: family })),
      atLeast('hands', changed.length, leastHands),
      ...habits.map(({ family, pValue }) => atMost('habit', pValue, surePValue, { of: family })),
      atLeast('changes', changed.length + strange.length, leastChanges),
      atLeast('readers', readers.returned, leastReturned(readers, minReaders), {
        expected: rounded(readers.sampled * readers.usualShare),
      }),
      atMost('chance', changed.length === 0 ? 1 : jointChance(changed, habits), suspicious),
    ]
  },
}

/** How many of the readers of before must have come back: half as many as usual do, and a few in any case. */
function leastReturned({ sampled, usualShare }: HandoverHistory['readers'], minReaders: number): number {
  return Math.max(minReaders, Math.ceil(sampled * usualShare * leastShareOfReaders))
}

/**
 * The chance that an account which was not handed over shows this. A new member of staff brings a name, a phone and a
 * place at once, so these are not multiplied: all of them together are no likelier than the rarest of them (Fréchet's
 * bound). His habits are taken to be independent of that where the account stays what it is; of several habits the most
 * surprising counts, and the choice is paid by Bonferroni.
 */
function jointChance(changed: readonly HandChange[], habits: readonly HabitChange[]): number {
  const rarest = Math.min(...changed.map(({ rate }) => rate))
  const strangest = Math.min(1, ...habits.map(({ pValue }) => pValue * habits.length))
  return Math.min(1, rarest * strangest)
}

function handElement({ family, rate }: HandChange, { before, after }: HandoverHistory): Element {
  return {
    element: 'change-of-hands',
    test: `${family}: changed for good within a week of the new hand, against how often that happens within a month on the platform (upper end)`,
    observed: 1,
    expected: rounded(rate),
    pValue: Math.min(1, rate),
    sentence: `${changedSentences[family]} from ${dayText(after.fromMs)} on, in ${after.acts} acts until ${dayText(after.toMs)}; none of those of before (${before.acts} acts, until ${dayText(before.toMs)}) was seen again.`,
  }
}

function habitElement({ family, pValue, before, after }: HabitChange): Element {
  const [observed, expected] = family === 'tempo' ? [after[0]!, before[0]!] : [distance(before, after), 0]
  return {
    element: 'change-of-habits',
    test: habitTests[family],
    observed: rounded(observed),
    expected: rounded(expected),
    pValue,
    sentence: habitSentence(family, before, after),
  }
}

function habitSentence(family: HabitFamily, before: readonly number[], after: readonly number[]): string {
  const percent = `${Math.round(100 * distance(before, after))} %`
  switch (family) {
    case 'hours':
      return `The hours of the day at which it is run changed by ${percent} of what is done.`
    case 'tempo':
      return `It publishes ${after[0]!} posts a day, where it was ${before[0]!}.`
    case 'texts':
      return `The length and the script of its texts changed, for ${percent} of them.`
  }
}

/** The share of one distribution that would have to be moved to make it the other. */
function distance(one: readonly number[], other: readonly number[]): number {
  const sum = (counts: readonly number[]): number =>
    Math.max(
      1,
      counts.reduce((total, count) => total + count, 0),
    )
  const [ones, others] = [sum(one), sum(other)]
  return one.reduce((total, count, bin) => total + Math.abs(count / ones - other[bin]! / others), 0) / 2
}

const changedSentences: Readonly<Record<HandFamily, string>> = {
  operator: 'Another publishes for it',
  device: 'It is run on other devices',
  place: 'It is run from other networks',
}
const keptSentences: Readonly<Record<HandFamily, string>> = {
  operator: 'Some of those who ran it before still do.',
  device: 'It is still run on a device of before.',
  place: 'It is still run from a network of before.',
}
const sameSentences: Readonly<Record<HabitFamily, string>> = {
  hours: 'The hours at which it is run are what they were, so far as chance allows.',
  tempo: 'It publishes as often as before, so far as chance allows.',
  texts: 'Its texts are as long as before and in the same script, so far as chance allows.',
}
const scaled = 'as surprising as in accounts whose hand did not change'
const habitTests: Readonly<Record<HabitFamily, string>> = {
  hours: `occasions by three hours of the day, chi-square, ${scaled}`,
  tempo: `posts a day, binomial, ${scaled}`,
  texts: `posts by length and script, chi-square, ${scaled}`,
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

const dayMs = 86_400_000
const declaredBeforeMs = 90 * dayMs
