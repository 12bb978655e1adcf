import { UsageError } from '../../model/errors'
import type { Adversary } from './adversary'
import { copying, forging, pushing, registering, steering } from './control'
import { inflating, leaving } from './engagement'

export type { Adversary, Attack, Settings } from './adversary'

/** Every offence that an attacker can be set on. A new one is a line here. */
export const adversaries: readonly Adversary[] = [
  inflating('subscription'),
  inflating('click'),
  inflating('forward'),
  inflating('comment'),
  inflating('click', 'manipulated-click-through'),
  leaving,
  copying,
  steering,
  pushing,
  forging,
  registering,
]

export function findAdversary(offence: string): Adversary {
  const found = adversaries.find((adversary) => adversary.offence === offence)
  if (found) return found
  const names = adversaries.map((adversary) => adversary.offence).join(', ')
  throw new UsageError(`nobody is set on "${offence}"; there is an attacker for ${names}`)
}
