/**
 * From where on copies of what was sent may be on their way. A send whose outcome is unknown is sent again, and the first
 * copy may still arrive, behind records that followed it. Where the latest record of a key holds, an older one would hold then;
 * so what is the latest of each key is sent once more, as soon as no copy can arrive any more.
 */
export class LateCopies {
  private notes: { readonly position: number; readonly atMs: number }[] = []

  /** Notes that copies of records from this position on may arrive; never below the last. */
  note(position: number): void {
    this.notes.push({ position, atMs: performance.now() })
  }

  /** The position from which on an older record may come to hold; undefined where none can. */
  get from(): number | undefined {
    return this.notes[0]?.position
  }

  /** Whether the copies noted first have all arrived. */
  get isDue(): boolean {
    return this.notes.length > 0 && hasArrived(this.notes[0]!)
  }

  /** What has arrived does no harm any more, since what holds was sent behind it. */
  settle(): void {
    this.notes = this.notes.filter((note) => !hasArrived(note))
  }
}

function hasArrived({ atMs }: { readonly atMs: number }): boolean {
  return performance.now() >= atMs + arrivedAfterMs
}

/** What lies in the buffers of a broker is worked off long before, or its connection is gone: a request waits for 15 s at most. */
const arrivedAfterMs = 60_000
