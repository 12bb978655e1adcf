import { defaultPolicy } from '../policy/policy'
import { replay } from '../runtime/replay'
import { findAdversary } from '../simulator/adversary'
import type { Simulation } from '../simulator'
import { chunksOf } from './simulated'
import { planAttack, TrialPlatform } from './trial-platform'

const judge = { policy: defaultPolicy, key: new Uint8Array(16) }
// A third of the usual, which is enough to tell whether two runs are the same.
const size = { seed: 7, events: 10_000 }

/** A farm of new accounts on few phones and lines, that clicks at an even beat within an hour; and who looks harmless before. */
function farm(camouflage: number): Simulation {
  const adversary = findAdversary('inflated-clicks')
  const careless = Object.entries(adversary.knobs).map(([knob, values]) => [knob, values[0]!] as const)
  const settings = { ...Object.fromEntries(careless), actsPerAccount: 5, camouflage }
  return planAttack(adversary, settings, { units: 200, ...size }).simulation
}

async function replayed(simulation: Simulation): Promise<string[]> {
  const lines: string[] = []
  const keep = (record: Uint8Array): void => {
    lines.push(Buffer.from(record).toString())
  }
  const source = { name: 'simulation', read: () => chunksOf(simulation.records()) }
  await replay({
    ...{ ...judge, sources: [source] },
    ...{ onVerdict: keep, onCorrection: keep, onSurge: keep, onLink: keep },
  })
  return lines
}

describe('the platform of the trials', () => {
  it('gives what a replay of every event gives, also where something is done before the attack', async () => {
    const platform = await TrialPlatform.of(size, judge)
    for (const camouflage of [0, 3]) {
      const played: string[] = []
      await platform.play(farm(camouflage), (_, record) => played.push(Buffer.from(record).toString()))
      expect(played).toEqual(await replayed(farm(camouflage)))
      expect(played.some((line) => line.includes('"status":"raised"'))).toBe(true)
    }
  }, 480_000)
})
