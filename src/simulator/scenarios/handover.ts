import { strengths } from '../burst'
import { planDormancies, planHonestSilences } from '../control/dormancy'
import { planHonestChanges, planTransfer } from '../control/transfer'
import type { Scenario } from './scenario'

/** How many accounts of each kind and strength there are. */
const each = 3

/** Six months and a week, so that there are few events a day. */
export const handover: Scenario = {
  name: 'handover',
  summary:
    'Half a year: accounts that are sold or never used, beside teams, holidays, moves, new phones and declared transfers.',
  defaults: { hours: 24 * 190, events: 4_000, accounts: 60, actors: 1_000, isSparse: true },
  leastHours: 24 * 30,
  plan: (open) => [
    ...strengths.flatMap((strength) =>
      Array.from({ length: each }, (_, turn) => planTransfer(open(`transfer-${strength}-${turn}`), strength)),
    ),
    ...planHonestChanges(open, each),
    ...strengths.flatMap((strength) => planDormancies(open(`dormant-${strength}`), strength, each)),
    ...planHonestSilences(open),
  ],
}
