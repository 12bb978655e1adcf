import { chainedTo, emptyChain, sha256Of } from '../decide/chain'
import type { ChainHead, ChainLink } from '../decide/chain'
import type { Named } from './compare'
import { nameOf } from './compare'
import type { Lines } from './lines'

export interface CheckedChain {
  /** One a line, in order; what cannot be read as a link has no name and the hash of its own bytes. */
  readonly links: readonly Named[]
  /** The last link that can be read. */
  readonly head: ChainHead
  /** Whether a chain value that was kept elsewhere is one of those here. */
  readonly holds: (chain: string) => boolean
  /** In a sentence each, what does not hold in the chain itself. */
  readonly faults: readonly string[]
}

/** Checks that each link follows from the one before. A fault is told once, what follows it is judged by itself. */
export async function checkChain(lines: Lines): Promise<CheckedChain> {
  const links: Named[] = []
  const faults: string[] = []
  const values = new Set<string>()
  let head = emptyChain
  /** What the next link may follow from: what the last one says, and what it should say. */
  let before: readonly string[] = [emptyChain.chain]
  /** Lines since the last link that are none: each was one, or was put in between. */
  let unread = 0
  await lines.read((line) => {
    const place = lines.placeOf(links.length)
    const link = linkOf(line)
    if (link === undefined) {
      faults.push(`${place} is no link of a chain`)
      links.push({ sha256: sha256Of(line) })
      unread++
      return
    }
    links.push(link)
    const skipped = link.sequence - head.sequence - 1
    if (skipped < 0 || skipped > unread) {
      faults.push(`${place} is link ${link.sequence}, where ${head.sequence + 1} should follow`)
    } else if (skipped === 0 && !before.some((value) => chainedTo(value, link.sha256) === link.chain)) {
      faults.push(
        `${place} (${nameOf(link)}) does not follow from the link before it: one of them was altered`,
      )
    }
    before = [link.chain, ...before.slice(0, 1).map((value) => chainedTo(value, link.sha256))]
    head = { sequence: link.sequence, chain: link.chain }
    unread = 0
    values.add(link.chain)
  })
  return { links, head, faults, holds: (chain) => values.has(chain) }
}

/** The link that a line is, to the byte as it was written; undefined where it is none. */
function linkOf(line: Uint8Array): ChainLink | undefined {
  const text = Buffer.from(line).toString('utf8')
  try {
    const { sequence, verdictId, revision, sha256, chain } = JSON.parse(text) as ChainLink
    const link = { sequence, verdictId, revision, sha256, chain }
    return JSON.stringify(link) === text && typeof sha256 === 'string' && typeof chain === 'string'
      ? link
      : undefined
  } catch {
    return undefined
  }
}
