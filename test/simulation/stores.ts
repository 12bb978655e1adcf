import type { Registry, RegistryAnswer } from '../../src/ingest/registry'
import type { SchemaRef } from '../../src/ingest/frame'
import { UnreachableError } from '../../src/model/errors'
import type { Checkpoint, CheckpointStore, StoredCheckpoint } from '../../src/store/checkpoint-store'
import { checkNameAndSequence, keptCheckpoints } from '../../src/store/checkpoint-store'
import type { Standing } from '../../src/store/standing'
import { MemoryStanding } from '../../src/store/standing-memory'
import type { Scheduler } from './scheduler'

interface Kept {
  readonly checkpoint: Pick<Checkpoint, 'sequence'> & { readonly parts: readonly Sparse[] }
  /** Why it cannot be used any more. */
  brokenBecause: string | undefined
}

/** How the store of checkpoints is at the moment. */
export interface StoreCondition {
  /** Nothing answers. */
  isDown: boolean
  /** Nothing more fits. */
  isFull: boolean
  /** How long a save takes at most. */
  saveMs: number
  /** Share of saves that are done and whose answer is lost. */
  lostAnswers: number
}

/** Where all instances keep checkpoints: a folder on a shared disk, or Redis. It outlives every instance. */
export class SimulatedCheckpoints {
  readonly condition: StoreCondition = { isDown: false, isFull: false, saveMs: 20, lostAnswers: 0 }
  readonly byName = new Map<string, Kept[]>()

  constructor(private readonly scheduler: Scheduler) {}

  /** The store as a process sees it; what it has asked for happens, whatever becomes of it. */
  get store(): CheckpointStore {
    return {
      save: (name, checkpoint, onTaken) => this.save(name, checkpoint, onTaken),
      list: (name) => this.list(name),
    }
  }

  private async save(name: string, checkpoint: Checkpoint, onTaken?: () => void): Promise<void> {
    checkNameAndSequence(name, checkpoint.sequence)
    const { scheduler, condition } = this
    const { chance } = scheduler
    const copy = { sequence: checkpoint.sequence, parts: checkpoint.parts.map(sparse) }
    onTaken?.()
    const saver = scheduler.current
    await scheduler.write(saver, 'before')
    await scheduler.pause(chance.between(0, condition.saveMs))
    // The last of a save is one step: a rename, or a script.
    if (condition.isDown) throw new UnreachableError('the store of checkpoints does not answer')
    if (condition.isFull) throw new Error(`checkpoint ${name} could not be stored (no space left on device)`)
    this.keep(name, copy)
    await scheduler.write(saver, 'done')
    await scheduler.pause(chance.between(0, 3))
    if (chance.is(condition.lostAnswers))
      throw new UnreachableError('the store of checkpoints gave no answer')
  }

  private async list(name: string): Promise<readonly StoredCheckpoint[]> {
    checkNameAndSequence(name)
    await this.answered()
    return (this.byName.get(name) ?? []).map(({ checkpoint, brokenBecause }) => ({
      sequence: checkpoint.sequence,
      load: async () => {
        await this.answered()
        return brokenBecause === undefined
          ? {
              kind: 'loaded',
              checkpoint: { sequence: checkpoint.sequence, parts: checkpoint.parts.map(whole) },
            }
          : { kind: 'broken', reason: brokenBecause }
      },
    }))
  }

  /** Breaks the newest checkpoints of a name, so many of them. */
  breakNewest(name: string, count: number): void {
    for (const kept of (this.byName.get(name) ?? []).slice(0, count)) {
      kept.brokenBecause = `checkpoint ${name} cannot be used: its bytes are not those that were written`
    }
  }

  private async answered(): Promise<void> {
    await this.scheduler.pause(this.scheduler.chance.between(0, 10))
    if (this.condition.isDown) throw new UnreachableError('the store of checkpoints does not answer')
  }

  private keep(name: string, checkpoint: Kept['checkpoint']): void {
    const others = (this.byName.get(name) ?? []).filter(
      (kept) => kept.checkpoint.sequence !== checkpoint.sequence,
    )
    const newestFirst = [...others, { checkpoint, brokenBecause: undefined }].sort(
      (a, b) => b.checkpoint.sequence - a.checkpoint.sequence,
    )
    const older = newestFirst.filter((kept) => kept.checkpoint.sequence <= checkpoint.sequence)
    const gone = new Set(older.slice(keptCheckpoints))
    this.byName.set(
      name,
      newestFirst.filter((kept) => !gone.has(kept)),
    )
  }
}

/** Bytes of which only the pages are kept that are not all zeros: tables of a small stream are nearly empty. */
interface Sparse {
  readonly length: number
  readonly pages: ReadonlyMap<number, Uint8Array>
}

function sparse(bytes: Uint8Array): Sparse {
  const pages = new Map<number, Uint8Array>()
  for (let at = 0; at < bytes.length; at += pageBytes) {
    const page = bytes.subarray(at, at + pageBytes)
    if (Buffer.compare(page, page.length === pageBytes ? zeros : zeros.subarray(0, page.length)) !== 0) {
      pages.set(at, new Uint8Array(page))
    }
  }
  return { length: bytes.length, pages }
}

function whole({ length, pages }: Sparse): Uint8Array {
  const bytes = new Uint8Array(length)
  for (const [at, page] of pages) bytes.set(page, at)
  return bytes
}

const pageBytes = 32_768
const zeros = new Uint8Array(pageBytes)

/** The served copy that all instances share: one in memory behind a network that fails. */
export class SimulatedStanding {
  isDown = false
  /** Share of batches that are served and whose answer is lost. */
  lostAnswers = 0
  served = new MemoryStanding()

  constructor(private readonly scheduler: Scheduler) {}

  /** It forgets everything, as when it is flushed or a replica without data takes over. */
  empty(): void {
    this.served = new MemoryStanding()
  }

  /** The copy as a process sees it. */
  get standing(): Standing {
    const ask = async <Answer>(of: (served: MemoryStanding) => Promise<Answer>): Promise<Answer> => {
      const { chance } = this.scheduler
      await this.scheduler.pause(chance.between(0.2, 5))
      if (this.isDown) throw new UnreachableError('the served copy does not answer')
      const answer = await of(this.served)
      await this.scheduler.pause(chance.between(0.2, 5))
      return answer
    }
    const { served } = this
    const standing: Pick<Standing, 'apply' | 'positionOf' | 'startFrom' | 'stats' | 'close'> = {
      apply: (batch) =>
        ask(async (now) => {
          const outcome = await now.apply(batch)
          return this.scheduler.chance.is(this.lostAnswers)
            ? { kind: 'unreachable' as const, reason: 'no answer came' }
            : outcome
        }).catch((error: unknown) => ({ kind: 'unreachable', reason: (error as Error).message })),
      positionOf: (log) => ask((now) => now.positionOf(log)),
      startFrom: (log, position) => ask((now) => now.startFrom(log, position)),
      stats: served.stats,
      close: () => Promise.resolve(),
    }
    return Object.assign(Object.create(served) as Standing, standing)
  }
}

/** A schema registry that knows some schemas, as long as it has them. */
export class SimulatedRegistry implements Registry {
  isDown = false
  isEmpty = false

  constructor(
    private readonly scheduler: Scheduler,
    private readonly known: ReadonlyMap<SchemaRef, RegistryAnswer>,
  ) {}

  async schemaOf(schema: SchemaRef): Promise<RegistryAnswer> {
    await this.scheduler.pause(this.scheduler.chance.between(1, 30))
    if (this.isDown) return { kind: 'unreachable', why: 'no answer came in time' }
    return (this.isEmpty ? undefined : this.known.get(schema)) ?? { kind: 'unknown' }
  }
}
