import { UsageError } from '../../model/errors'
import { attacks } from './attacks'
import { benign, benignSingles } from './benign'
import { conduct, conductBenign } from './conduct'
import { demo } from './demo'
import { drifting, long, poisoned } from './endurance'
import { framing } from './framing'
import { handover } from './handover'
import { matrix, matrixCell } from './matrix'
import { networks } from './networks'
import { platform, talkative } from './platform'
import { quiet } from './quiet'
import type { Scenario } from './scenario'

/** Every scenario there is. A new one is a file beside this and a line here. */
export const scenarios: readonly Scenario[] = [
  platform,
  talkative,
  quiet,
  attacks,
  networks,
  matrix,
  framing,
  benign,
  conduct,
  conductBenign,
  demo,
  handover,
  long,
  poisoned,
  drifting,
  ...benignSingles,
]

export function findScenario(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name) ?? matrixCell(name)
  if (found) return found
  const names = scenarios.map((scenario) => scenario.name).join(', ')
  throw new UsageError(`there is no scenario "${name}"; the scenarios are ${names}`)
}
