import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { frame, readFrame, readHeader, viewOf, writeHeader } from '../../../src/log/frame'
import { BlockBuilder, eventIdOf, noContent, readBlock } from '../../../src/model/block'
import type { Block } from '../../../src/model/block'
import { DetailReader } from '../../../src/model/details'
import { FormatError } from '../../../src/model/errors'
import { SnapshotReader, SnapshotWriter } from '../../../src/state/snapshot'
import { FileCheckpointStore } from '../../../src/store/file-checkpoint-store'
import { damage, damaged, isSame } from './damage'
import type { Damage } from './damage'
import { anyLaw } from './law'

const bytes = fc.array(fc.nat(255), { maxLength: 40 })

interface Row {
  readonly id: readonly number[]
  readonly timeMs: number
  readonly account: number
  readonly content: number | null
  readonly details: readonly (readonly [code: number, text: readonly number[]])[]
}

const row: fc.Arbitrary<Row> = fc.record({
  id: bytes,
  timeMs: fc.nat(),
  account: fc.nat(5),
  content: fc.option(fc.nat(5)),
  details: fc.array(fc.tuple(fc.nat(13), bytes), { maxLength: 3 }),
})

export const blockLaw = anyLaw({
  name: 'block',
  runs: 1500,
  arbitrary: fc.record({ rows: fc.array(row, { maxLength: 12 }), damage }),
  /** What was packed comes back; what was cut or lengthened is refused; nothing makes reading hang or grow. */
  check({ rows, damage: harm }: { rows: readonly Row[]; damage: Damage }) {
    const packed = pack(rows)
    if (JSON.stringify(rowsOf(readBlock(packed))) !== JSON.stringify(rows))
      throw new Error('comes back otherwise')
    const broken = damaged(packed, harm)
    let block: Block
    try {
      block = readBlock(broken)
    } catch {
      return
    }
    if (broken.length !== packed.length && harm.flips.length === 0)
      throw new Error('another length is not noticed')
    try {
      rowsOf(block)
    } catch (error) {
      if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error
    }
  },
})

function pack(rows: readonly Row[]): Uint8Array {
  const builder = new BlockBuilder()
  for (const { id, timeMs, account, content, details } of rows) {
    const at = builder.addRow()
    builder.columns.timeMs[at] = timeMs
    builder.columns.account[at] = nameIn(builder.accounts, account)
    if (content !== null) builder.columns.content[at] = nameIn(builder.contents, content)
    builder.setId(Uint8Array.from(id), 0, id.length)
    for (const [code, text] of details) builder.addDetail(code, Uint8Array.from(text), 0, text.length)
  }
  return builder.pack({ source: 'clicks-0', sequence: 7, watermarkMs: 1, fromPosition: 2, toPosition: 3 })
}

function nameIn(names: BlockBuilder['accounts'], number: number): number {
  const name = Buffer.from(`name-${number}`)
  return names.add(number, number, name, 0, name.length)
}

function rowsOf(block: Block): Row[] {
  const reader = new DetailReader()
  return Array.from({ length: block.rows }, (_, at) => {
    const details: [number, number[]][] = []
    reader.open(block, at)
    while (reader.next()) details.push([reader.code, [...reader.bytes.subarray(reader.start, reader.end)]])
    eventIdOf(block, at)
    const content = block.content[at]!
    return {
      id: [...block.idBytes.subarray(block.idOffsets[at], block.idOffsets[at + 1])],
      timeMs: block.timeMs[at]!,
      account: Number(block.accounts.text(block.account[at]!).slice(5)),
      content: content === noContent ? null : Number(block.contents.text(content).slice(5)),
      details,
    }
  })
}

export const frameLaw = anyLaw({
  name: 'log-frame',
  runs: 3000,
  arbitrary: fc.record({
    records: fc.array(bytes, { minLength: 1, maxLength: 4 }),
    position: fc.maxSafeInteger().map(Math.abs),
    damage,
  }),
  /** A frame is whole or none: damage is never another record. */
  check({
    records,
    position,
    damage: harm,
  }: {
    records: readonly number[][]
    position: number
    damage: Damage
  }) {
    const written = records.map((one) => Uint8Array.from(one))
    const whole = Uint8Array.from(Buffer.concat(frame(written, { position, flushedBytes: 0 })))
    const broken = damaged(whole, harm)
    let at = 0
    for (const [index, record] of written.entries()) {
      const outcome = readFrame(broken, viewOf(broken), at, position + index)
      if (outcome.kind !== 'whole') {
        if (isSame(whole, broken)) throw new Error(`${outcome.kind} without damage`)
        break
      }
      if (!isSame(outcome.record, record)) throw new Error('another record')
      at = outcome.nextAt
    }
    const header = writeHeader({ first: position, previousFirst: 0, previousBytes: 0 })
    const brokenHeader = damaged(header, harm)
    let read: ReturnType<typeof readHeader>
    try {
      read = readHeader(brokenHeader)
    } catch (error) {
      if (error instanceof FormatError) return
      throw error
    }
    if (typeof read !== 'string' && read.first !== position) throw new Error('another header')
  },
})

const folders = new Set<string>()

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-law-'))
  folders.add(folder)
  return folder
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
}

export const checkpointLaw = anyLaw({
  name: 'checkpoint',
  runs: 60,
  arbitrary: fc.record({ arrays: fc.array(bytes, { maxLength: 4 }), value: fc.jsonValue(), damage }),
  /** A checkpoint comes back to the byte, or is said to be broken. */
  async check({
    arrays,
    value,
    damage: harm,
  }: {
    arrays: readonly number[][]
    value: unknown
    damage: Damage
  }) {
    const folder = newFolder()
    try {
      const store = await FileCheckpointStore.open(folder)
      const snapshot = new SnapshotWriter()
      arrays.forEach((array, index) => {
        snapshot.array(`array-${index}`, Uint8Array.from(array))
      })
      snapshot.value('value', value)
      await store.save('view', { sequence: 7, parts: snapshot.parts() })
      const file = join(folder, readdirSync(folder)[0]!)
      const whole = readFileSync(file)
      const broken = damaged(whole, harm)
      writeFileSync(file, broken)
      const outcome = await (await store.list('view'))[0]!.load()
      if (outcome.kind === 'broken') {
        if (isSame(whole, broken)) throw new Error(outcome.reason)
        return
      }
      const read = new SnapshotReader(outcome.checkpoint.parts)
      const same = arrays.every((array, index) =>
        isSame(Uint8Array.from(array), read.uint8(`array-${index}`)),
      )
      if (!same || JSON.stringify(read.value('value')) !== JSON.stringify(value))
        throw new Error('another state')
    } finally {
      removeFolder(folder)
    }
  },
})

export const snapshotLaw = anyLaw({
  name: 'snapshot',
  runs: 1500,
  arbitrary: fc.record({ arrays: fc.array(bytes, { maxLength: 3 }), damage }),
  /** Parts that nobody verified are refused with an error, and cost no more memory than they have bytes. */
  check({ arrays, damage: harm }: { arrays: readonly number[][]; damage: Damage }) {
    const snapshot = new SnapshotWriter()
    arrays.forEach((array, index) => {
      snapshot.array(`array-${index}`, Uint8Array.from(array))
    })
    const [directory, ...parts] = snapshot.parts()
    try {
      const read = new SnapshotReader([damaged(directory!, harm), ...parts])
      arrays.forEach((_, index) => read.uint8(`array-${index}`))
    } catch (error) {
      if (!(error instanceof Error)) throw error
    }
  },
})
