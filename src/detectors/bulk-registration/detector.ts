import type { ClusterFinding } from '../../model/cluster'
import { atLeast } from '../../model/nearest'
import { poissonUpperTail } from '../../windows/tails'
import type { Detector, ParamsSchema } from '../detector'
import type { RegistrationHistory } from '../linked'

export interface RegistrationParams {
  readonly minAccounts: number
  readonly minShared: number
}
const params: ParamsSchema<RegistrationParams> = {
  minAccounts: {
    default: 10,
    min: 3,
    max: 1000,
    meaning: 'accounts registered from one origin within a day below which nothing is judged',
  },
  minShared: {
    default: 0.5,
    min: 0.1,
    max: 1,
    meaning: 'share of them that must have a second thing in common to be more than watched',
  },
}

export const bulkRegistration: Detector<RegistrationHistory, RegistrationParams, ClusterFinding> = {
  name: 'bulk-registration',
  version: 1,
  offence: 'bulk-registration',
  summary: 'Many accounts are registered from one origin within a day.',
  params,

  judge(history, { minAccounts, minShared }) {
    const { id, accountIds, expected, origin, sharing } = history
    const count = accountIds.length
    if (count < minAccounts) return undefined
    const pValue = poissonUpperTail(count, Math.max(expected, 0.05))
    const second = sharing.filter(({ accounts }) => accounts >= minShared * count)
    // A network is an office, a school, a fair: without anything else it says nothing.
    if (origin === 'network' && second.length === 0) return undefined
    return {
      detector: this.name,
      detectorVersion: this.version,
      offence: this.offence,
      subject: { type: 'cluster', id },
      accountId: accountIds[0]!,
      role: 'operator',
      recommendation: second.length > 0 ? 'limit' : 'watch',
      window: history.window,
      pValue,
      score: 1 - Math.min(1, expected / count),
      counts: { raw: count, authentic: 0, disputed: count },
      cluster: { id, size: count, members: accountIds.slice(0, 200) },
      elements: [
        {
          element: 'common-control',
          test: `accounts registered from one ${origin} within a day, Poisson against what such an origin brings`,
          observed: count,
          expected: Number(expected.toPrecision(4)),
          pValue,
          sentence: `${count} accounts were registered from one ${origin} within a day; about ${expected.toPrecision(2)} would be usual.`,
        },
        ...second.map(({ what, accounts }) => ({
          element: 'batch',
          test: `accounts among them with one ${what}`,
          observed: accounts,
          expected: Number(expected.toPrecision(4)),
          pValue,
          sentence: `${accounts} of them also have ${what === 'name' ? 'names made to one pattern' : `one ${what}`}.`,
        })),
      ],
      texts: [],
      eventIds: history.eventIds.slice(0, 20),
      exonerating: second.length === 0 ? ['They have nothing else in common.'] : [],
    }
  },

  conditions({ accountIds, origin, expected, sharing }, { minAccounts, minShared }) {
    const count = accountIds.length
    const most = Math.max(0, ...sharing.map(({ accounts }) => accounts))
    return [
      atLeast('registrations', count, minAccounts, { of: origin, expected }),
      // Any other origin is enough by itself.
      ...(origin === 'network' ? [atLeast('shared', most, Math.ceil(minShared * count))] : []),
    ]
  },
}
