import { createHash } from 'node:crypto'

/** What binds a verdict to all before it; a record of the chain log as JSON. */
export interface ChainLink extends ChainHead {
  readonly verdictId: string
  readonly revision: number
  /** Of the verdict's bytes as they were put out, in hex. */
  readonly sha256: string
}

/** The end of a chain: whoever keeps it elsewhere can tell later that nothing up to it was changed. */
export interface ChainHead {
  /** How many verdicts there are up to here. */
  readonly sequence: number
  /** SHA-256 over the chain value before and the verdict's hash, both as hex: `printf %s%s BEFORE HASH | sha256sum`. */
  readonly chain: string
}

/** A hash chain over verdicts in the order they are put out: none is altered, removed or added without a trace. */
export class Chain {
  head: ChainHead = emptyChain

  /** The link of the next verdict. */
  link({ verdictId, revision }: Pick<ChainLink, 'verdictId' | 'revision'>, bytes: Uint8Array): ChainLink {
    const sha256 = sha256Of(bytes)
    this.head = { sequence: this.head.sequence + 1, chain: chainedTo(this.head.chain, sha256) }
    return { sequence: this.head.sequence, verdictId, revision, sha256, chain: this.head.chain }
  }
}

/** Before the first verdict. */
export const emptyChain: ChainHead = { sequence: 0, chain: '0'.repeat(64) }

/** The chain value behind a verdict with this hash, all in hex. */
export function chainedTo(before: string, sha256: string): string {
  return sha256Of(before + sha256)
}

export function sha256Of(of: string | Uint8Array): string {
  return createHash('sha256').update(of).digest('hex')
}
