import { setImmediate as nextTurn } from 'node:timers'
import { seeded } from '../support/seeded'

/** Whose turn it is: an instance of assay, or the world around it. */
export class Process {
  isDead = false
  /** Stopped by its machine until then; what happens to it meanwhile happens when it wakes. */
  sleepsUntilMs = 0
  /** How far its clock on the wall is off. */
  clockOffMs = 0
  /** Until then it has its hands full with what it has fetched. */
  isBusyUntilMs = 0

  constructor(readonly name: string) {}
}

/** Something that is to happen. */
export interface Turn {
  readonly dueMs: number
  readonly order: number
  readonly owner: Process
  readonly run: () => void
  isCancelled: boolean
}

/** Chance, all of it from one seed. */
export class Chance {
  private readonly random: () => number

  constructor(seed: number) {
    this.random = seeded(seed)
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least)
  }

  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1))
  }

  is(probability: number): boolean {
    return this.random() < probability
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)]!
  }
}

/**
 * Virtual time, and one thing after the other: each turn runs until nothing of it is left to do, then the next one in time
 * begins. So a run is a function of its seed. What a turn begins belongs to the process whose turn it is.
 */
export class Scheduler {
  nowMs = 0
  /** Whose turn it is. */
  current: Process
  turns = 0
  readonly chance: Chance
  readonly world = new Process('world')
  /** Told of every write to a topic or a checkpoint: before it leaves its process, and when it is done where it goes. */
  onWrite: ((process: Process, when: 'before' | 'done') => void) | undefined
  private readonly heap: Turn[] = []
  private order = 0

  constructor(seed: number) {
    this.chance = new Chance(seed)
    this.current = this.world
  }

  /** Lets something happen after so long, to the process whose turn it is or to another one. */
  after(delayMs: number, run: () => void, owner = this.current): Turn {
    const dueMs = this.nowMs + Math.max(0, delayMs)
    const turn: Turn = { dueMs, order: this.order++, owner, run, isCancelled: false }
    this.push(turn)
    return turn
  }

  /** Resolves for whoever waits, after so long. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve))
  }

  /** Tells of a write; never resolves when its process died of that. */
  async write(process: Process, when: 'before' | 'done'): Promise<void> {
    this.onWrite?.(process, when)
    if (process.isDead) await new Promise(() => undefined)
  }

  /** Runs until it is done, or nothing is left to happen, or time is up; says whether it is done. */
  async run(isDone: () => boolean, untilMs: number): Promise<boolean> {
    for (;;) {
      await new Promise<void>((resolve) => void nextTurn(resolve))
      if (isDone()) return true
      const turn = this.next()
      if (turn === undefined || turn.dueMs > untilMs) return false
      this.nowMs = Math.max(this.nowMs, turn.dueMs)
      this.current = turn.owner
      this.turns++
      turn.run()
    }
  }

  private next(): Turn | undefined {
    for (let turn = this.pop(); turn !== undefined; turn = this.pop()) {
      const { owner } = turn
      if (turn.isCancelled || owner.isDead) continue
      if (owner.sleepsUntilMs <= turn.dueMs) return turn
      this.push({ ...turn, dueMs: owner.sleepsUntilMs })
    }
    return undefined
  }

  private push(turn: Turn): void {
    const { heap } = this
    let at = heap.push(turn) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(turn, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = turn
  }

  private pop(): Turn | undefined {
    const { heap } = this
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last!)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last!
    return first
  }
}

function isBefore(one: Turn, other: Turn): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order)
}
