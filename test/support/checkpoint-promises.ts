import { newestWhole, type Checkpoint, type CheckpointStore } from '../../src/store/checkpoint-store'

/** What every checkpoint store promises, whatever keeps them; `open` gives an empty one. */
export function checkpointPromises(open: () => Promise<CheckpointStore>): void {
  let store: CheckpointStore
  beforeEach(async () => {
    store = await open()
  })

  it('has nothing at first, and says so without an error', async () => {
    expect(await store.list('account-0')).toEqual([])
    expect(await newestWhole(store, 'account-0')).toEqual({ checkpoint: undefined, skipped: [] })
  })

  it('gives back what was saved, parts of no bytes included', async () => {
    const saved = checkpoint(7, part(1, 2, 3), part(), part(255))
    await store.save('account-0', saved)
    expect(await newestWhole(store, 'account-0')).toEqual({ checkpoint: saved, skipped: [] })
  })

  it('takes a checkpoint without parts', async () => {
    await store.save('account-0', checkpoint(0))
    expect((await newestWhole(store, 'account-0')).checkpoint).toEqual(checkpoint(0))
  })

  it('lists newest first and keeps three', async () => {
    for (const sequence of [9, 10, 11, 100])
      await store.save('account-0', checkpoint(sequence, part(sequence)))
    expect(await sequences(store, 'account-0')).toEqual([100, 11, 10])
    expect((await newestWhole(store, 'account-0')).checkpoint).toEqual(checkpoint(100, part(100)))
  })

  it('keeps what was just saved even when newer ones are there, for they were skipped for a reason', async () => {
    for (const sequence of [100, 101, 102]) await store.save('account-0', checkpoint(sequence))
    for (const sequence of [5, 6]) await store.save('account-0', checkpoint(sequence))
    expect(await sequences(store, 'account-0')).toEqual([102, 101, 100, 6, 5])
  })

  it('replaces a checkpoint that is saved again', async () => {
    await store.save('account-0', checkpoint(5, part(1)))
    await store.save('account-0', checkpoint(5, part(2)))
    expect(await sequences(store, 'account-0')).toEqual([5])
    expect((await newestWhole(store, 'account-0')).checkpoint).toEqual(checkpoint(5, part(2)))
  })

  it('keeps names apart, also where one begins like another', async () => {
    await store.save('account', checkpoint(1, part(1)))
    await store.save('account.0', checkpoint(2, part(2)))
    expect(await sequences(store, 'account')).toEqual([1])
    expect(await sequences(store, 'account.0')).toEqual([2])
  })

  it('keeps what it was given, whatever becomes of that once it says that it has taken it', async () => {
    const mine = part(1, 2, 3)
    await store.save('account-0', checkpoint(1, mine), () => mine.fill(9))
    expect((await newestWhole(store, 'account-0')).checkpoint).toEqual(checkpoint(1, part(1, 2, 3)))
  })

  it('shares no memory with its users', async () => {
    const mine = part(1, 2, 3)
    await store.save('account-0', checkpoint(1, mine))
    mine.fill(9)
    const first = (await newestWhole(store, 'account-0')).checkpoint!
    expect(first.parts[0]).toEqual(part(1, 2, 3))
    new Uint8Array(first.parts[0]!.buffer).fill(8)
    expect((await newestWhole(store, 'account-0')).checkpoint!.parts[0]).toEqual(part(1, 2, 3))
  })

  it('gives each part memory of its own, so that every typed array can lie on it', async () => {
    await store.save('account-0', checkpoint(1, part(1, 2, 3), new Uint8Array(Float64Array.of(0.5).buffer)))
    const loaded = (await newestWhole(store, 'account-0')).checkpoint!
    expect(new Float64Array(loaded.parts[1]!.buffer)).toEqual(Float64Array.of(0.5))
  })

  it.each(['', '../account', 'a/b', 'Account', 'a'.repeat(101)])('refuses the name "%s"', async (name) => {
    await expect(store.save(name, checkpoint(1))).rejects.toThrow('a checkpoint is named with')
    await expect(store.list(name)).rejects.toThrow('a checkpoint is named with')
  })

  it.each([-1, 0.5, NaN, 2 ** 53])('refuses the sequence %s', async (sequence) => {
    await expect(store.save('account-0', checkpoint(sequence))).rejects.toThrow('whole number')
  })
}

const checkpoint = (sequence: number, ...parts: Uint8Array[]): Checkpoint => ({ sequence, parts })
const part = (...bytes: number[]) => Uint8Array.from(bytes)
const sequences = async (store: CheckpointStore, name: string) =>
  (await store.list(name)).map((stored) => stored.sequence)
