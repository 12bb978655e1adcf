import { blockOf, idsOf, stored } from '../../test/support/blocks'
import { BlockBuilder, eventIdOf, noContent, readBlock, unknownDwell } from './block'

describe('a block', () => {
  it('reads back what was packed, with what was left out as unknown', () => {
    const block = stored(
      blockOf(
        [
          { id: 'e1', timeMs: 1000, account: 'a', content: 'c', device: 'd', dwellMs: 12 },
          { id: '第二', timeMs: 2000.5, account: 'b' },
          { id: 'e3', timeMs: 3000, account: 'a', content: 'c' },
        ],
        { source: 'topic/7', sequence: 9, watermarkMs: 500 },
      ),
    )
    expect(idsOf(block)).toEqual(['e1', '第二', 'e3'])
    expect([...block.timeMs]).toEqual([1000, 2000.5, 3000])
    expect([...block.account].map((account) => block.accounts.text(account))).toEqual(['a', 'b', 'a'])
    expect([...block.content]).toEqual([0, noContent, 0])
    expect(block.contents.text(0)).toBe('c')
    expect([...block.dwellMs]).toEqual([12, unknownDwell, unknownDwell])
    expect(block.device[1]).toBe(0)
    expect(block).toMatchObject({ source: 'topic/7', sequence: 9, watermarkMs: 500, rows: 3 })
  })

  it('lies in memory at any offset', () => {
    const { bytes } = blockOf([{ id: 'e', timeMs: 1 }])
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    expect(eventIdOf(readBlock(shifted.subarray(3)), 0)).toBe('e')
  })

  it('refuses bytes that are none, and says so', () => {
    expect(() => readBlock(new Uint8Array(100))).toThrow('a block begins with ASYB')
    const { bytes } = blockOf([])
    bytes[4] = 9
    expect(() => readBlock(bytes)).toThrow('a block of version 3 was expected, got 9')
  })

  it('copies rows of other blocks with their names, beyond the first room of a builder', () => {
    const events = Array.from({ length: 3000 }, (_, i) => ({
      id: `event-${i}`,
      timeMs: i,
      account: `account-${i % 700}`,
      content: `content-${i % 900}`,
    }))
    const from = stored(blockOf(events))
    const builder = new BlockBuilder()
    for (let row = from.rows - 1; row >= 0; row--) builder.copyRow(from, row)
    const copy = builder.finish({ source: '', sequence: 1, watermarkMs: 0, fromPosition: 0, toPosition: 0 })
    expect(idsOf(copy)).toEqual(events.map(({ id }) => id).reverse())
    expect(copy.accounts.size).toBe(700)
    const names = Array.from({ length: copy.rows }, (_, row) => [
      copy.accounts.text(copy.account[row]!),
      copy.contents.text(copy.content[row]!),
    ])
    expect(names).toEqual(events.map(({ account, content }) => [account, content]).reverse())
    expect(builder.rows).toBe(0)
  })
})
