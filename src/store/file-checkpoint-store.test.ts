import {
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { commandOf, start } from '../../test/support/child'
import { fileHandles } from '../../test/support/file-handles'
import { temporaryFolders } from '../../test/support/temporary'
import { newestWhole } from './checkpoint-store'
import { FileCheckpointStore } from './file-checkpoint-store'

const newFolder = temporaryFolders()
const part = (...bytes: number[]) => Uint8Array.from(bytes)
const pathOf = (folder: string, sequence: number) =>
  join(folder, `account-0.${String(sequence).padStart(20, '0')}.checkpoint`)

async function storeWith(...sequences: number[]) {
  const folder = newFolder()
  const store = await FileCheckpointStore.open(folder)
  for (const sequence of sequences) {
    await store.save('account-0', { sequence, parts: [part(sequence, 1, 2), part(), part(3)] })
  }
  return { folder, store }
}

describe('a broken checkpoint', () => {
  it('is skipped for the one before it, and the report names the file and the reason', async () => {
    const { folder, store } = await storeWith(1, 2)
    const bytes = readFileSync(pathOf(folder, 2))
    bytes[bytes.length - 33]! ^= 1
    writeFileSync(pathOf(folder, 2), bytes)

    const { checkpoint, skipped } = await newestWhole(store, 'account-0')
    expect(checkpoint).toEqual({ sequence: 1, parts: [part(1, 1, 2), part(), part(3)] })
    expect(skipped).toEqual([expect.stringMatching(/account-0\.0+2\.checkpoint cannot be used: .*SHA-256/)])
  })

  it('is found out whichever bit of it is flipped and wherever it is cut', async () => {
    const { folder, store } = await storeWith(1)
    const whole = readFileSync(pathOf(folder, 1))
    const outcome = async (bytes: Uint8Array) => {
      writeFileSync(pathOf(folder, 1), bytes)
      return (await (await store.list('account-0'))[0]!.load()).kind
    }
    expect(await outcome(whole)).toBe('loaded')
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      expect([bit, await outcome(bytes)]).toEqual([bit, 'broken'])
    }
    for (let length = 0; length < whole.length; length++) {
      expect([length, await outcome(whole.subarray(0, length))]).toEqual([length, 'broken'])
    }
    expect(await outcome(Buffer.concat([whole, part(0)]))).toBe('broken')
  })

  it('asks for no more memory than the file has bytes, whatever lengths it claims', async () => {
    const { folder, store } = await storeWith(1)
    const text = readFileSync(pathOf(folder, 1)).toString('latin1').replace('[3,0,1]', '[9e9,0]')
    writeFileSync(pathOf(folder, 1), text, 'latin1')
    expect((await newestWhole(store, 'account-0')).skipped[0]).toMatch('it ends early')
  })

  it('that bears the name of another is not taken for it', async () => {
    const { folder, store } = await storeWith(1)
    renameSync(pathOf(folder, 1), pathOf(folder, 9))
    expect((await newestWhole(store, 'account-0')).skipped[0]).toMatch('it is that of "account-0" at 1')
  })

  it('of another version says who can read it', async () => {
    const { folder, store } = await storeWith(1)
    const bytes = readFileSync(pathOf(folder, 1))
    bytes[4] = 2
    writeFileSync(pathOf(folder, 1), bytes)
    expect((await newestWhole(store, 'account-0')).skipped[0]).toMatch('use the assay that wrote it')
  })
})

it('parts of any sizes come back as they were, across the slices they are written in', async () => {
  const store = await FileCheckpointStore.open(newFolder())
  const sizes = fc.array(fc.oneof(fc.nat(100), fc.integer({ min: (4 << 20) - 70, max: (4 << 20) + 70 })), {
    maxLength: 4,
  })
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), async (lengths, seed) => {
      const parts = lengths.map((length, index) => new Uint8Array(length).fill(seed + index))
      await store.save('account-0', { sequence: 1, parts })
      const { checkpoint } = await newestWhole(store, 'account-0')
      expect(checkpoint!.parts.map((loaded) => loaded.length)).toEqual(lengths)
      expect(checkpoint!.parts.every((loaded, index) => Buffer.compare(loaded, parts[index]!) === 0)).toBe(
        true,
      )
    }),
    { numRuns: 15 },
  )
})

it('a checkpoint is flushed before it gets its name, and the name before saving is done', async () => {
  const { folder, store } = await storeWith()
  const filesAtFlush: string[][] = []
  const handles = await fileHandles()
  const sync: (this: FileHandle) => Promise<void> = Reflect.get(handles, 'sync')
  const spy = jest.spyOn(handles, 'sync').mockImplementation(function (this: FileHandle) {
    filesAtFlush.push(readdirSync(folder))
    return sync.call(this)
  })
  await store.save('account-0', { sequence: 1, parts: [part(1)] })
  spy.mockRestore()
  expect(filesAtFlush).toEqual([
    [expect.stringMatching(/^account-0\.0+1\.checkpoint\.[-0-9a-f]+\.part$/)],
    [pathOf('', 1)],
  ])
})

it('opening removes what a crash left half written and nothing else', async () => {
  const { folder } = await storeWith(1)
  writeFileSync(`${pathOf(folder, 2)}.part`, 'half')
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  const store = await FileCheckpointStore.open(folder)
  expect(readdirSync(folder).sort()).toEqual([pathOf('', 1), 'notes.txt'])
  expect((await newestWhole(store, 'account-0')).checkpoint!.sequence).toBe(1)
})

it('a disk that is full refuses the checkpoint, keeps those before it and leaves nothing behind', async () => {
  const folder = newFolder()
  // The limit on the size of a file, 40 kB here, refuses writes as a full disk does, and needs no rights.
  const child = start([
    'bash',
    '-c',
    'ulimit -f 40; exec "$@"',
    '-',
    ...commandOf('save-until-full.ts', folder),
  ])
  await child.ended
  const result = JSON.parse(child.lines.at(-1)!) as { error: string; saved: number }
  expect(result.error).toMatch(/could not be stored .*EFBIG.* the ones before it are kept/)
  expect(result.saved).toBeGreaterThan(0)
  expect(readdirSync(folder)).toHaveLength(3)
  const { checkpoint, skipped } = await newestWhole(await FileCheckpointStore.open(folder), 'account-0')
  expect([checkpoint!.sequence, skipped]).toEqual([result.saved, []])
})

it('a process killed while it saves leaves whole checkpoints only, the last reported one among them', async () => {
  for (let round = 0; round < 6; round++) {
    const folder = newFolder()
    const child = start(commandOf('save-until-full.ts', folder))
    await child.nextLine()
    await new Promise((resolve) => setTimeout(resolve, round * 13))
    child.process.kill('SIGKILL')
    await child.ended
    const saved = (JSON.parse(child.lines.at(-1)!) as { saved: number }).saved
    const { checkpoint, skipped } = await newestWhole(await FileCheckpointStore.open(folder), 'account-0')
    expect(skipped).toEqual([])
    expect(checkpoint!.sequence).toBeGreaterThanOrEqual(saved)
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  }
})

it('a file that vanishes between listing and loading is a broken one, not a crash', async () => {
  const { folder, store } = await storeWith(1)
  const [stored] = await store.list('account-0')
  renameSync(pathOf(folder, 1), join(folder, 'elsewhere'))
  expect(await stored!.load()).toEqual({
    kind: 'broken',
    reason: expect.stringContaining('ENOENT') as string,
  })
  expect(statSync(join(folder, 'elsewhere')).size).toBeGreaterThan(0)
  truncateSync(join(folder, 'elsewhere'))
})

describe('a folder that several processes share', () => {
  it('keeps what another one is writing, and loses nothing when two store the same', async () => {
    const folder = newFolder()
    const first = await FileCheckpointStore.open(folder, { isShared: true })
    const large = new Uint8Array(8 << 20)
    const saving = first.save('account-0', { sequence: 1, parts: [large] })
    // Opened over and over while the other one writes.
    let opened = 0
    const progress = { isDone: false }
    void saving.finally(() => (progress.isDone = true))
    while (!progress.isDone) {
      const other = await FileCheckpointStore.open(folder, { isShared: true })
      if (opened++ === 0) await other.save('account-0', { sequence: 1, parts: [large] })
    }
    await saving
    const { checkpoint, skipped } = await newestWhole(first, 'account-0')
    expect(skipped).toEqual([])
    expect(checkpoint?.parts[0]).toHaveLength(large.length)
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('is rid of what a crash left behind long ago', async () => {
    const folder = newFolder()
    const left = join(folder, 'account-0.00000000000000000001.checkpoint.x.part')
    writeFileSync(left, 'half')
    utimesSync(left, 1, 1)
    await FileCheckpointStore.open(folder, { isShared: true })
    expect(readdirSync(folder)).toEqual([])
  })
})
