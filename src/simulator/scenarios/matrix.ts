import {
  agencySyndication,
  branchNotices,
  declaredNetwork,
  pressRelease,
} from '../benign/publishing-together'
import { honestBurst } from '../benign/benign'
import { homework, honestHotspot } from '../benign/same-words'
import type { Cell } from '../control/matrix'
import { cellName, cellsOfRun, findCell, matrixRuns, planCell } from '../control/matrix'
import type { OpenStage, Scenario } from './scenario'

const defaults = { hours: 96, events: 30_000, accounts: 1_500, actors: 5_000 }

/** How many networks the scenario of a single cell has. */
const networksOfCell = 3

export const matrix: Scenario = {
  name: 'matrix',
  summary: `The evasion matrix: copies × sizes × staggers × own content, a different part of the cells for each of ${matrixRuns} seeds; a cell alone is named like matrix-spun-30-15-1h-70.`,
  defaults,
  seeds: matrixRuns,
  plan: (open, { seed }) => [...cellsOfRun(seed).map((cell) => planCell(open, cell, 1)), ...honest(open)],
}

/** The scenario of a single cell by its name. */
export function matrixCell(name: string): Scenario | undefined {
  const cell = findCell(name)
  return cell === undefined ? undefined : scenarioOf(cell)
}

function scenarioOf(cell: Cell): Scenario {
  return {
    name: cellName(cell),
    summary: `${networksOfCell} networks of ${cell.size} accounts, copies ${cell.copies}.`,
    defaults,
    plan: (open) => [
      ...Array.from({ length: networksOfCell }, (_, turn) => planCell(open, cell, turn + 1)),
      ...honest(open),
    ],
  }
}

// Honest accounts that publish the same beside them: precision is worth nothing without.
function honest(open: OpenStage) {
  const cases = [agencySyndication, pressRelease, declaredNetwork, branchNotices, homework, honestHotspot]
  return cases.map((happening) => honestBurst(happening, open(happening.name)))
}
