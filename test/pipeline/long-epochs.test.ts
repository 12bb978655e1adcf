import { markBlock } from '../../src/model/block'
import { defaultPolicy } from '../../src/policy/policy'
import type { Policy } from '../../src/policy/policy'
import { Intake } from '../../src/runtime/intake'
import { makeViews, viewNames } from '../../src/runtime/stages'
import { connectedPipeline } from '../../src/runtime/threads'
import { prepare } from '../../src/simulator'
import { SnapshotReader, SnapshotWriter } from '../../src/state/snapshot'
import { textSource } from '../support/pipeline'

const key = new Uint8Array(32)
/** How often the account view was saved in the middle of an epoch. */
let savedBegun = 0
/** Longer than a policy can have them, so that each has as many rows as that of a large platform. */
const policy: Policy = { ...defaultPolicy, epochMs: 600_000 }

describe('epochs of many rows', () => {
  let blocks: Uint8Array[]
  let expected: readonly string[]
  let stretched: readonly string[]

  beforeAll(async () => {
    const size = { hours: 6, events: 260_000, accounts: 60, actors: 3000 }
    const lines = Buffer.concat([...prepare({ scenario: 'attacks', seed: 3, ...size }).records()])
    blocks = await blocksOf(lines)
    // Each epoch is given whole, when all is there.
    expected = told(blocks.map((block) => withWatermark(block, Number.NEGATIVE_INFINITY)))
    stretched = told(blocks)
  })

  it('come to the same whether they are folded in stretches or as a whole', () => {
    expect(expected.filter((line) => line.startsWith('verdicts')).length).toBeGreaterThan(5)
    expect(expected.filter((line) => line.startsWith('corrections')).length).toBeGreaterThan(5)
    expect(stretched).toEqual(expected)
  })

  it('come to the same when everything is saved and loaded again in the middle of them', () => {
    savedBegun = 0
    expect(told(blocks, 5)).toEqual(expected)
    expect(savedBegun).toBeGreaterThan(3)
  })

  it('come to the same whatever the order of arrival', () => {
    //  1 2 3 4 5 6   a watermark after every third block
    //  3 2 1 6 5 4
    const shuffled: Uint8Array[] = []
    for (let from = 0; from < blocks.length; from += 3) {
      const some = blocks.slice(from, from + 3)
      const last = some.at(-1)!
      shuffled.push(...some.toReversed().map((block) => withWatermark(block, watermarkOf(blocks[from - 1]))))
      shuffled.push(markBlock('memory', watermarkOf(last), Number.MAX_SAFE_INTEGER).bytes)
    }
    expect(told(shuffled, 7)).toEqual(expected)
  })
})

async function blocksOf(lines: Buffer): Promise<Uint8Array[]> {
  const intake = new Intake({ policy, key, sources: [textSource(lines)] })
  const blocks: Uint8Array[] = []
  for (let block = await intake.next(); block !== undefined; block = await intake.next()) {
    // Where rows come in another order their places would tell that they have been there.
    if (block.rows > 0) block.place.fill(0xffff_ffff)
    blocks.push(block.bytes.slice())
  }
  return blocks
}

/** What the whole path puts out, saved and loaded again after every so many blocks. */
function told(blocks: readonly Uint8Array[], blocksPerSave = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = []
  const take = (log: string, record: Uint8Array): void => {
    lines.push(`${log} ${Buffer.from(record).toString()}`)
  }
  let views = makeViews(policy, key)
  let pipeline = connectedPipeline({ policy, key, take }, views)
  for (const [index, block] of [...blocks, markBlock('memory', Number.POSITIVE_INFINITY).bytes].entries()) {
    pipeline.put('events', block)
    if (index % blocksPerSave !== 0) continue
    const again = makeViews(policy, key)
    for (const name of viewNames) {
      const out = new SnapshotWriter()
      views[name].save(out)
      const saved = new SnapshotReader(out.parts().map((part) => part.slice()))
      again[name].load(saved)
      if (name === 'account' && 'begun' in saved.value<object>('clock')) savedBegun++
    }
    views = again
    pipeline = connectedPipeline({ policy, key, take }, views)
  }
  return lines
}

function withWatermark(block: Uint8Array, watermarkMs: number): Uint8Array {
  const changed = block.slice()
  new DataView(changed.buffer).setFloat64(watermarkAt, watermarkMs, true)
  return changed
}

function watermarkOf(block: Uint8Array | undefined): number {
  if (block === undefined) return Number.NEGATIVE_INFINITY
  return new DataView(block.buffer, block.byteOffset).getFloat64(watermarkAt, true)
}

/** Where a block has its watermark. */
const watermarkAt = 16
