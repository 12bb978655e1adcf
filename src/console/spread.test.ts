import { spread } from './spread'

const settled = (count: number, pairs: readonly (readonly [number, number])[]) => {
  const graph = spread(count, pairs)
  while (graph.step(50));
  return graph.spots
}

it('draws together those who are tied', () => {
  //  0 — 1 — 2    and    3 — 4 — 5
  const spots = settled(6, [
    [0, 1],
    [1, 2],
    [0, 2],
    [3, 4],
    [4, 5],
    [3, 5],
  ])
  const apart = (a: number, b: number) => Math.hypot(spots[a]!.x - spots[b]!.x, spots[a]!.y - spots[b]!.y)
  const inside = Math.max(apart(0, 1), apart(1, 2), apart(3, 4), apart(4, 5))
  const between = Math.min(...[0, 1, 2].flatMap((a) => [3, 4, 5].map((b) => apart(a, b))))
  expect(inside).toBeLessThan(between)
})

it('comes out the same each time, inside the square, also with a tie to nobody', () => {
  const pairs = [[0, 1], [1, 7], [-1, 2]] as const // prettier-ignore
  expect(settled(5, pairs)).toEqual(settled(5, pairs))
  for (const { x, y } of settled(5, pairs)) {
    expect(x).toBeGreaterThan(0)
    expect(x).toBeLessThan(1)
    expect(y).toBeGreaterThan(0)
    expect(y).toBeLessThan(1)
  }
  expect(settled(0, [])).toEqual([])
})
