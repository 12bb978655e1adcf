import type { ClusterFinding } from '../../model/cluster'
import { dayOf, daysAfter, dayText, monthsAfter } from '../../model/months'
import { atLeast } from '../../model/nearest'
import type { Detector, ParamsSchema } from '../detector'
import type { UnusedHistory } from '../linked'

export interface DormantParams {
  readonly noticeDays: number
}
const params: ParamsSchema<DormantParams> = {
  noticeDays: {
    default: 30,
    min: 7,
    max: 180,
    meaning: 'days of notice, within which a login or any other use clears the case',
  },
}

/** More than so many months without use are dormancy: the law's number, and no setting. */
export const dormantMonths = 6

export const dormantAccount: Detector<UnusedHistory, DormantParams, ClusterFinding> = {
  name: 'dormant-account',
  version: 1,
  offence: 'dormant-account',
  summary: 'An account was registered and for more than six months nobody has logged in to it or used it.',
  params,

  judge({ accountId, eventId, registeredMs, sinceMs, asOfMs }, { noticeDays }) {
    const waitsUntilMs = daysAfter(asOfMs, Math.floor(noticeDays))
    const days = Math.floor((asOfMs - sinceMs) / dayMs)
    const since =
      sinceMs > registeredMs
        ? `From ${dayText(sinceMs)} on, where the stream is without a gap`
        : 'From its registration on'
    const fact = (element: string, test: string, sentence: string, observed: number, expected: number) => ({
      ...{ element, test, observed, expected, pValue: 0, sentence },
    })
    return {
      detector: this.name,
      detectorVersion: this.version,
      offence: this.offence,
      subject: { type: 'account', id: accountId },
      accountId,
      role: 'operator',
      recommendation: 'warn',
      window: { start: sinceMs, end: asOfMs },
      pValue: 0,
      score: 1,
      counts: { raw: 0, authentic: 0, disputed: 0 },
      cluster: null,
      elements: [
        fact(
          'registration',
          'the event that says so',
          `It was registered on ${dayText(registeredMs)} (UTC+8).`,
          1,
          1,
        ),
        fact(
          'no-login',
          'logins and other activity of the account in the stream; a fact, no statistical test',
          `${since} there is no login, no change of name and no transfer until ${dayText(asOfMs)}, for ${days} days.`,
          0,
          1,
        ),
        fact(
          'no-use',
          'posts of the account, and acts on it by whoever registered it; a fact, no statistical test',
          'In the same time it published nothing, and whoever registered it did nothing on it.',
          0,
          1,
        ),
        fact(
          'coverage',
          'gaps of 36 hours without logins or without posts of any account, and days with under a quarter of the usual uses',
          'The stream carried logins and posts of other accounts all the time.',
          0,
          0,
        ),
        fact(
          'notice',
          'days of notice of the policy',
          `A login, a post or any other use until ${dayText(waitsUntilMs - 1)} (UTC+8) clears this; nothing is to be closed without it being given notice.`,
          Math.floor(noticeDays),
          Math.floor(noticeDays),
        ),
      ],
      texts: [],
      eventIds: [eventId],
      exonerating: [],
      isFact: true,
      waitsUntilMs,
    }
  },

  conditions({ sinceMs, asOfMs }) {
    const day = dayOf(sinceMs)
    return [atLeast('unused-days', dayOf(asOfMs) - day, dayOf(monthsAfter(sinceMs, dormantMonths)) - day)]
  },
}

const dayMs = 86_400_000
