import type { Block } from './block'
import { actorIdOf, detailCode, detailOf, DetailReader } from './details'
import { actionCode, kindCode, rulingKinds } from './event'

/**
 * What people decide. It enters through the log like everything else and takes effect at the start of one epoch, the
 * same in every view, so that whoever replays the log knows what held when.
 */
export type Ruling = FeedbackRuling | PolicyRuling

/** A reviewer or an appeal says whether a verdict was right. */
export interface FeedbackRuling {
  readonly type: 'feedback'
  readonly eventId: string
  /** When it was decided, which may be long before the epoch in which it takes effect. */
  readonly timeMs: number
  readonly accountId: string
  readonly verdictId: string
  readonly decision: Decision
  readonly reviewer: string
}

/** From here on another policy decides. */
export interface PolicyRuling {
  readonly type: 'policy'
  readonly eventId: string
  readonly timeMs: number
  readonly version: string
  /** Who is behind it: whoever activated it, and whoever approved. */
  readonly approvedBy: readonly string[]
  /** The whole policy as JSON, as it was written. */
  readonly document: string
}

export type Decision = 'confirmed' | 'overturned'

/** Whether a row, by the code of its kind, is a ruling. */
export function isRuling(kind: number): boolean {
  return isRulingKind[kind] === 1
}

/** The ruling that a row holds. */
export function rulingOf(block: Block, row: number): Ruling {
  const eventId = new TextDecoder().decode(
    block.idBytes.subarray(block.idOffsets[row], block.idOffsets[row + 1]),
  )
  const timeMs = Number(detailOf(block, row, 'occurred-at') ?? block.timeMs[row]!)
  const accountId = block.accounts.text(block.account[row]!)
  if (block.kind[row] === policy) {
    const approvedBy = [...new Set([actorIdOf(block, row), ...approversOf(block, row)])]
    const document = detailOf(block, row, 'text') ?? ''
    return { type: 'policy', eventId, timeMs, version: accountId, approvedBy, document }
  }
  return {
    type: 'feedback',
    eventId,
    timeMs,
    accountId,
    verdictId: block.contents.text(block.content[row]!),
    decision: block.action[row] === overturned ? 'overturned' : 'confirmed',
    reviewer: actorIdOf(block, row),
  }
}

/** The order of rulings: by when they were decided; the id settles what was decided at once. */
export function isLater(
  one: Pick<Ruling, 'timeMs' | 'eventId'>,
  other: Pick<Ruling, 'timeMs' | 'eventId'>,
): boolean {
  return one.timeMs === other.timeMs ? one.eventId > other.eventId : one.timeMs > other.timeMs
}

function approversOf(block: Block, row: number): string[] {
  const names: string[] = []
  const reader = new DetailReader().open(block, row)
  while (reader.next()) if (reader.code === approver) names.push(reader.text())
  return names
}

const isRulingKind = new Uint8Array(256)
for (const kind of rulingKinds) isRulingKind[kindCode(kind)] = 1
const policy = kindCode('policy')
const overturned = actionCode('overturned')
const approver = detailCode('approver')
