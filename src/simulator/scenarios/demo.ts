import { planCampaign } from '../attacks'
import { honestBurst } from '../benign/benign'
import { goingViral } from '../benign/going-viral'
import { paidAdvert } from '../benign/paid-advert'
import { televisionQrCode } from '../benign/television-qr-code'
import type { Scenario } from './scenario'

export const demo: Scenario = {
  name: 'demo',
  summary:
    'A small story: three accounts that bought engagement, one that a rival framed, and three honest surprises.',
  defaults: { hours: 36, events: 70_000, accounts: 120, actors: 3_000 },
  plan: (open) => [
    planCampaign(open('bought-subscribers'), {
      kind: 'subscription',
      strength: 'blatant',
      buyer: 'owner-at-home',
      turn: 0,
    }),
    planCampaign(open('bought-clicks'), { kind: 'click', strength: 'blatant', buyer: 'owner', turn: 1 }),
    planCampaign(open('bought-comments'), {
      kind: 'comment',
      strength: 'moderate',
      buyer: 'owner-at-home',
      turn: 0,
    }),
    planCampaign(open('framed-by-a-rival'), {
      kind: 'subscription',
      strength: 'blatant',
      buyer: 'rival',
      turn: 0,
    }),
    ...[televisionQrCode, goingViral, paidAdvert].map((happening) =>
      honestBurst(happening, open(happening.name)),
    ),
  ],
}
