/**
 * The state of a view as named arrays and small values: what a checkpoint stores. Arrays are written as they lie in
 * memory, so that saving costs a copy and loading another.
 */
export class SnapshotWriter {
  private readonly entries: { name: string; type: ArrayName; length: number }[] = []
  private readonly buffers: Uint8Array[] = []
  private readonly values: Record<string, unknown> = {}
  private readonly names = new Set<string>()

  /** Records an array; it is not copied, so that it must not change until the parts are stored. */
  array(name: string, array: SnapshotArray): void {
    this.claim(name)
    this.entries.push({ name, type: array.constructor.name as ArrayName, length: array.length })
    this.buffers.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  }

  /** Records a plain value: numbers, words, lists and objects of them; an infinite number becomes null. */
  value(name: string, value: unknown): void {
    this.claim(name)
    this.values[name] = value
  }

  /** Two things of one name would come back as one. */
  private claim(name: string): void {
    if (this.names.has(name))
      throw new Error(`the snapshot has a "${name}" already; give each part its own name`)
    this.names.add(name)
  }

  /** The directory as JSON, then the bytes of each array. */
  parts(): Uint8Array[] {
    const directory = JSON.stringify({ entries: this.entries, values: this.values })
    return [new TextEncoder().encode(directory), ...this.buffers]
  }
}

export class SnapshotReader {
  private readonly arrays = new Map<string, SnapshotArray<ArrayBuffer>>()
  private readonly values: Record<string, unknown>

  /** Reads what `SnapshotWriter.parts` gave; throws when a part is missing or short. */
  constructor(parts: readonly Uint8Array[]) {
    const directory = JSON.parse(new TextDecoder().decode(parts[0])) as {
      entries: { name: string; type: ArrayName; length: number }[]
      values: Record<string, unknown>
    }
    this.values = directory.values
    directory.entries.forEach(({ name, type, length }, index) => {
      const part = parts[index + 1]
      const Type = arrayTypes[type]
      if (part?.length !== length * Type.BYTES_PER_ELEMENT) {
        throw new Error(
          `the snapshot should hold ${length} numbers of "${name}", got ${part?.length ?? 0} bytes`,
        )
      }
      // A copy of its own: aligned, and free to change.
      this.arrays.set(name, new Type(part.slice().buffer))
    })
  }

  uint8(name: string): Uint8Array {
    return this.typed(name, Uint8Array)
  }

  uint32(name: string): Uint32Array<ArrayBuffer> {
    return this.typed(name, Uint32Array)
  }

  float32(name: string): Float32Array {
    return this.typed(name, Float32Array)
  }

  float64(name: string): Float64Array {
    return this.typed(name, Float64Array)
  }

  number(name: string): number {
    return this.value<number>(name)
  }

  /** The caller names the type that it wrote; a checkpoint is verified whole before it gets here. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  value<T>(name: string): T {
    if (!(name in this.values)) throw new Error(`the snapshot lacks "${name}"; it is of another version`)
    return this.values[name] as T
  }

  private typed<T extends SnapshotArray<ArrayBuffer>>(
    name: string,
    Type: abstract new (...args: never[]) => T,
  ): T {
    const array = this.arrays.get(name)
    if (array instanceof Type) return array
    throw new Error(`the snapshot lacks the ${Type.name} "${name}"; it is of another version`)
  }
}

export type SnapshotArray<Memory extends ArrayBufferLike = ArrayBufferLike> =
  Uint8Array<Memory> | Uint32Array<Memory> | Float32Array<Memory> | Float64Array<Memory>
type ArrayName = keyof typeof arrayTypes

const arrayTypes = { Uint8Array, Uint32Array, Float32Array, Float64Array } as const
