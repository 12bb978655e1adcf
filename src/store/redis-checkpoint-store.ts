import { createHash, randomUUID } from 'node:crypto'
import { checkNameAndSequence, keptCheckpoints } from './checkpoint-store'
import type { Checkpoint, CheckpointStore, LoadOutcome, StoredCheckpoint } from './checkpoint-store'
import { UnreachableError } from '../model/errors'
import { reasonOf, runScript } from './redis'
import type { RedisClient, Script } from './redis'

/**
 * Checkpoints in Redis, for instances that share no disk. The parts are written aside in chunks, which vanish by
 * themselves when nobody commits them, and one script makes the checkpoint of them.
 *
 * ```
 *  NAMESPACE:{checkpoint.account-0}          sequence → JSON of the entry below
 *  NAMESPACE:{checkpoint.account-0}:UUID:7   the eighth chunk
 * ```
 *
 * It is as safe as Redis is: one that keeps nothing on disk has no checkpoints after a restart, and the views read their
 * logs again.
 */
export class RedisCheckpointStore implements CheckpointStore {
  constructor(
    private readonly redis: RedisClient,
    private readonly namespace: string,
  ) {}

  async save(name: string, checkpoint: Checkpoint, onTaken?: () => void): Promise<void> {
    const { sequence, parts } = checkpoint
    checkNameAndSequence(name, sequence)
    const index = this.indexOf(name)
    const uuid = randomUUID()
    try {
      const hash = createHash('sha256')
      const lengths = parts.map((part) => part.length)
      hash.update(headOf({ name, sequence, lengths }))
      let chunks = 0
      for (const chunk of chunksOf(parts)) {
        const writing = this.redis.set(`${index}:${uuid}:${chunks++}`, chunk, 'EX', asideSeconds)
        hash.update(chunk)
        await writing
      }
      onTaken?.()
      const entry: Entry = { uuid, chunks, lengths, sha256: hash.digest('hex') }
      await this.commit(index, sequence, entry)
    } catch (cause) {
      throw new Error(
        `checkpoint ${name} at ${sequence} could not be stored in Redis (${reasonOf(cause)}): the ones before it are ` +
          'kept; save again when Redis answers and has room',
        { cause },
      )
    }
  }

  async list(name: string): Promise<readonly StoredCheckpoint[]> {
    checkNameAndSequence(name)
    const entries = await this.ask(() => this.redis.hgetall(this.indexOf(name)))
    return Object.entries(entries)
      .map(([sequence, text]) => ({ sequence: Number(sequence), text }))
      .sort((a, b) => b.sequence - a.sequence)
      .map(({ sequence, text }) => ({ sequence, load: () => this.load(name, sequence, text) }))
  }

  private async commit(index: string, sequence: number, entry: Entry): Promise<void> {
    const chunkKeys = Array.from({ length: entry.chunks }, (_, chunk) => `${index}:${entry.uuid}:${chunk}`)
    const args = [sequence, keptCheckpoints, JSON.stringify(entry)]
    const outcome = await runScript(this.redis, commitScript, { keys: [index, ...chunkKeys], args })
    if (outcome !== 'committed') throw new Error('its chunks were gone before it was whole, it took too long')
  }

  private async load(name: string, sequence: number, text: string): Promise<LoadOutcome> {
    const broken = (reason: string): LoadOutcome => ({
      kind: 'broken',
      reason: `checkpoint ${name} at ${sequence} in Redis cannot be used: ${reason}`,
    })
    const entry = entryIn(text)
    if (entry === undefined) return broken('its entry cannot be read')
    const hash = createHash('sha256').update(headOf({ name, sequence, lengths: entry.lengths }))
    const chunks: Buffer[] = []
    for (let chunk = 0; chunk < entry.chunks; chunk++) {
      const key = `${this.indexOf(name)}:${entry.uuid}:${chunk}`
      const bytes = await this.ask(() => this.redis.getBuffer(key))
      if (bytes === null) return broken(`chunk ${chunk} of ${entry.chunks} is not there`)
      hash.update(bytes)
      chunks.push(bytes)
    }
    return hash.digest('hex') === entry.sha256
      ? { kind: 'loaded', checkpoint: { sequence, parts: partsFrom(chunks, entry.lengths) } }
      : broken('its bytes are not those that were written, the SHA-256 differs')
  }

  /** A store that does not answer has not lost anything: who restores waits for it. */
  private async ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question()
    } catch (cause) {
      throw new UnreachableError(
        `the checkpoints in Redis cannot be read (${reasonOf(cause)}); start again when it answers`,
        { cause },
      )
    }
  }

  private indexOf(name: string): string {
    return `${this.namespace}:{checkpoint.${name}}`
  }
}

/** What of a checkpoint is beside its bytes. */
interface Entry {
  readonly uuid: string
  readonly chunks: number
  readonly lengths: readonly number[]
  readonly sha256: string
}

/** So long may saving take; what a crash left half written is gone after that. */
const asideSeconds = 3_600
/** Small enough that no other command waits long behind it. */
const chunkBytes = 1_048_576

/**
 * Makes a checkpoint of chunks that were written aside, and lets the chunks of those go that it pushes out: of the same
 * sequence the one before, and of older ones all but the newest. Newer ones stay, they may be broken or not.
 */
const commitLua = `
local index, sequence, kept, entry = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
for i = 2, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 0 then return 'gone' end
end
local function drop(other)
  local known = cjson.decode(redis.call('HGET', index, other))
  for chunk = 0, known.chunks - 1 do redis.call('UNLINK', index .. ':' .. known.uuid .. ':' .. chunk) end
  redis.call('HDEL', index, other)
end
if redis.call('HEXISTS', index, ARGV[1]) == 1 then drop(ARGV[1]) end
for i = 2, #KEYS do redis.call('PERSIST', KEYS[i]) end
redis.call('HSET', index, ARGV[1], entry)
local older = {}
for _, other in ipairs(redis.call('HKEYS', index)) do
  if tonumber(other) <= sequence then table.insert(older, other) end
end
table.sort(older, function(a, b) return tonumber(a) > tonumber(b) end)
for i = kept + 1, #older do drop(older[i]) end
return 'committed'
`
const commitScript: Script = { lua: commitLua, sha: createHash('sha1').update(commitLua).digest('hex') }

function entryIn(text: string): Entry | undefined {
  try {
    const { uuid, chunks, lengths, sha256 } = JSON.parse(text) as Entry
    const isWhole = Number.isSafeInteger(chunks) && lengths.every((length) => Number.isSafeInteger(length))
    return isWhole ? { uuid, chunks, lengths, sha256 } : undefined
  } catch {
    return undefined
  }
}

function headOf(head: { name: string; sequence: number; lengths: readonly number[] }): string {
  return JSON.stringify([head.name, head.sequence, head.lengths])
}

/** The bytes of all parts in chunks of one size, the last one shorter. */
function* chunksOf(parts: readonly Uint8Array[]): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(chunkBytes)
  let filled = 0
  for (const part of parts) {
    for (let at = 0; at < part.length;) {
      const piece = part.subarray(at, at + chunkBytes - filled)
      chunk.set(piece, filled)
      filled += piece.length
      at += piece.length
      if (filled < chunkBytes) continue
      yield chunk
      chunk = Buffer.allocUnsafe(chunkBytes)
      filled = 0
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}

/** Each part in memory of its own. The bytes are verified, so the lengths add up. */
function partsFrom(chunks: readonly Buffer[], lengths: readonly number[]): Uint8Array[] {
  let chunk = 0
  let offset = 0
  return lengths.map((length) => {
    const part = new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      const piece = chunks[chunk]!.subarray(offset, offset + length - filled)
      part.set(piece, filled)
      filled += piece.length
      offset += piece.length
      if (offset < chunks[chunk]!.length) continue
      chunk++
      offset = 0
    }
    return part
  })
}
