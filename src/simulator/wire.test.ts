import { Random } from './random'
import { longestDelayMs, longestStormMs, Wire } from './wire'

const sliceMs = 300_000

/** Sends one record a second, named by its second, and returns what arrives in each slice. */
function carry(seconds: number, stormShare = 0): string[][] {
  const wire = new Wire(0, sliceMs, new Random(1, 'storms'))
  wire.stormShare = stormShare
  const random = new Random(1, 'wire')
  for (let second = 0; second < seconds; second++) wire.send(second * 1_000, `${second}\n`, random)
  const slices: string[][] = []
  while (wire.isBusy())
    slices.push(
      Buffer.concat([...wire.deliver()])
        .toString()
        .split('\n')
        .slice(0, -1),
    )
  return slices
}

/** How many seconds each is behind the latest that came before it. */
function behindLatest(seconds: readonly number[]): number[] {
  let latest = 0
  return seconds.map((second) => {
    latest = Math.max(latest, second)
    return latest - second
  })
}

describe('the wire', () => {
  it('loses nothing and brings back no more than a few exact repeats', () => {
    const arrived = carry(20_000).flat()
    expect(new Set(arrived).size).toBe(20_000)
    expect(arrived.length).toBeGreaterThan(20_040)
    expect(arrived.length).toBeLessThan(20_160)
  })

  it('mixes the order up, within the longest delay', () => {
    const behind = behindLatest(carry(20_000).flat().map(Number))
    expect(Math.max(...behind) * 1_000).toBeLessThanOrEqual(longestDelayMs)
    expect(behind.filter((seconds) => seconds > 0).length).toBeGreaterThan(1_000)
  })

  it('delivers each record in the slice of its arrival', () => {
    carry(3_000).forEach((slice, number) => {
      const times = slice.map((second) => Number(second) * 1_000)
      expect(Math.max(...times)).toBeLessThan((number + 1) * sliceMs)
      expect(Math.min(...times)).toBeGreaterThanOrEqual(number * sliceMs - longestDelayMs)
    })
  })

  it('repeats again and again in a storm, for minutes', () => {
    const arrived = carry(2_000, 0.5).flat().map(Number)
    expect(new Set(arrived).size).toBe(2_000)
    expect(arrived.length).toBeGreaterThan(2_000 * 4)
    expect(Math.max(...behindLatest(arrived)) * 1_000).toBeLessThanOrEqual(longestDelayMs + longestStormMs)
  })

  it('takes a record larger than a chunk', () => {
    const wire = new Wire(0, sliceMs, new Random(1, 'storms'))
    wire.send(0, `${'x'.repeat(300_000)}\n`, new Random(1, 'wire'))
    wire.send(1, 'small\n', new Random(1, 'wire'))
    expect(Buffer.concat([...wire.deliver()])).toHaveLength(300_007)
  })
})
