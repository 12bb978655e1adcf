import type { PolicyRuling } from '../model/ruling'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import type * as policyModule from './policy'
import type { Policy } from './policy'

/**
 * The policy by which a view decides, so far as it sees it: the one it was begun with, until the log puts another one in
 * its place.
 */
export class PolicyInForce<Seen extends Partial<Policy> = Policy> {
  private document: string | undefined
  /** Documents that an older or newer assay took and this one does not; the policy before them went on. */
  refused = 0

  constructor(public current: Seen) {}

  /** Takes over a policy that ingest has checked. */
  apply({ document }: Pick<PolicyRuling, 'document'>): void {
    try {
      this.current = parsed(document) as Seen
      this.document = document
    } catch {
      this.refused++
    }
  }

  save(out: SnapshotWriter): void {
    out.value('policy', { document: this.document ?? null, refused: this.refused })
  }

  load(from: SnapshotReader): void {
    const { document, refused } = from.value<{ document: string | null; refused: number }>('policy')
    if (document !== null) this.apply({ document })
    this.refused = refused
  }
}

/**
 * Its schema is loaded when the first policy comes, which is seldom: loading it takes each thread that holds a view 75 ms
 * and 5 MB.
 */
function parsed(document: string): Policy {
  // A fold cannot wait for an import.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { parsePolicy } = require('./policy') as typeof policyModule
  return parsePolicy(JSON.parse(document))
}
