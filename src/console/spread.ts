/** Where a node of a graph stands; both coordinates lie between 0 and 1. */
export interface Spot {
  x: number
  y: number
}

/**
 * Spreads a graph over a square: those who are tied draw together, all keep a distance. The same graph comes out the same
 * way each time. Some steps at a time, so that a large one does not hold up the page: `step` is true until it has settled.
 */
export function spread(
  count: number,
  pairs: readonly (readonly [number, number])[],
): { readonly spots: readonly Spot[]; step(rounds: number): boolean } {
  // Seeds of a sunflower: even, and without chance.
  const spots = Array.from({ length: count }, (_, at): Spot => {
    const radius = 0.45 * Math.sqrt((at + 0.5) / Math.max(1, count))
    return { x: 0.5 + radius * Math.cos(at * goldenAngle), y: 0.5 + radius * Math.sin(at * goldenAngle) }
  })
  const distance = 0.9 / Math.sqrt(Math.max(1, count))
  let round = 0
  const moveOnce = (): void => {
    const heat = 0.08 * (1 - round / rounds)
    const force = spots.map(() => ({ x: 0, y: 0 }))
    for (let i = 0; i < count; i++) {
      for (let j = i + 1; j < count; j++) push(spots, force, [i, j], (apart) => (distance * distance) / apart)
    }
    for (const pair of pairs) push(spots, force, pair, (apart) => -(apart * apart) / distance)
    spots.forEach((spot, at) => {
      const { x, y } = force[at]!
      // Everything is drawn a little to the middle, so that what nothing ties stays in sight.
      const [toX, toY] = [x + (0.5 - spot.x) * distance, y + (0.5 - spot.y) * distance]
      const size = Math.hypot(toX, toY) || 1
      spot.x = within(spot.x + (toX / size) * Math.min(size, heat))
      spot.y = within(spot.y + (toY / size) * Math.min(size, heat))
    })
    round++
  }
  return {
    spots,
    step: (some) => {
      for (let done = 0; done < some && round < rounds; done++) moveOnce()
      return round < rounds
    },
  }
}

/** Adds to the forces on a pair what its distance asks for: away from each other where it is positive. */
function push(
  spots: readonly Spot[],
  force: Spot[],
  [i, j]: readonly [number, number],
  strength: (apart: number) => number,
): void {
  const [one, other] = [spots[i], spots[j]]
  if (one === undefined || other === undefined) return
  const [x, y] = [one.x - other.x, one.y - other.y]
  const apart = Math.max(1e-4, Math.hypot(x, y))
  const by = strength(apart) / apart
  force[i]!.x += x * by
  force[i]!.y += y * by
  force[j]!.x -= x * by
  force[j]!.y -= y * by
}

function within(value: number): number {
  return Math.min(0.98, Math.max(0.02, value))
}

const goldenAngle = Math.PI * (3 - Math.sqrt(5))
const rounds = 200
