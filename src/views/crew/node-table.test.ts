import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { NodeTable } from './node-table'

const weekMs = 604_800_000
const startMs = 2800 * weekMs
const size = { nodeCap: 1000, nameBytes: 4096 }

describe('what is known of a node', () => {
  it('is its name, and where it was last', () => {
    const table = new NodeTable(size)
    table.advance(startMs)
    see(table, 1, { device: 7, network: 8 })
    expect(table.get(1, 1)).toEqual({
      ...{ id: 'node-1', isAccount: false, device: 7, network: 8 },
      ...{ deviceNodes: 1, networkNodes: 1 },
    })
  })

  it('says how many are on its device, each once, however often they change phones', () => {
    //  node-1   7 9 7 9 7 9 …        two who go back and forth between two phones are two on each
    //  node-2   7 9 7 9 7 9 …
    const table = new NodeTable(size)
    table.advance(startMs)
    for (let turn = 0; turn < 50; turn++) {
      for (const node of [1, 2]) see(table, node, { device: turn % 2 === 0 ? 7 : 9, network: 8 })
    }
    expect(table.get(1, 1)).toMatchObject({ deviceNodes: 2, networkNodes: 2 })
  })

  it('does not forget how large an office is that stays the same for weeks', () => {
    const table = new NodeTable(size)
    for (let week = 0; week < 6; week++) {
      table.advance(startMs + week * weekMs)
      for (let node = 0; node < 100; node++) see(table, node, { device: 1000 + node, network: 8 })
    }
    const { networkNodes, deviceNodes } = table.get(1, 1)
    expect(networkNodes).toBeGreaterThanOrEqual(100)
    expect(networkNodes).toBeLessThanOrEqual(200)
    expect(deviceNodes).toBeLessThanOrEqual(2)
  })

  it('takes no more memory in a flood of nodes that change phones, and tells no fewer than there are', () => {
    const table = new NodeTable(size)
    table.advance(startMs)
    const flood = (from: number, to: number): number => {
      for (let node = from; node < to; node++)
        for (const device of [7, 9]) see(table, node, { device, network: 8 })
      return table.byteLength
    }
    const bytes = flood(1, 8_000)
    expect(flood(8_000, 40_000)).toBe(bytes)
    expect(table.get(39_999, 39_999)).toMatchObject({ deviceNodes: 39_999, networkNodes: 39_999 })
  })

  it('is its name in full, which says nothing about whether it is tied', () => {
    const table = new NodeTable(size)
    const name = 'x'.repeat(300)
    see(table, 1, { device: 0, network: 0 }, name)
    expect(table.get(1, 1)).toMatchObject({ id: name, isAccount: false })
    expect(table.isTied(1, 1)).toBe(false)
  })

  it('is the same after it was saved and restored', () => {
    const table = new NodeTable(size)
    table.advance(startMs)
    see(table, 1, { device: 7, network: 8 })
    table.advance(startMs + weekMs)
    const out = new SnapshotWriter()
    table.save(out)
    const restored = new NodeTable(size)
    restored.load(new SnapshotReader(out.parts().map((part) => part.slice())))
    for (const one of [table, restored]) see(one, 1, { device: 7, network: 8 })
    expect(restored.get(1, 1)).toEqual(table.get(1, 1))
  })
})

function see(
  table: NodeTable,
  node: number,
  place: { device: number; network: number },
  name = `node-${node}`,
): void {
  const names = { bytesOf: () => Buffer.from(name) }
  table.see({ high: node, low: node, isAccount: false, ...place }, names, 0)
}
