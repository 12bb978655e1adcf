import { judgedKinds } from '../../model/event'
import { imitations, planArranged, ties } from '../attacks/arranged'
import type { Arrangement } from '../attacks/arranged'
import { Crew } from '../attacks/crew'
import { tactics } from '../attacks/tactics'
import { strengths } from '../burst'
import type { Burst } from '../burst'
import type { OpenStage, Scenario } from './scenario'

export const framing: Scenario = {
  name: 'framing',
  summary:
    'Accounts that arranged what they got, each with another tie to it, and accounts that a rival framed, who imitates one of them.',
  defaults: { hours: 48, events: 150_000, accounts: 160, actors: 6_000 },
  plan: (open, { seed }) => planFraming(open, seed),
}

/** Every way of the owner and of the rival at every strength; which kind of number it is goes round with the seeds. */
function planFraming(open: OpenStage, seed: number): Burst[] {
  const ways: Arrangement[] = [
    ...ties.map((way) => ({ by: 'owner' as const, way })),
    ...imitations.map((way) => ({ by: 'rival' as const, way })),
  ]
  const crew = new Crew(open('crew'), tactics.stealth[0]!, smallCrew)
  const bursts = strengths.flatMap((strength, row) =>
    ways.map((arrangement, place) => {
      const turn = seed + row + place
      // Before a post there is nothing to subscribe from.
      const any = arrangement.way === 'priming' ? judgedKinds[1 + (turn % 3)]! : judgedKinds[turn % 4]!
      // A small seller has one thing to sell.
      const kind = strength === 'stealth' ? 'click' : any
      const stage = open(`${arrangement.by}-${arrangement.way}-${strength}`)
      return planArranged(
        stage,
        { ...arrangement, kind, strength },
        strength === 'stealth' ? crew : undefined,
      )
    }),
  )
  return [...bursts, crew.asBurst()]
}

/** A seller of few accounts, who sends nearly all of them each time. */
const smallCrew = { members: 70, share: 0.9 }
