import type { ClusterFinding } from '../../model/cluster'
import type { Detector, ParamsSchema } from '../detector'
import type { CopyHistory } from '../linked'

export interface CopyParams {
  readonly minLikeness: number
  readonly minLetters: number
  readonly minLeadMinutes: number
  readonly warnCopies: number
  readonly minLikenessRepeated: number
}
const params: ParamsSchema<CopyParams> = {
  minLikeness: {
    default: 0.75,
    min: 0.5,
    max: 1,
    meaning: 'likeness of the two texts, or covered share of the shorter one, from which one is a copy',
  },
  minLetters: { default: 60, min: 20, max: 8000, meaning: 'letters below which a text is no work' },
  minLeadMinutes: {
    default: 5,
    min: 0,
    max: 1440,
    meaning: 'minutes that the other must have been earlier, so that two who publish at once are left alone',
  },
  warnCopies: {
    default: 3,
    min: 2,
    max: 100,
    meaning: 'such posts within a month from which it is a habit and not a mistake',
  },
  minLikenessRepeated: {
    default: 0.45,
    min: 0.3,
    max: 1,
    meaning: 'likeness from which one is a reworded copy, where it is a habit',
  },
}

export const forgedOriginality: Detector<CopyHistory, CopyParams, ClusterFinding> = {
  name: 'forged-originality',
  version: 1,
  offence: 'forged-originality',
  summary: 'A post claims to be original, and somebody else published a near-copy of it before.',
  params,

  judge(history, { minLikeness, minLetters, minLeadMinutes, warnCopies, minLikenessRepeated }) {
    const { likeness, coverage, letters, timeMs, olderMs, victims } = history
    const alike = Math.max(likeness, coverage)
    if (letters < minLetters || timeMs - olderMs < minLeadMinutes * 60_000) return undefined
    const sharp = history.copies.filter((copy) => copy >= minLikeness).length
    const reworded = history.copies.filter((copy) => copy >= minLikenessRepeated).length
    // Half of a text may be a quotation once, and is none time and again.
    const isReworded = alike >= minLikenessRepeated && reworded >= warnCopies
    if (alike < minLikeness && !isReworded) return undefined
    const copies = Math.max(sharp, isReworded ? reworded : 0)
    const minutes = Math.round((timeMs - olderMs) / 60_000)
    // Two people write the same letters in a row by chance about as often as they guess them.
    const pValue = Math.max(1e-12, 10 ** (-alike * letters * digitsPerLetter))
    return {
      detector: this.name,
      detectorVersion: this.version,
      offence: this.offence,
      subject: { type: 'account', id: history.accountId },
      accountId: history.accountId,
      role: 'author',
      recommendation: sharp >= warnCopies ? 'warn' : 'watch',
      window: { start: olderMs, end: timeMs + 1 },
      pValue,
      score: alike,
      counts: { raw: copies, authentic: 0, disputed: copies },
      cluster: null,
      elements: [
        {
          element: 'likeness',
          test: 'Jaccard similarity of letter groups, and the share of the shorter text in common passages; the larger',
          observed: Number(alike.toPrecision(4)),
          expected: 0,
          pValue,
          sentence: `The post ${history.contentId} claims to be original; ${Math.round(alike * 100)} % of it is in a post of ${history.olderAccountId} from ${minutes} minutes before.`,
        },
        {
          element: 'repetition',
          test: 'such posts of the account within thirty days',
          observed: copies,
          expected: 0,
          pValue,
          sentence: `The account published ${copies} such post${copies === 1 ? '' : 's'} within thirty days, with texts of ${victims} other account${victims === 1 ? '' : 's'}.`,
        },
      ],
      texts: [history.text],
      eventIds: [history.eventId],
      exonerating: [
        'Whether the older post was the first anywhere is not known: who published elsewhere before can show it.',
      ],
    }
  },
}

/** Decimal digits of surprise a letter that is alike, on the safe side of what language leaves open. */
const digitsPerLetter = 0.2
