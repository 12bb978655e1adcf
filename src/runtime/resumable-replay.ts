import type { Policy } from '../policy/policy'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import type { RawSource } from './intake'
import { Intake } from './intake'
import { makeViews, viewNames } from './stages'
import type { LogName, Views } from './stages'
import { connectedPipeline } from './threads'
import type { Pipeline } from './threads'

export interface ResumableReplayOptions {
  readonly policy: Policy
  /** The secret of all hashes. */
  readonly key: Uint8Array
  readonly source: RawSource
  /** Asked before each block; what is left then is not read. */
  readonly isStopping: () => boolean
  /** Takes what no view reads: verdicts, corrections, surges, the chain. */
  readonly take: (log: LogName, record: Uint8Array) => void
}

/** All that a replay knows at some point of its input, by the name of the part; in memory, and not changed any more. */
export type ReplayState = ReadonlyMap<string, readonly Uint8Array[]>

/**
 * A replay that stops where its caller says and saves itself there, so that inputs that begin alike are folded once as
 * far as they do. What comes of the rest is the same, byte for byte, as without the stop.
 *
 * ```
 *  ──── run ────■ save ──── the rest of one input
 *               ■ load ──── the rest of another
 * ```
 */
export class ResumableReplay {
  private readonly views: Views
  private readonly intake: Intake
  private readonly pipeline: Pipeline

  constructor({ policy, key, source, isStopping, take }: ResumableReplayOptions) {
    this.views = makeViews(policy, key)
    this.pipeline = connectedPipeline({ policy, key, take }, this.views)
    this.intake = new Intake({ policy, key, sources: [source], isStopping })
  }

  /** Folds until the source is at its end or `isStopping` says so. */
  async run(): Promise<void> {
    for (let block = await this.intake.next(); block !== undefined; block = await this.intake.next()) {
      this.pipeline.put('events', block.bytes)
      this.intake.giveBack(block)
    }
  }

  /** Its state, which shares memory with it: a replay that is saved is not run on. */
  save(): ReplayState {
    const parts = [
      ['intake', this.intake] as const,
      ...viewNames.map((name) => [name, this.views[name]] as const),
    ]
    return new Map(
      parts.map(([name, part]) => {
        const out = new SnapshotWriter()
        part.save(out)
        return [name, out.parts()]
      }),
    )
  }

  /** Goes on from where another one of a source of that name, the same policy and the same key was saved. */
  load(state: ReplayState): void {
    this.intake.load(new SnapshotReader(state.get('intake')!))
    for (const name of viewNames) this.views[name].load(new SnapshotReader(state.get(name)!))
  }
}
