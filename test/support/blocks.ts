import { BlockBuilder, noContent, readBlock } from '../../src/model/block'
import type { Block } from '../../src/model/block'
import { detailCode } from '../../src/model/details'
import type { DetailName } from '../../src/model/details'
import { actionCode, entryCode, kindCode } from '../../src/model/event'
import type { Action, Entry, Kind } from '../../src/model/event'
import { KeyedHash } from '../../src/model/hash'

/** An event as a test writes it; what it leaves out does not matter to it. */
export interface TestEvent {
  readonly id: string
  readonly timeMs: number
  readonly kind?: Kind
  readonly actor?: string
  readonly account?: string
  readonly content?: string
  readonly device?: string
  readonly network?: string
  readonly agent?: string
  readonly text?: string
  readonly createdMs?: number
  readonly dwellMs?: number
  /** How many actions the record stands for. */
  readonly amount?: number
  readonly action?: Action
  readonly entry?: Entry
  /** What it has beside its actor and its text. */
  readonly details?: readonly [DetailName, string][]
}

/** Packs events into a block as ingest would, under a fixed key. */
export function blockOf(
  events: readonly TestEvent[],
  header: { source?: string; sequence?: number; watermarkMs?: number } = {},
): Block {
  const builder = new BlockBuilder()
  const hash = new KeyedHash(new Uint8Array(16))
  const hashed = (text: string): { high: number; low: number; bytes: Uint8Array } => {
    const bytes = new TextEncoder().encode(text)
    hash.update(bytes, 0, bytes.length)
    return { high: hash.high, low: hash.low, bytes }
  }
  const short = (text: string | undefined): number => (text === undefined ? 0 : hashed(text).low || 1)
  for (const event of events) {
    const row = builder.addRow()
    const { columns } = builder
    const id = hashed(event.id)
    const actor = hashed(event.actor ?? 'someone')
    const account = hashed(event.account ?? 'account')
    builder.setId(id.bytes, 0, id.bytes.length)
    for (const [name, text] of detailsOf(event)) {
      const bytes = new TextEncoder().encode(text)
      builder.addDetail(detailCode(name), bytes, 0, bytes.length)
    }
    columns.timeMs[row] = event.timeMs
    columns.idHigh[row] = id.high
    columns.idLow[row] = id.low
    columns.actorHigh[row] = actor.high
    columns.actorLow[row] = actor.low
    columns.account[row] = builder.accounts.add(
      account.high,
      account.low,
      account.bytes,
      0,
      account.bytes.length,
    )
    if (event.content === undefined) columns.content[row] = noContent
    else {
      const content = hashed(event.content)
      columns.content[row] = builder.contents.add(
        content.high,
        content.low,
        content.bytes,
        0,
        content.bytes.length,
      )
    }
    columns.kind[row] = kindCode(event.kind ?? 'click')
    columns.device[row] = short(event.device)
    columns.network[row] = short(event.network)
    columns.agent[row] = short(event.agent)
    columns.text[row] = short(event.text)
    columns.textLength[row] = event.text?.length ?? 0
    if (event.createdMs !== undefined) columns.createdS[row] = Math.floor(event.createdMs / 1000)
    if (event.dwellMs !== undefined) columns.dwellMs[row] = event.dwellMs
    if (event.amount !== undefined) columns.amount[row] = event.amount
    if (event.action !== undefined) columns.action[row] = actionCode(event.action)
    if (event.entry !== undefined) columns.entry[row] = entryCode(event.entry)
  }
  return builder.finish({
    source: header.source ?? 'test',
    sequence: header.sequence ?? 1,
    watermarkMs: header.watermarkMs ?? Number.NEGATIVE_INFINITY,
    fromPosition: 0,
    toPosition: events.length,
  })
}

function detailsOf(event: TestEvent): [DetailName, string][] {
  const { actor = 'someone', text, details = [] } = event
  return [
    ['actor', actor],
    ...(text === undefined ? [] : [['text', text] as [DetailName, string]]),
    ...details,
  ]
}

/** The ids of a block's rows, in order. */
export function idsOf(block: Block): string[] {
  const decoder = new TextDecoder()
  return Array.from({ length: block.rows }, (_, row) =>
    decoder.decode(block.idBytes.subarray(block.idOffsets[row], block.idOffsets[row + 1])),
  )
}

/** A block that has been through bytes, as every block that a fold sees. */
export function stored(block: Block): Block {
  return readBlock(block.bytes.slice())
}
