import type { Burst } from '../burst'
import type { OpenStage } from '../scenarios/scenario'
import { copyKinds } from '../writing/copies'
import type { CopyKind } from '../writing/copies'
import type { Stagger } from './network'
import { planNetwork, staggers } from './network'

/** A way to copy and to hide it: kinds of copies × sizes × staggers × shares of own content. */
export interface Cell {
  readonly copies: CopyKind
  readonly size: number
  readonly stagger: Stagger
  readonly ownPercent: number
}

const sizes = [5, 15, 60]
const ownPercents = [0, 70, 95]
const spreads = Object.keys(staggers) as Stagger[]

/** Every cell of the matrix. */
export const cells: readonly Cell[] = copyKinds.flatMap((copies) =>
  sizes.flatMap((size) =>
    spreads.flatMap((stagger) => ownPercents.map((ownPercent) => ({ copies, size, stagger, ownPercent }))),
  ),
)

/** In so many runs of the scenario `matrix`, one seed after the other, every cell comes up once. */
export const matrixRuns = 24

/** The name of a cell: of its scenario, and of the attack in labels. */
export function cellName({ copies, size, stagger, ownPercent }: Cell): string {
  return `matrix-${copies}-${size}-${stagger}-${ownPercent}`
}

/** The cell of that name, undefined where it names none. */
export function findCell(name: string): Cell | undefined {
  return cells.find((cell) => cellName(cell) === name)
}

/**
 * The cells that a seed's run of the whole matrix plays: nine of them, every size with every stagger, with nearly all
 * kinds of copies and all shares of own content among them, so that one run is like the other.
 */
export function cellsOfRun(seed: number): readonly Cell[] {
  const turn = ((seed % matrixRuns) + matrixRuns) % matrixRuns
  return cells.filter((cell) => runOf(cell) === turn)
}

/** A careful operator's network: no device, line or identity is shared, so what is found is found by what was published. */
export function planCell(open: OpenStage, cell: Cell, turn: number): Burst {
  const { copies, size, stagger, ownPercent } = cell
  return planNetwork(open(`${cellName(cell)}-${turn}`), {
    copies,
    size,
    stagger,
    ownShare: ownPercent / 100,
    strength: 'stealth',
    batches: 4,
    isChatty: false,
    attack: cellName(cell),
  })
}

// A size and a stagger leave one kind of copies and one share of own content in a run.
function runOf({ copies, size, stagger, ownPercent }: Cell): number {
  const [sizeAt, spreadAt] = [sizes.indexOf(size), spreads.indexOf(stagger)]
  const kind = (copyKinds.indexOf(copies) + 3 * sizeAt + spreadAt) % copyKinds.length
  return 3 * kind + ((sizeAt + spreadAt + ownPercents.indexOf(ownPercent)) % 3)
}
